/** A signal on a canvas: columns from minimum to maximum, so that no peak is lost; thresholds and stretches marked. */

import { number } from "../words.js";
import { ticks } from "./ticks.js";

const LEFT = 58, RIGHT = 8, TOP = 24, BOTTOM = 30;

/**
 * @typedef {{time_ms: number[], minimum_uv: number[], maximum_uv: number[], kind: string, threshold_uv: number | null}} Signal
 * @typedef {{signals: Signal[], marks: {from: number, to: number, chosen?: boolean}[], window: {from: number, to: number},
 *            selection: {from: number, to: number} | null, color: (name: string) => string}} Scene times in milliseconds
 */

export class SignalCanvas {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
  }

  /** The time at a place across the page, in milliseconds. */
  timeAt(clientX) {
    const { left, width } = this.canvas.getBoundingClientRect();
    const share = (clientX - left - LEFT) / Math.max(1, width - LEFT - RIGHT);
    const { from, to } = this.scene.window;
    return from + Math.min(1, Math.max(0, share)) * (to - from);
  }

  /** @param {Scene} scene */
  draw(scene) {
    this.scene = scene;
    this.#fit();
    const { context: pen, width, height } = this;
    pen.clearRect(0, 0, width, height);
    this.#scale(scene);
    this.#axes(scene);
    pen.save();
    pen.beginPath();
    pen.rect(LEFT, TOP, width - LEFT - RIGHT, height - TOP - BOTTOM);
    pen.clip();
    for (const mark of scene.marks) this.#mark(mark, scene);
    for (const signal of scene.signals) this.#signal(signal, scene);
    if (scene.selection) this.#band(scene.selection, scene.color("ink"), 0.25);
    pen.restore();
  }

  #fit() {
    const { width, height } = this.canvas.getBoundingClientRect();
    const dense = globalThis.devicePixelRatio || 1;
    this.canvas.width = Math.round(width * dense);
    this.canvas.height = Math.round(height * dense);
    this.context.setTransform(dense, 0, 0, dense, 0, 0);
    [this.width, this.height] = [width, height];
  }

  #scale({ signals, window }) {
    let [least, most] = [Infinity, -Infinity];
    for (const { time_ms: times, minimum_uv: low, maximum_uv: high, threshold_uv: threshold } of signals) {
      for (let at = 0; at < times.length; at += 1) {
        if ((times[at + 1] ?? times[at]) < window.from || times[at] > window.to) continue;
        least = Math.min(least, low[at]);
        most = Math.max(most, high[at]);
      }
      if (threshold !== null) most = Math.max(most, threshold);
    }
    if (!(most > least)) [least, most] = Number.isFinite(least) ? [least - 1, least + 1] : [-1, 1];
    const room = 0.05 * (most - least);
    this.range = [least - room, most + room];
    const [across, up] = [this.width - LEFT - RIGHT, this.height - TOP - BOTTOM];
    this.x = (time) => LEFT + ((time - window.from) / (window.to - window.from)) * across;
    this.y = (value) => TOP + (1 - (value - this.range[0]) / (this.range[1] - this.range[0])) * up;
  }

  #axes({ window, color }) {
    const { context: pen, width, height } = this;
    pen.font = "12px system-ui, sans-serif";
    pen.lineWidth = 1;
    pen.strokeStyle = color("line");
    pen.fillStyle = color("ink");
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    for (const value of ticks(...this.range, height / 45)) {
      this.#stroke([[LEFT, this.y(value)], [width - RIGHT, this.y(value)]]);
      pen.fillText(number(value), LEFT - 6, this.y(value));
    }
    pen.textAlign = "center";
    pen.textBaseline = "top";
    const times = ticks(window.from / 1000, window.to / 1000, width / 110);
    const fraction = times.length > 1 ? Math.max(0, Math.ceil(-Math.log10(times[1] - times[0]) - 1e-9)) : 0;
    for (const time of times) {
      this.#stroke([[this.x(time * 1000), height - BOTTOM], [this.x(time * 1000), height - BOTTOM + 4]]);
      pen.fillText(`${time.toFixed(fraction)} s`, this.x(time * 1000), height - BOTTOM + 7);
    }
    pen.textAlign = "left";
    pen.fillText("µV", 4, 2);
  }

  #signal({ kind, time_ms: times, minimum_uv: low, maximum_uv: high, threshold_uv: threshold }, { color }) {
    const pen = this.context;
    pen.strokeStyle = color(kind);
    pen.lineWidth = kind === "envelope" ? 1.8 : 1;
    pen.globalAlpha = 1;
    pen.beginPath();
    for (let at = 0; at < times.length; at += 1) {
      const x = this.x(times[at]);
      pen.lineTo(x, this.y(low[at]));
      pen.lineTo(x, this.y(high[at]));
    }
    pen.stroke();
    if (threshold === null) return;
    pen.strokeStyle = color("threshold");
    pen.lineWidth = 1.5;
    pen.setLineDash([7, 5]);
    this.#stroke([[LEFT, this.y(threshold)], [this.width, this.y(threshold)]]);
    pen.setLineDash([]);
  }

  #mark(mark, { color }) {
    this.#band(mark, color("contraction"), mark.chosen ? 0.42 : 0.24);
    this.context.strokeStyle = color("contraction");
    this.context.lineWidth = 1.5;
    for (const time of [mark.from, mark.to]) this.#stroke([[this.x(time), TOP], [this.x(time), this.height - BOTTOM]]);
  }

  #band({ from, to }, color, alpha) {
    const pen = this.context;
    pen.globalAlpha = alpha;
    pen.fillStyle = color;
    pen.fillRect(this.x(from), TOP, Math.max(1, this.x(to) - this.x(from)), this.height - TOP - BOTTOM);
    pen.globalAlpha = 1;
  }

  #stroke(points) {
    this.context.beginPath();
    for (const [x, y] of points) this.context.lineTo(x, y);
    this.context.stroke();
  }
}
