/** A channel's signals, looked at closely: fetched for the stretch that is shown, at the screen's own fineness. */

import { signalsOf } from "../api.js";
import { h, refill } from "../dom.js";
import { SignalCanvas } from "../plots/signal.js";
import { Window } from "../plots/window.js";
import { problemNotice } from "../problem.js";
import { fixed, number, plural } from "../words.js";

const MAX_POINTS = 4000;
/** Long enough that a turn of the wheel is one request, short enough not to be felt. */
const SETTLED_MS = 120;

const KINDS = { raw: "Raw", filtered: "Filtered", envelope: "RMS envelope" };
const KEYS = { ArrowLeft: (view) => view.move(-0.25), ArrowRight: (view) => view.move(0.25), "+": (view) => view.zoom(0.5), "-": (view) => view.zoom(2), 0: (view) => view.reset() };

export class SignalView {
  #shown = new Set(["filtered", "envelope"]);
  #fetching = new AbortController();
  #selection = null;
  #chosen = null;
  /** Hears of the channel that is chosen here. */
  onChoice = () => {};

  constructor(jobId, { channels, recording }, signal) {
    this.jobId = jobId;
    this.window = new Window(recording.duration_s * 1000);
    this.canvas = h("canvas", { role: "img" });
    this.drawing = new SignalCanvas(this.canvas);
    this.legend = this.#legend();
    this.problem = h("div");
    this.readout = h("figcaption", { "aria-live": "off" });
    this.choice = h("select", { onchange: () => this.onChoice(channels[this.choice.selectedIndex]) }, channels.map(({ label }) => h("option", null, label)));
    this.channels = channels;
    this.element = h("div", { role: "group", "aria-label": "Signal", onkeydown: (event) => this.#key(event) },
      this.#toolbar(), this.legend, this.problem, h("figure", { class: "plot" }, this.canvas, this.readout));
    this.#listen(signal);
  }

  /** Look at a channel, from beginning to end. */
  show(channel) {
    if (channel === this.channel) return;
    this.channel = channel;
    this.signals = [];
    this.choice.selectedIndex = this.channels.indexOf(channel);
    this.#chosen = null;
    this.window.reset();
    this.#look();
  }

  /** Look at one contraction, with something of what is around it. */
  zoomTo(contraction) {
    const room = Math.max(100, 0.25 * contraction.duration_ms);
    this.#chosen = contraction;
    this.window.set(contraction.onset_ms - room, contraction.offset_ms + room);
    this.#look();
    this.element.scrollIntoView({ block: "nearest" });
  }

  /** What is shown changed: draw what is there, then fetch what is finer. */
  #look() {
    this.draw();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#fetch(), this.signals.length ? SETTLED_MS : 0);
  }

  async #fetch() {
    this.#fetching.abort();
    this.#fetching = new AbortController();
    const { signal } = this.#fetching;
    this.canvas.setAttribute("aria-busy", "true");
    try {
      const told = await signalsOf(this.jobId, this.channel.label, this.window, MAX_POINTS, signal);
      this.signals = told.signals;
      refill(this.problem);
    } catch (problem) {
      if (signal.aborted) return;
      refill(this.problem, problemNotice(problem), h("p", null, "The signal cannot be shown; the numbers below stand."));
    }
    this.canvas.removeAttribute("aria-busy");
    this.draw();
  }

