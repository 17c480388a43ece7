// What no tree can do by itself: closing menus, following new messages, Esc, and where a message stands.
const NEAR = 80; // pixels from the end that still count as reading the end

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu-holder[open]")) if (menu !== except) menu.open = false;
}

document.addEventListener("click", (event) => closeMenus(event.target.closest?.("details.menu-holder")));

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = document.querySelector("details.menu-holder[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    } else if (!document.querySelector("dialog[open]")) {
      document.querySelector("[aria-label='Close thread']")?.click();
    }
  }
  const menu = event.target.closest?.("details.menu-holder[open]");
  if (menu && ["ArrowDown", "ArrowUp"].includes(event.key)) {
    event.preventDefault();
    const entries = [...menu.querySelectorAll("[role=menuitem]")];
    const step = event.key === "ArrowDown" ? 1 : -1;
    entries[(entries.indexOf(document.activeElement) + step + entries.length) % entries.length]?.focus();
  }
});

// A scroller follows what is new only while its reader is at the end.
function follow(scroller) {
  let wasAtEnd = scroller.dataset.follow === "end";
  const atEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR;
  scroller.addEventListener("scroll", () => (wasAtEnd = atEnd() && scroller.scrollTop > 0));
  new MutationObserver(() => {
    if (wasAtEnd) scroller.scrollTop = scroller.scrollHeight;
  }).observe(scroller, { childList: true, subtree: true, characterData: true });
}

const seen = new WeakSet();
new MutationObserver(() => {
  for (const scroller of document.querySelectorAll("[data-follow]")) {
    if (!seen.has(scroller)) seen.add(scroller), follow(scroller);
  }
  for (const log of document.querySelectorAll("pre.log")) log.scrollTop = log.scrollHeight;
}).observe(document.documentElement, { childList: true, subtree: true });

window.gonogo = {
  // the state of the page in its address, so that a reload shows the same
  remember: (query) => history.replaceState(null, "", `?${query}`),
  toEnd: (selector) => setTimeout(() => { const s = document.querySelector(selector); if (s) s.scrollTop = s.scrollHeight; }, 60),
  toStart: (selector) => setTimeout(() => { const s = document.querySelector(selector); if (s) s.scrollTop = 0; }, 60),
  show: (id) => setTimeout(() => { const m = document.getElementById(id); m?.scrollIntoView({ block: "center" }); m?.focus(); m?.classList.add("flash"); }, 150),
};
