// Draws a node that Python described, and tells Python what a person did in it. Vue works out what changed.
import { h } from "vue";

const ATTRIBUTE = new Set(["value", "checked", "selected"]); // as attributes they are first values: typing is kept

function fieldValue(field) {
  if (field.matches("input, textarea, select")) return field.value;
  const ticked = [...field.querySelectorAll("input:checked")].map((box) => box.value);
  return field.getAttribute("role") === "radiogroup" ? (ticked[0] ?? "") : ticked;
}

function gathered(form) {
  return Object.fromEntries([...form.querySelectorAll("[data-field]")].map((f) => [f.dataset.field, fieldValue(f)]));
}

function listeners(tag, attrs, act, emit) {
  if (tag === "form") {
    return {
      onSubmit: (event) => {
        event.preventDefault();
        emit({ ...act, values: gathered(event.target) });
      },
    };
  }
  if (attrs["data-field"] !== undefined) {
    return {
      onChange: (event) => {
        const field = event.currentTarget;
        emit({ ...act, value: fieldValue(field) });
        if (attrs["data-menu"] !== undefined) field.value = ""; // so that the same entry can be chosen again
      },
    };
  }
  return {
    onClick: (event) => {
      if (attrs.href === undefined || attrs.href === "#") event.preventDefault();
      event.stopPropagation();
      event.currentTarget.closest("details.menu-holder")?.removeAttribute("open");
      emit(act);
    },
  };
}

function dialog(act, emit) {
  return {
    onVnodeMounted: (vnode) => {
      vnode.el.showModal();
      const field = vnode.el.querySelector("[autofocus]") ?? vnode.el.querySelector(".dialog-body :is(input, textarea, select)");
      (field ?? vnode.el.querySelector(".dialog-body")).focus();
    },
    onVnodeBeforeUnmount: (vnode) => vnode.el.close(),
    onCancel: (event) => {
      event.preventDefault();
      emit(act);
    },
  };
}

function build(node, emit) {
  if (typeof node === "string") return node;
  const [tag, { act, ...attrs }, ...children] = node;
  const given = {};
  for (const [name, value] of Object.entries(attrs)) given[ATTRIBUTE.has(name) ? "^" + name : name] = value;
  if (tag === "dialog") Object.assign(given, dialog(act, emit));
  else if (act) Object.assign(given, listeners(tag, attrs, act, emit));
  if (given.innerHTML !== undefined) return h(tag, given);
  return h(tag, given, children.length ? children.map((child) => build(child, emit)) : undefined);
}

export default {
  props: { node: null },
  emits: ["act"],
  render() {
    const emit = (act) => this.$emit("act", act);
    return h("div", { class: "tree" }, this.node ? [build(this.node, emit)] : []);
  },
};
