/** Questions that have to be answered before something is done that cannot be undone. */

import { h } from "./dom.js";

/**
 * Ask before doing.
 * @param {{title: string, text: string, act: string, word?: string}} asked `word` has to be typed where the matter is grave
 * @returns {Promise<{note: string} | null>} null where it is not to be done
 */
export function confirmed({ title, text, act, word }) {
  return new Promise((resolve) => {
    const typed = h("input", { id: "confirm-word", autocomplete: "off", oninput: () => weigh() });
    const note = h("input", { id: "confirm-note", maxlength: 500, autocomplete: "off" });
    const doing = h("button", { class: "grave", value: "do" }, act);
    const weigh = () => (doing.disabled = Boolean(word) && typed.value.trim() !== word);
    const form = h("form", { method: "dialog" },
      h("h2", { id: "confirm-title" }, title),
      h("p", null, text),
      word && h("p", null, h("label", { class: "field" }, `Type “${word}” to go on`, typed)),
      h("p", null, h("label", { class: "field" }, "Why (for the audit, may stay empty)", note)),
      h("div", { class: "row" }, h("button", { value: "" }, "Keep everything"), doing));
    const dialog = h("dialog", { "aria-labelledby": "confirm-title" }, form);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "do" && !doing.disabled ? { note: note.value } : null);
    });
    weigh();
    document.body.append(dialog);
    dialog.showModal();
  });
}
