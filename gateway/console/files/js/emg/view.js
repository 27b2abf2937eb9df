/** The result of an EMG session: what has to be known first comes first. */

import { h, refill, section } from "../dom.js";
import { fixed, number, plural, seconds, spoken } from "../words.js";
import { channelTable } from "./channels.js";
import { showCompat } from "./compat.js";
import { contractionTable } from "./contractions.js";
import { fatigue } from "./fatigue.js";
import { findings } from "./findings.js";
import { pairs } from "./pairs.js";
import { provenance } from "./provenance.js";
import { partsOf, score } from "./score.js";
import { SignalView } from "./signals.js";

/** @param {any} result the fields of `EmgSession` */
export async function showEmg(place, result, job, signal) {
  refill(place, tiles(result), findings(result));
  if (result.compat) place.append(...showCompat(result.compat, job));
  else if (result.channels.length) place.append(...channels(result, job, signal));
  if (!result.compat) place.append(...[score(result.score), pairs(result)].filter(Boolean));
  place.append(provenance(result));
}

function tiles({ recording, channels, rate, score: told }) {
  const contractions = channels.reduce((sum, { features }) => sum + features.contractions.length, 0);
  const tile = (value, says) => h("div", { class: "tile" }, h("strong", null, value), h("span", null, says));
  return h("div", { class: "tiles" },
    tile(seconds(recording.duration_s), `at ${number(rate.used_hz, 5)} Hz (${spoken(rate.source).toLowerCase()})`),
    tile(channels.length, `of ${plural(recording.channel_count, "channel")} analysed`),
    tile(contractions, "contractions"),
    told && tile(told.percent === null ? "–" : fixed(told.percent), scored(told)));
}

function scored(told) {
  if (told.percent === null) return `no score: ${spoken(told.unavailable_reason).toLowerCase()}`;
  const { available, all } = partsOf(told);
  return `score of 100, by ${available} of ${all} parts`;
}

/** What belongs to one channel is drawn anew when another is chosen. */
function channels(result, job, signal) {
  const own = h("div");
  const view = new SignalView(job.job_id, result, signal);
  const overview = channelTable(result.channels, job, (channel) => {
    choose(channel);
    view.element.scrollIntoView({ block: "start" });
  });
  const choose = (channel) => {
    overview.mark(channel);
    view.show(channel);
    refill(own, contractionTable(channel, job, (contraction) => view.zoomTo(contraction)), fatigue(channel));
  };
  view.onChoice = choose;
  choose(result.channels.find(({ features }) => features.contractions.length) ?? result.channels[0]);
  return [overview.element, section("Signal", view.element), own];
}
