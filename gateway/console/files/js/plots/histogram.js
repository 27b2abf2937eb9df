/** How often values between 0 and 1 occur, in twenty classes. */

import { h, s } from "../dom.js";
import { number, plural } from "../words.js";
import { BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH } from "./chart.js";
import { ticks } from "./ticks.js";

const CLASSES = 20;

export function histogram({ title, x, values }) {
  if (values.length === 0) return h("figure", { class: "chart" }, h("figcaption", null, title), h("p", { class: "soft" }, "There is nothing to count."));
  const counts = counted(values);
  const most = Math.max(...counts);
  const wide = (WIDTH - LEFT - RIGHT) / CLASSES;
  const up = (count) => HEIGHT - BOTTOM - (count / most) * (HEIGHT - TOP - BOTTOM);
  const grid = ticks(0, most, 4).map((count) => [
    s("line", { class: "axis", x1: LEFT, x2: WIDTH - RIGHT, y1: up(count), y2: up(count) }),
    s("text", { x: LEFT - 5, y: up(count) + 4, "text-anchor": "end" }, number(count)),
  ]);
  const marks = [0, 0.25, 0.5, 0.75, 1].map((at) => s("text", { x: LEFT + at * (WIDTH - LEFT - RIGHT), y: HEIGHT - BOTTOM + 15, "text-anchor": "middle" }, at));
  const bars = counts.map((count, at) => s("rect", { x: LEFT + at * wide + 1, y: up(count), width: wide - 2, height: HEIGHT - BOTTOM - up(count) },
    s("title", null, `${number(at / CLASSES)} to ${number((at + 1) / CLASSES)}: ${count}`)));
  const half = values.filter((value) => value >= 0.5).length;
  return h("figure", { class: "chart" }, h("figcaption", null, title),
    s("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${title}: ${plural(values.length, "unique sequence")}, ${half} of them at 0.5 or above.` },
      s("g", { "aria-hidden": "true" }, grid, marks, s("text", { x: 4, y: 11 }, "unique sequences"), s("text", { x: WIDTH - RIGHT, y: HEIGHT - 4, "text-anchor": "end" }, x)),
      s("g", { class: "s1" }, bars)));
}

function counted(values) {
  const counts = new Array(CLASSES).fill(0);
  for (const value of values) counts[Math.min(CLASSES - 1, Math.floor(value * CLASSES))] += 1;
  return counts;
}
