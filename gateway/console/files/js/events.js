/** The events of an analysis, gone on with after a lost connection. (`EventSource` hides what an error says.) */

import { problemIn } from "./api.js";
import { credentials } from "./token.js";

const AGAIN_MS = [500, 1000, 2000, 5000];
const LAST = new Set(["result", "failed", "gone"]);

/** @typedef {{id: string, event: string, data: any}} State */

/**
 * Yield the states of an analysis until its last.
 * @param {string} url
 * @param {AbortSignal} signal
 * @param {(lost: boolean) => void} onConnection hears of a connection lost and found
 * @returns {AsyncGenerator<State>}
 */
export async function* states(url, signal, onConnection = () => {}) {
  let lastId = "";
  for (let tries = 0; ; ) {
    try {
      for await (const state of connected(url, lastId, signal)) {
        if (tries) onConnection(false);
        tries = 0;
        lastId = state.id;
        yield state;
        if (LAST.has(state.event)) return;
      }
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // a TypeError is how fetch says that the network failed
      onConnection(true);
    }
    await rest(AGAIN_MS[Math.min(tries++, AGAIN_MS.length - 1)], signal);
  }
}

async function* connected(url, lastId, signal) {
  const headers = { ...credentials(), ...(lastId ? { "Last-Event-ID": lastId } : {}) };
  const answer = await fetch(url, { headers, signal });
  if (!answer.ok) throw problemIn(await answer.text(), answer.status);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let unread = "";
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    const blocks = (unread + piece.value).split("\n\n");
    unread = blocks.pop();
    for (const block of blocks) {
      const state = parsed(block);
      if (state) yield state;
    }
  }
}

/** @returns {State | null} null for a comment */
export function parsed(block) {
  const fields = { id: "", event: "message", data: "" };
  for (const line of block.split(/\r?\n/)) {
    const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (name in fields) fields[name] = value;
  }
  return fields.data ? { ...fields, data: JSON.parse(fields.data) } : null;
}

function rest(ms, signal) {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}
