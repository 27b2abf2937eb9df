/** The stretch of time that a plot shows. */

export class Window {
  /** @param {number} end_ms the recording's length; @param {number} least_ms the closest look */
  constructor(endMs, leastMs = 5) {
    this.endMs = endMs;
    this.leastMs = Math.min(leastMs, endMs);
    this.from = 0;
    this.to = endMs;
  }

  get length() {
    return this.to - this.from;
  }

  get isWhole() {
    return this.from === 0 && this.to === this.endMs;
  }

  set(from, to) {
    const length = Math.min(this.endMs, Math.max(this.leastMs, to - from));
    const middle = (from + to) / 2;
    this.from = Math.max(0, Math.min(this.endMs - length, middle - length / 2));
    this.to = this.from + length;
  }

  /** Look closer (factor below 1) or from farther, around a time. */
  zoom(factor, around = (this.from + this.to) / 2) {
    this.set(around - (around - this.from) * factor, around + (this.to - around) * factor);
  }

  /** Move by a share of what is shown. */
  move(share) {
    const by = Math.max(-this.from, Math.min(this.endMs - this.to, share * this.length));
    this.from += by;
    this.to += by;
  }

  reset() {
    this.from = 0;
    this.to = this.endMs;
  }
}
