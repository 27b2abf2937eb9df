/** Quality findings, gravest first: what a number must not be read without. */

import { badge, h, section } from "../dom.js";
import { number, percent, plural, spoken } from "../words.js";

const SEVERITIES = ["unusable", "warning", "info"];
const KINDS = { unusable: "bad", warning: "care", info: "plain" };

export function findings(result) {
  const groups = [...grouped(result.channels)].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  const lines = [...result.warnings.map(warning), ...doubtfulRate(result.rate), ...groups.map(group)];
  return section("Quality",
    lines.length ? h("ul", { class: "findings" }, lines) : h("p", null, badge("good", "good"), " Nothing was found that numbers have to be doubted for."),
    leftOut(result.left_out_channels));
}

/** Findings of one kind, over all channels that have it. */
function grouped(channels) {
  const groups = new Map();
  for (const { label, features } of channels) {
    for (const { code, severity, message } of features.findings) {
      const key = `${severity} ${code}`;
      if (!groups.has(key)) groups.set(key, { code, severity, found: [] });
      groups.get(key).found.push({ label, message });
    }
  }
  return groups.values();
}

function group({ code, severity, found }) {
  const head = [badge(severity, KINDS[severity]), " ", h("strong", null, spoken(code)), ` · ${plural(found.length, "channel")}`];
  const lines = h("ul", null, found.map(({ label, message }) => h("li", null, h("strong", null, label), `: ${message}`)));
  return h("li", null, found.length > 3 ? h("details", null, h("summary", null, head), lines) : [head, lines]);
}

function warning({ code, message }) {
  return h("li", null, badge("warning", "care"), " ", h("strong", null, spoken(code)), ` · ${message}`);
}

function doubtfulRate({ declared_hz: declared, estimated_hz: estimated, confidence }) {
  if (confidence !== "high" || estimated === null || Math.abs(estimated / declared - 1) < 0.005) return [];
  const text = ` · The file declares ${number(declared, 5)} Hz, mains interference shows ${number(estimated, 5)} Hz (${percent(100 * (estimated / declared - 1), 1)}). Every time and frequency depends on it.`;
  return [h("li", null, badge("warning", "care"), " ", h("strong", null, "Sampling rate"), text)];
}

function leftOut(channels) {
  if (channels.length === 0) return null;
  return h("details", null, h("summary", null, `${plural(channels.length, "channel")} not analysed`),
    h("ul", null, channels.map(({ label, reason }) => h("li", null, `${label}: ${spoken(reason).toLowerCase()}`))));
}
