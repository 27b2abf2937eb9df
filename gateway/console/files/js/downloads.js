/** Files made here: tables as CSV, results as JSON. */

/** Offer text as a file. */
export function save(name, text, type) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000); // long enough for the browser to have taken it
}

export function saveJson(name, value) {
  save(name, JSON.stringify(value, null, 2) + "\n", "application/json");
}

/** Save a table; columns are {head, value: row => text | number | null}. */
export function saveCsv(name, columns, rows) {
  save(name, csv(columns, rows), "text/csv");
}

/** A table as RFC 4180 has it. */
export function csv(columns, rows) {
  const lines = [columns.map(({ head }) => head), ...rows.map((row) => columns.map(({ value }) => value(row)))];
  return lines.map((line) => line.map(field).join(",") + "\r\n").join("");
}

function field(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = harmless(String(value));
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A spreadsheet computes text that begins like a formula; an apostrophe keeps it text. */
function harmless(text) {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

/** A file's name without its ending, for the names of what is made of it. */
export function stem(name) {
  return (name || "result").replace(/\.[^.]*$/, "").replace(/[^\w.-]+/g, "_");
}
