/** What the caller's token allows. The services have the last word; this spares people what would be refused. */

import { capabilities } from "./api.js";
import { h } from "./dom.js";

const RANKS = ["reader", "writer", "admin", "service"];

/** @returns {Promise<{namespace: string, role: string} | null>} null where the gateway knows no tokens, so that all may everything */
export async function caller() {
  return (await capabilities()).caller;
}

export function may(who, role) {
  return who === null || RANKS.indexOf(who.role) >= RANKS.indexOf(role);
}

/** Why something is not offered; nothing where it is. */
export function whyNot(who, role, what) {
  return may(who, role) ? null : h("p", { class: "soft noprint" }, `${what} needs the role ${role}; your token has the role ${who.role}.`);
}