  draw() {
    const { contractions } = this.channel.features;
    const marks = contractions.map((one) => ({ from: one.onset_ms, to: one.offset_ms, chosen: one === this.#chosen }));
    const signals = Object.keys(KINDS).flatMap((kind) => this.#visible(kind));
    this.drawing.draw({ signals, marks, window: this.window, selection: this.#selection, color: (name) => this.#color(name) });
    const { from, to } = this.window;
    const drawn = signals.length ? `${signals.map(({ kind }) => KINDS[kind]).join(" and ")}, ` : "No signal; ";
    this.canvas.setAttribute("aria-label", `${this.channel.label}: ${drawn}${fixed(from / 1000, 2)} to ${fixed(to / 1000, 2)} s, ${plural(contractions.length, "contraction")} in all. The table of contractions says the same in numbers.`);
    this.canvas.dataset.points = signals.reduce((sum, { time_ms: times }) => sum + times.length, 0);
    refill(this.readout, `${fixed(from / 1000, 2)} to ${fixed(to / 1000, 2)} s. Drag over the plot to look closer, double-click for all; keys + − ← → 0.`);
  }

  #visible(kind) {
    const found = this.signals.filter((signal) => signal.kind === kind);
    return this.#shown.has(kind) || this.signals.length === 1 ? found : [];
  }

  #toolbar() {
    const act = (text, says, key) => h("button", { "aria-label": says, onclick: () => this.#act(KEYS[key]) }, text);
    return h("div", { class: "row noprint", role: "toolbar", "aria-label": "Stretch of time" },
      h("label", { class: "row" }, "Channel", this.choice),
      act("+", "Look closer", "+"), act("−", "Look from farther", "-"), act("←", "Earlier", "ArrowLeft"), act("→", "Later", "ArrowRight"), act("All", "Show the whole recording", "0"));
  }

  #legend() {
    const toggle = (kind) => (event) => {
      if (event.target.checked) this.#shown.add(kind);
      else this.#shown.delete(kind);
      this.draw();
    };
    return h("ul", { class: "legend" },
      Object.entries(KINDS).map(([kind, name]) => h("li", null, h("label", null,
        h("input", { type: "checkbox", checked: this.#shown.has(kind), onchange: toggle(kind) }), h("span", { class: `swatch ${kind}` }), name))),
      h("li", null, h("span", { class: "swatch threshold" }), " Threshold"),
      h("li", null, h("span", { class: "swatch contraction" }), " Contraction"),
      h("li", { hidden: true }, h("span", { class: "swatch ink" }), h("span", { class: "swatch line" })));
  }

  /** A colour as the style sheets have it at this moment. */
  #color(name) {
    return getComputedStyle(this.legend.querySelector(`.swatch.${name}`)).color;
  }

  #act(change) {
    change(this.window);
    this.#chosen = null;
    this.#look();
  }

  #key(event) {
    const act = KEYS[event.key];
    if (!act || event.target.matches("select, input") || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.#act(act);
  }

  #listen(signal) {
    const { canvas } = this;
    const redraw = () => this.channel && canvas.isConnected && this.draw();
    new ResizeObserver(redraw).observe(canvas);
    for (const kind of ["themechange", "beforeprint", "afterprint"]) addEventListener(kind, redraw, { signal });
    signal.addEventListener("abort", () => this.#fetching.abort());
    canvas.addEventListener("dblclick", () => this.#act(KEYS[0]));
    canvas.addEventListener("pointerdown", (event) => this.#drag(event));
    canvas.addEventListener("pointermove", (event) => this.#read(this.drawing.timeAt(event.clientX)));
    canvas.addEventListener("wheel", (event) => event.ctrlKey && this.#wheel(event), { passive: false });
  }

  #wheel(event) {
    event.preventDefault();
    this.window.zoom(event.deltaY > 0 ? 1.25 : 0.8, this.drawing.timeAt(event.clientX));
    this.#look();
  }

  #drag(event) {
    const { canvas } = this;
    const start = this.drawing.timeAt(event.clientX);
    canvas.setPointerCapture(event.pointerId);
    const move = ({ clientX }) => {
      const now = this.drawing.timeAt(clientX);
      this.#selection = { from: Math.min(start, now), to: Math.max(start, now) };
      this.draw();
    };
    const end = () => {
      const wanted = this.#selection;
      this.#selection = null;
      dragging.abort();
      // Less than a hundredth of what is shown is a click that trembled.
      if (wanted && wanted.to - wanted.from > 0.01 * this.window.length) this.#act((window) => window.set(wanted.from, wanted.to));
    };
    const dragging = new AbortController();
    canvas.addEventListener("pointermove", move, { signal: dragging.signal });
    for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, end, { signal: dragging.signal });
  }

  /** Tell the values at a time. */
  #read(time) {
    const values = Object.keys(KINDS).flatMap((kind) => this.#visible(kind)).map(({ kind, time_ms: times, minimum_uv: low, maximum_uv: high }) => {
      const at = Math.max(0, times.findLastIndex((one) => one <= time));
      return `${KINDS[kind]} ${low[at] === high[at] ? number(low[at]) : `${number(low[at])} to ${number(high[at])}`} µV`;
    });
    refill(this.readout, `${fixed(time / 1000, 3)} s: ${values.join(", ")}`);
  }
}
