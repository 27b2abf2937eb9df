/** Left against right, and opposing muscles. */

import { h, section, table } from "../dom.js";
import { percent, seconds, spoken } from "../words.js";

export function pairs({ symmetries, cocontractions }) {
  if (symmetries.length + cocontractions.length === 0) return null;
  return section("Pairs of muscles",
    symmetries.length > 0 && table("Symmetry; a positive index says that the right side does more", SYMMETRY, symmetries),
    cocontractions.length > 0 && table("Co-contraction", COCONTRACTION, cocontractions));
}

const why = { head: "Why not", cell: (pair) => (pair.unavailable_reason ? spoken(pair.unavailable_reason) : "") };

const SYMMETRY = [
  { head: "Left and right", cell: ({ left, right }) => `${left} · ${right}` },
  { head: "In relation to", cell: ({ is_normalised: is }) => (is ? "each side's maximum" : "microvolts") },
  { head: "Amplitude", number: true, cell: (pair) => percent(pair.amplitude_percent, 1) },
  { head: "Amplitude's index", number: true, cell: (pair) => percent(pair.amplitude_index_percent, 1) },
  { head: "Work", number: true, cell: (pair) => percent(pair.work_percent, 1) },
  { head: "Work's index", number: true, cell: (pair) => percent(pair.work_index_percent, 1) },
  why,
];

const COCONTRACTION = [
  { head: "Muscles", cell: ({ first, second }) => `${first} · ${second}` },
  { head: "Index", number: true, cell: (pair) => percent(pair.index_percent, 1) },
  { head: "Both active", number: true, cell: (pair) => seconds(pair.both_active_ms === null ? null : pair.both_active_ms / 1000) },
  why,
];
