/** All channels in one table; one of them is looked at. */

import { badge, h, section, table } from "../dom.js";
import { saveCsv, stem } from "../downloads.js";
import { fixed, number } from "../words.js";

const COLUMNS = [
  { head: "Contractions", value: ({ features }) => (features.unusable_reason ? null : features.contractions.length) },
  { head: "Under tension, s", value: ({ features }) => scaled(features.contraction_summary?.total_ms, 1e-3) },
  { head: "RMS, µV", value: ({ features }) => features.amplitude?.rms_uv },
  { head: "Peak envelope, µV", value: ({ features }) => features.contraction_summary?.peak_envelope_uv },
  { head: "Threshold, µV", value: ({ features }) => features.baseline?.threshold_uv },
  { head: "Noise, µV", value: ({ features }) => features.quality?.noise_uv },
  { head: "SNR, dB", value: ({ features }) => features.quality?.snr_db },
];

/** @param {(channel: any) => void} onChoice */
export function channelTable(channels, job, onChoice) {
  const shown = (value) => (Number.isInteger(value) ? String(value) : number(value));
  const columns = [
    { head: "Channel", cell: (channel) => h("button", { class: "small", "data-label": channel.label, "aria-label": `Show channel ${channel.label}`, onclick: () => onChoice(channel) }, channel.label) },
    { head: "State", cell: state },
    ...COLUMNS.map(({ head, value }) => ({ head, number: true, cell: (channel) => shown(value(channel)) })),
    { head: "Targets met", number: true, cell: targets },
  ];
  const save = () => saveCsv(`${stem(job.file_name)}-channels.csv`, [{ head: "channel", value: ({ label }) => label }, ...COLUMNS], channels);
  const element = section("Channels", table("Choose a channel to look at", columns, channels),
    h("p", { class: "row noprint" }, h("button", { onclick: save }, "Channels as CSV")));
  const mark = ({ label }) => {
    for (const button of element.querySelectorAll("button[data-label]")) {
      const chosen = button.dataset.label === label;
      button.setAttribute("aria-pressed", chosen);
      button.closest("tr").classList.toggle("chosen", chosen);
    }
  };
  return { element, mark };
}

function state({ features }) {
  if (features.unusable_reason) return badge("unusable", "bad");
  const warned = features.findings.some(({ severity }) => severity === "warning");
  return warned ? badge("with care", "care") : badge("good", "good");
}

function targets({ compliance }) {
  if (!compliance || compliance.contraction_count === 0) return "–";
  const met = compliance.both_met_count ?? compliance.duration_met_count;
  return `${fixed(met, 0)} of ${compliance.contraction_count}${compliance.both_met_count === null ? " (duration)" : ""}`;
}

function scaled(value, factor) {
  return value === null || value === undefined ? null : value * factor;
}
