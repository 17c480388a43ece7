// A place to write: Enter sends, Shift+Enter breaks the line, "/" and "@" offer what can follow.
export default {
  props: { label: String, name: String, suggestions: Array, shut: String },
  emits: ["send"],
  data: () => ({ text: "", chosen: 0, isShut: false }),
  computed: {
    word() {
      return this.text.startsWith("/") ? this.text : (/(?:^|\s)(@[\w.-]*)$/.exec(this.text)?.[1] ?? "");
    },
    offered() {
      if (!this.word || this.isShut) return [];
      const begun = this.word.toLowerCase();
      const fitting = (this.suggestions ?? []).filter((s) => s.text.toLowerCase().startsWith(begun));
      return fitting.filter((s) => s.text !== this.text.trimEnd()).slice(0, 9);
    },
  },
  methods: {
    typed() {
      this.isShut = false;
      this.chosen = 0;
      this.$nextTick(() => {
        this.$refs.box.style.height = "auto";
        this.$refs.box.style.height = `${this.$refs.box.scrollHeight}px`;
      });
    },
    take(suggestion) {
      this.text = `${this.text.slice(0, this.text.length - this.word.length)}${suggestion.text} `;
      this.typed();
      this.$refs.box.focus();
    },
    send() {
      if (!this.text.trim()) return;
      this.$emit("send", this.text);
      this.text = "";
      this.typed();
    },
    pressed(event) {
      const open = this.offered.length > 0;
      if (open && ["ArrowDown", "ArrowUp"].includes(event.key)) {
        event.preventDefault();
        const step = event.key === "ArrowDown" ? 1 : -1;
        this.chosen = (this.chosen + step + this.offered.length) % this.offered.length;
      } else if (open && event.key === "Tab" && !event.shiftKey) {
        event.preventDefault();
        this.take(this.offered[this.chosen]);
      } else if (event.key === "Escape" && open) {
        event.stopPropagation();
        this.isShut = true;
      } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.send();
      }
    },
  },
  template: `
    <form class="composer" @submit.prevent="send">
      <ul v-if="offered.length" class="suggestions" role="listbox" :id="name + '-list'" :aria-label="'Suggestions'">
        <li v-for="(each, place) in offered" :key="each.text" role="option" :id="name + '-' + place"
            :aria-selected="place === chosen" @mousedown.prevent="take(each)">
          <b>{{ each.text }}</b> <small>{{ each.about }}</small>
        </li>
        <li class="keys" aria-hidden="true">Tab to complete · ↑ ↓ to choose · Enter to send</li>
      </ul>
      <textarea ref="box" v-model="text" rows="1" :placeholder="shut || label" :aria-label="label" :disabled="!!shut" role="combobox"
        aria-autocomplete="list" :aria-expanded="offered.length > 0" :aria-controls="name + '-list'"
        :aria-activedescendant="offered.length ? name + '-' + chosen : null"
        @input="typed" @keydown="pressed"></textarea>
      <button type="submit" class="button primary" :disabled="!text.trim()">Send</button>
    </form>`,
};
