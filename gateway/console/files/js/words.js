/** Numbers, times and codes as people read them. */

const NOTHING = "–";

/** A number to so many significant digits; a dash where there is none. */
export function number(value, digits = 3) {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-3 || size >= 1e7)) return value.toExponential(digits - 1);
  const fraction = Math.max(0, digits - 1 - Math.floor(Math.log10(Math.max(size, 1e-12))));
  return value.toLocaleString("en", { maximumFractionDigits: Math.min(fraction, 6) });
}

export function fixed(value, fraction = 1) {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
  return value.toLocaleString("en", { minimumFractionDigits: fraction, maximumFractionDigits: fraction });
}

export function percent(value, fraction = 0) {
  return value === null || value === undefined ? NOTHING : `${fixed(value, fraction)} %`;
}

export function bytes(count) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = count > 0 ? Math.min(units.length - 1, Math.floor(Math.log2(count) / 10)) : 0;
  return `${fixed(count / 1024 ** power, power ? 1 : 0)} ${units[power]}`;
}

export function seconds(count) {
  if (count === null || count === undefined) return NOTHING;
  if (count < 1) return `${number(count * 1000)} ms`;
  if (count < 120) return `${number(count)} s`;
  if (count < 7200) return `${number(count / 60)} min`;
  return `${number(count / 3600)} h`;
}

export function time(iso) {
  return iso ? new Date(iso).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" }) : NOTHING;
}

/** Codes whose words alone would not be understood. */
const SAID = {
  no_rpe: "No rating of perceived exertion was given",
  no_expected_count: "Nobody said how many were expected",
  no_reference: "No reference amplitude was given",
  no_pair: "No two channels are left and right of one muscle",
  no_game_score: "The game's score or its highest is not known",
  low_snr: "Contractions hardly stand out",
};

/** What stands in codes, as a sentence begins: `at_end` is "At end". */
export function spoken(code) {
  if (!code) return NOTHING;
  if (code in SAID) return SAID[code];
  const text = String(code).replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** How far something has come, with the stage where it is known. */
export function goingOn({ stage, fraction }) {
  return [stage ? stage.replaceAll("_", " ") : "running", fraction === null ? "" : percent(100 * fraction)].filter(Boolean).join(", ");
}

export function plural(count, one, many = `${one}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

export function yesNo(value) {
  return value === null || value === undefined ? NOTHING : value ? "yes" : "no";
}
