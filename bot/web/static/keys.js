// Keys: `/` asks, arrows go through the sources, `?` lists what there is.

import { button, find, make } from "./elements.js";

const KEYS = [
  ["/", "Ask"],
  ["Enter", "Send the question"],
  ["Shift + Enter", "Break the line"],
  ["↓ ↑", "The next or the previous source; Enter opens it"],
  ["Esc", "Close the article, or stop answering"],
  ["?", "This list"],
];

/** `stop()` stops what is being answered, and says whether something was. */
export function listenToKeys({ stop, closeArticle }) {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      // An open dialog is closed by the browser.
      if (!document.querySelector("dialog[open]") && !closeArticle()) stop();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const act = { "/": () => find("question").focus(), "?": showKeys }[event.key];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (act || (step && goToSource(step))) {
      event.preventDefault();
      act?.();
    }
  });
}

function isTyping(element) {
  return element.closest("input, textarea, select, .text, dialog") !== null;
}

/** From the answer to its first source, then on; where there is none, the page scrolls. */
function goToSource(step) {
  const sources = [...document.querySelectorAll(".turn .card .quiet")];
  const at = sources.indexOf(document.activeElement);
  const turn = document.activeElement.closest(".turn");
  const first = turn ? sources.findIndex((source) => turn.contains(source)) : 0;
  const next = at < 0 ? first : at + step;
  if (next < 0 || next >= sources.length) return false;
  sources[next].focus();
  return true;
}

function showKeys() {
  const rows = KEYS.flatMap(([key, does]) => [make("dt", {}, make("kbd", {}, key)), make("dd", {}, does)]);
  const close = button("Close", () => dialog.close());
  const dialog = make(
    "dialog",
    { class: "keys", "aria-labelledby": "keys-heading", onclose: () => dialog.remove() },
    make("h2", { class: "ruled", id: "keys-heading" }, "Keys"),
    make("dl", {}, ...rows),
    close,
  );
  document.body.append(dialog);
  dialog.showModal();
}
