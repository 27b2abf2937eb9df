/** Elements, made without markup: whatever comes out of a file is text and stays text. */

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Node | string | number | null | undefined | false | Content[]} Content */

/**
 * Make an HTML element. Attributes that begin with "on" are listeners; true, false and null switch an attribute.
 * @param {string} name
 * @param {Record<string, any> | null} [attributes]
 * @param {...Content} content
 */
export function h(name, attributes, ...content) {
  return filled(document.createElement(name), attributes, content);
}

/** The same for SVG. */
export function s(name, attributes, ...content) {
  return filled(document.createElementNS(SVG, name), attributes, content);
}

function filled(element, attributes, content) {
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, String(value));
  }
  put(element, content);
  return element;
}

function put(element, content) {
  for (const item of [content].flat(Infinity)) {
    if (item !== null && item !== undefined && item !== false) element.append(item);
  }
}

/** Put new content in the place of the old. */
export function refill(element, ...content) {
  element.replaceChildren();
  put(element, content);
  return element;
}

/** The same for what is shown again and again: how far its tables were scrolled, and the focus on one, stay. */
export function renew(element, ...content) {
  const before = new Map(Array.from(element.querySelectorAll(".scroll"), (region) => [region.getAttribute("aria-label"), region]));
  const far = new Map(Array.from(before, ([name, region]) => [name, region.scrollLeft]));
  const held = [...before.keys()].find((name) => before.get(name) === document.activeElement);
  refill(element, ...content);
  for (const region of element.querySelectorAll(".scroll")) {
    const name = region.getAttribute("aria-label");
    region.scrollLeft = far.get(name) ?? 0;
    if (name === held) region.focus({ preventScroll: true });
  }
}

/** Say something to those who do not see the page. */
export function announce(text) {
  document.getElementById("said").textContent = text;
}

/** A section with its heading. */
export function section(title, ...content) {
  return h("section", { "aria-label": title }, h("h2", null, title), ...content);
}

/** Up to this length a badge stays on one line, also in a narrow column. */
const SHORT = 10;

export function badge(text, kind = "plain") {
  return h("span", { class: `badge ${kind}` }, text.length <= SHORT ? text.replaceAll(" ", "\u00a0") : text);
}

export function notice(kind, ...content) {
  return h("div", { class: `notice ${kind}` }, ...content);
}

/** A list of terms and what they are; entries without a value are left out. */
export function facts(entries) {
  const told = entries.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return h("dl", { class: "facts" }, told.map(([term, value]) => [h("dt", null, term), h("dd", null, value)]));
}

/**
 * A table. A column is {head, cell: row => Content, number?: boolean, title?: string}; the first heads its row.
 */
export function table(caption, columns, rows, { rowClass } = {}) {
  const head = columns.map(({ head, number, title }) => h("th", { scope: "col", class: number && "number", title }, head));
  const body = rows.map((row) => h("tr", { class: rowClass?.(row) || null }, columns.map((column, at) => cell(column, row, at))));
  const built = h("table", null, h("caption", null, caption), h("thead", null, h("tr", null, head)), h("tbody", null, body));
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption }, built);
}

function cell({ cell, number }, row, at) {
  const kind = number ? "number" : null;
  return at === 0 ? h("th", { scope: "row", class: kind }, cell(row)) : h("td", { class: kind }, cell(row));
}
