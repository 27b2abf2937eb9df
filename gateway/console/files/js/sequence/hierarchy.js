/** The tree of taxa as an icicle: the width is the reads, each row a rank; any taxon can be made the whole. */

import { h, refill, s, section } from "../dom.js";
import { pageWidth } from "../plots/width.js";
import { percent, plural } from "../words.js";
import { label } from "./composition.js";

const ROW = 30;
const LEAST_WIDTH = 2;

export function hierarchy({ hierarchy: root }) {
  if (!root?.reads) return section("Hierarchy", h("p", null, "There is nothing to draw."));
  const place = h("div");
  const nodes = listed(root);
  const choice = h("select", { onchange: () => show(nodes[choice.selectedIndex].node) },
    nodes.map(({ node, depth }) => h("option", null, `${"  ".repeat(depth)}${node.name || "All"} (${percent((100 * node.reads) / root.reads, 1)})`)));
  const show = (node) => {
    choice.selectedIndex = nodes.findIndex((one) => one.node === node);
    refill(place, icicle(node, show));
  };
  show(root);
  return section("Hierarchy", h("p", { class: "row noprint" }, h("label", { class: "row" }, "Within", choice), h("button", { onclick: () => show(root) }, "Whole sample")), place);
}

/** The taxa that are wide enough to be looked into, from the root down. */
function listed(root) {
  const found = [];
  const walk = (node, depth) => {
    if (depth && node.reads < 0.01 * root.reads) return;
    if (!depth || node.children.length) found.push({ node, depth });
    node.children.forEach((child) => walk(child, depth + 1));
  };
  walk(root, 0);
  return found;
}

function icicle(root, onChoice) {
  const whole = pageWidth();
  const pieces = [];
  const walk = (node, left, depth) => {
    const width = (node.reads / root.reads) * whole;
    if (width < LEAST_WIDTH) return depth;
    pieces.push(piece(node, root, left, width, depth, onChoice));
    let [at, deepest] = [left, depth];
    for (const child of node.children) {
      deepest = Math.max(deepest, walk(child, at, depth + 1));
      at += (child.reads / root.reads) * whole;
    }
    return deepest;
  };
  const deepest = walk(root, 0, 0);
  const said = root.children.slice(0, 5).map((child) => `${child.name} ${percent((100 * child.reads) / root.reads)}`).join(", ");
  return h("figure", { class: "chart" }, s("svg", { viewBox: `0 0 ${whole} ${(deepest + 1) * ROW}`, role: "img", "aria-label": `${root.name || "All"}, ${plural(root.reads, "read")}: ${said}.` }, pieces));
}

function piece(node, root, x, width, depth, onChoice) {
  const color = node.color || "#8a979e";
  return s("g", { class: node.children.length ? "inner" : null, onclick: () => node.children.length && onChoice(node) },
    s("title", null, `${node.rank ? `${node.rank}: ` : ""}${node.name || "All"}, ${plural(node.reads, "read")}, ${percent((100 * node.reads) / root.reads, 1)}`),
    s("rect", { x, y: depth * ROW, width: Math.max(0.5, width - 1), height: ROW - 2, fill: color }),
    width > 40 && label(node.name || "All", color, x + 5, depth * ROW + ROW / 2 + 3, width - 8));
}
