/** The token of this visit, where the gateway asks for one. It is kept until the tab is closed, and nowhere else. */

import { h } from "./dom.js";

const KEPT = "token";

/** The header that shows it; none without one. */
export function credentials() {
  const token = sessionStorage.getItem(KEPT);
  return token ? { Authorization: `Bearer ${token}` } : {};
}

/** Ask for a token; `onChange` hears when it was given or taken back. */
export function askForToken(onChange) {
  const input = h("input", { type: "password", id: "token-text", autocomplete: "off", value: sessionStorage.getItem(KEPT) ?? "" });
  const dialog = h("dialog", { "aria-labelledby": "token-title" }, h("form", { method: "dialog" },
    h("h2", { id: "token-title" }, "Token"),
    h("p", null, "Where the gateway knows tokens, each request shows one. It says whose results you see and what you may do."),
    h("p", null, h("label", { class: "field" }, "Your token; empty for none", input)),
    h("div", { class: "row" }, h("button", { class: "chief", value: "use" }, "Use it"), h("button", { value: "" }, "Leave it as it is"))));
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (dialog.returnValue !== "use") return;
    sessionStorage.setItem(KEPT, input.value.trim());
    onChange();
  });
  document.body.append(dialog);
  dialog.showModal();
}
