/** The session's score, each part with its weight or the reason that it has none. */

import { h, section, table } from "../dom.js";
import { fixed, percent, spoken } from "../words.js";

const PARTS = ["compliance", "symmetry", "effort", "game"];
const WITHIN_COMPLIANCE = ["completion", "intensity", "duration"];

/** How many parts there are, and of how many the score is made. */
export function partsOf(told) {
  return { available: PARTS.filter((name) => told[name].percent !== null).length, all: PARTS.length };
}

export function score(told) {
  if (!told) return null;
  const parts = PARTS.flatMap((name) => [{ name, ...told[name] }, ...(name === "compliance" ? WITHIN_COMPLIANCE.map((inner) => ({ name: inner, inner: true, ...told[inner] })) : [])]);
  const head = told.percent === null ? `No score: ${spoken(told.unavailable_reason).toLowerCase()}.` : [h("strong", null, fixed(told.percent)), " of 100, the weighted mean of the parts that are available."];
  return section("Score", h("p", null, head), table("Parts of the score; those of compliance are weighted within it", COLUMNS, parts));
}

const COLUMNS = [
  { head: "Part", cell: ({ name, inner }) => (inner ? `of compliance: ${name}` : spoken(name)) },
  { head: "Value", number: true, cell: (part) => percent(part.percent, 1) },
  { head: "Weight asked for", number: true, cell: ({ weight }) => fixed(weight, 2) },
  { head: "Weight applied", number: true, cell: (part) => fixed(part.applied_weight, 2) },
  { head: "Why not", cell: (part) => (part.unavailable_reason ? spoken(part.unavailable_reason) : "") },
];
