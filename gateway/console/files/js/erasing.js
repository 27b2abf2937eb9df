/** The right to be forgotten: a file and all that follows from it, for good. */

import { ask } from "./api.js";
import { confirmed } from "./dialog.js";
import { h, notice, refill } from "./dom.js";
import { problemNotice } from "./problem.js";
import { plural } from "./words.js";

const WORD = "erase";

/**
 * Ask, erase, and tell in `said` what became of it.
 * @param {{sha256: string, name: string}} file
 * @param {HTMLElement} said
 * @returns {Promise<boolean>} whether it was erased
 */
export async function eraseFile({ sha256, name }, said) {
  const text = "Its bytes, every result that was computed from it, and the names and metadata that came with it are removed for good: in every tier, on every replica, for everybody in this namespace. What is being computed from it is not kept.";
  const asked = await confirmed({ title: `Erase ${name}?`, text, act: "Erase it for good", word: WORD });
  if (!asked) return false;
  try {
    const gone = await ask(`/v1/blobs/${sha256}?${new URLSearchParams({ note: asked.note })}`, { method: "DELETE" });
    refill(said, notice(gone.pending ? "care" : "", h("p", null, h("strong", null, `${name} is erased. `), erased(gone)),
      gone.pending && h("p", null, "A tier is away: what it holds is not served any more, and is removed when it is back."),
      gone.unreached.length > 0 && h("p", null, gone.unreached.join(" "))));
    return true;
  } catch (problem) {
    refill(said, problemNotice(problem));
    return false;
  }
}

function erased({ removed_blobs: blobs, removed_results: results, removed_parts: parts, removed_submissions: submissions, voided_leases: leases }) {
  const counts = [[blobs, "file"], [results, "result"], [parts, "part"], [submissions, "submission"], [leases, "running computation"]];
  const told = counts.filter(([count]) => count > 0).map(([count, what]) => plural(count, what));
  return `Removed: ${told.join(", ") || "nothing that a tier still held"}.`;
}
