/** What a sample is made of: one bar a rank, and the numbers of one rank. */

import { h, refill, s, section, table } from "../dom.js";
import { pageWidth } from "../plots/width.js";
import { percent, spoken } from "../words.js";

const ROW = 34, LABEL = 90;
/** Thinner pieces cannot be told apart; they are in the table. */
const LEAST_SHARE = 0.002;

export function composition({ compositions }) {
  const rows = h("div");
  const choice = h("select", { onchange: () => show(compositions[choice.selectedIndex]) }, compositions.map(({ rank }) => h("option", null, spoken(rank))));
  const show = (one) => refill(rows, table(`Taxa by ${one.rank}`, COLUMNS, all(one)));
  choice.selectedIndex = compositions.findIndex(({ rank }) => rank === tellingRank(compositions));
  if (compositions.length) show(compositions[choice.selectedIndex]);
  return section("Composition", bars(compositions.map((one) => ({ name: spoken(one.rank), taxa: all(one) })), "Composition by rank"),
    h("p", { class: "row noprint" }, h("label", { class: "row" }, "Rank", choice)), rows);
}

/** The highest rank at which there is more than one taxon, else the lowest at which there is any. */
export function tellingRank(compositions) {
  const telling = compositions.find(({ taxa }) => taxa.length > 1) ?? compositions.findLast(({ taxa }) => taxa.length > 0) ?? compositions[0];
  return telling?.rank;
}

function all({ taxa, unassigned }) {
  return unassigned?.reads ? [...taxa, { ...unassigned, name: unassigned.name || "Unassigned" }] : taxa;
}

const COLUMNS = [
  { head: "Taxon", cell: ({ name, color }) => [swatch(color), " ", name] },
  { head: "Lineage", cell: ({ lineage }) => lineage.join(" › ") },
  { head: "Share", number: true, cell: ({ share }) => percent(100 * share, 2) },
  { head: "Reads", number: true, cell: ({ reads }) => reads.toLocaleString("en") },
  { head: "Unique sequences", number: true, cell: ({ sequences }) => sequences.toLocaleString("en") },
];

export function swatch(color) {
  return s("svg", { width: 14, height: 14, viewBox: "0 0 14 14", "aria-hidden": "true" }, s("rect", { width: 14, height: 14, rx: 3, fill: color }));
}

/** Stacked bars, each {name, taxa: {name, share, color}[]}. */
function bars(stacks, title) {
  const width = pageWidth();
  const said = stacks.map(({ name, taxa }) => `${name}: ${taxa.slice(0, 3).map((one) => `${one.name} ${percent(100 * one.share)}`).join(", ")}`);
  return h("figure", { class: "chart" }, s("svg", { viewBox: `0 0 ${width} ${Math.max(1, stacks.length) * ROW}`, role: "img", "aria-label": `${title}. ${said.join(". ")}.` },
    stacks.map((stack, at) => bar(stack, at * ROW, width - LABEL))));
}

function bar({ name, taxa }, top, room) {
  let left = LABEL;
  const pieces = taxa.map(({ name: taxon, share, color }) => {
    const width = share * room;
    const x = left;
    left += width;
    if (share < LEAST_SHARE) return null;
    return s("g", null, s("title", null, `${taxon}, ${percent(100 * share, 1)}`),
      s("rect", { x, y: top + 3, width: Math.max(0.5, width - 1), height: ROW - 8, fill: color }),
      width > 60 && label(taxon, color, x + 5, top + ROW / 2 + 3, width - 8));
  });
  return s("g", null, s("text", { x: 0, y: top + ROW / 2 + 3 }, name), pieces);
}

/** A name on a colour, cut to the room there is. */
export function label(text, color, x, y, width) {
  const room = Math.floor(width / 6.2);
  return s("text", { x, y, class: isDark(color) ? "on-dark" : "on-light" }, text.length > room ? `${text.slice(0, Math.max(1, room - 1))}…` : text);
}

function isDark(color) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue < 140;
}
