/** One file's way: hashed here, looked up, sent only if it is missing, followed to its end. */

import { begin, BEGIN_HEADERS, lookUp, Problem, send, stop } from "./api.js";
import { states } from "./events.js";

/**
 * @typedef {"waiting" | "hashing" | "asking" | "uploading" | "queued" | "analysing" | "done" | "failed" | "cancelled"} Stage
 * @typedef {{stage: Stage, fraction: number | null, detail: string, jobId: string | null, cached: boolean, sent: boolean,
 *            problem: Problem | null, hashed: boolean}} Progress
 */

const ENDS = new Set(["done", "failed", "cancelled"]);

export class Journey {
  /** @type {Progress} */
  progress = { stage: "waiting", fraction: null, detail: "", jobId: null, cached: false, sent: false, problem: null, hashed: false };
  #stopping = new AbortController();

  /**
   * @param {File} file
   * @param {{pipeline: string | null, params: Record<string, any>}} question
   * @param {(progress: Progress) => void} onProgress
   */
  constructor(file, question, onProgress) {
    this.file = file;
    this.question = question;
    this.onProgress = onProgress;
  }

  get ended() {
    return ENDS.has(this.progress.stage);
  }

  /** Go the whole way; what goes wrong is told as progress. */
  async run(maxBytes) {
    if (this.ended) return;
    try {
      this.#check(maxBytes);
      const asked = canHash() ? await this.#byDigest() : await this.#byUpload();
      if (asked) await this.#end(asked);
    } catch (error) {
      if (error.name === "AbortError") this.#tell({ stage: "cancelled", fraction: null });
      else this.#tell({ stage: "failed", fraction: null, problem: error });
    }
  }

  /** Stop, wherever it is; an analysis that others wait for goes on for them. */
  cancel() {
    const { jobId } = this.progress;
    this.#stopping.abort();
    this.#tell({ stage: "cancelled", fraction: null });
    if (jobId) stop(jobId).then(({ stopped }) => stopped || this.#left(), () => {}); // whatever it says, nothing is waited for here
  }

  #check(maxBytes) {
    if (this.file.size === 0) throw local("FILE_EMPTY", "The file is empty", "This file has no bytes. Choose another one.");
    if (this.file.size > maxBytes) {
      const detail = `The largest file taken here has ${maxBytes.toLocaleString("en")} bytes, this one has ${this.file.size.toLocaleString("en")}.`;
      throw local("BLOB_TOO_LARGE", "The file is too large", detail);
    }
  }

  async #byDigest() {
    this.#tell({ stage: "hashing" });
    const blob = { sha256: await sha256Of(this.file), size_bytes: this.file.size };
    this.#signal.throwIfAborted();
    this.#tell({ stage: "asking", hashed: true });
    const question = { ...this.#asked(), blob, file_name: this.file.name };
    const found = await lookUp(question, this.#signal);
    if (found.outcome === "failed") throw Problem.ofFailure(found.failure);
    if (found.outcome === "hit") {
      this.#tell({ stage: "done", jobId: found.job_id, cached: true, detail: found.result.tier });
      return null;
    }
    if (!found.blob_present) await this.#upload(`/v1/blobs/${blob.sha256}`);
    this.#tell({ stage: "asking", fraction: null });
    return begin(question, this.#signal);
  }

  async #upload(path) {
    this.#tell({ stage: "uploading", fraction: 0 });
    await send("PUT", path, this.file, { signal: this.#signal, onFraction: (fraction) => this.#tell({ fraction }) });
    this.#tell({ sent: true });
  }

  /** Without a digest (browsers hash on https and on localhost only) the file is sent, and the gateway looks it up. */
  async #byUpload() {
    const form = new FormData();
    for (const [name, value] of Object.entries(this.#asked())) form.set(name, typeof value === "string" ? value : JSON.stringify(value));
    form.set("file", this.file);
    this.#tell({ stage: "uploading", fraction: 0, sent: true });
    const onFraction = (fraction) => this.#tell({ fraction });
    return send("POST", "/v1/analyses", form, { headers: BEGIN_HEADERS, signal: this.#signal, onFraction });
  }

  async #end(asked) {
    if (asked.status === "succeeded") {
      this.#tell({ stage: "done", fraction: null, jobId: asked.job_id, cached: asked.cached });
      return;
    }
    this.#tell({ stage: "queued", fraction: null, jobId: asked.job_id });
    const onConnection = (lost) => this.#tell({ detail: lost ? "connection lost, trying again" : "" });
    for await (const { event, data } of states(asked.events_url, this.#signal, onConnection)) this.#hear(event, data);
  }

  #hear(event, data) {
    if (event === "queued") this.#tell({ stage: "queued", detail: data.position ? `${data.position} before it` : "" });
    else if (event === "progress") this.#tell({ stage: "analysing", fraction: data.fraction, detail: data.stage.replaceAll("_", " ") });
    else if (event === "result") this.#tell({ stage: "done", fraction: null, detail: "" });
    else if (event === "failed") throw new Problem(data);
    else if (event === "gone") throw local("GONE", "The analysis was given up", "Nobody computes it any more, and there is no result. Try again.");
  }

  #asked() {
    const { pipeline, params } = this.question;
    return { ...(pipeline ? { pipeline } : {}), params };
  }

  get #signal() {
    return this.#stopping.signal;
  }

  /** Say that the analysis is done all the same. */
  #left() {
    this.progress = { ...this.progress, detail: "it has been begun, or others asked for it too: the analysis goes on" };
    this.onProgress(this.progress);
  }

  #tell(change) {
    if (this.ended) return;
    this.progress = { ...this.progress, ...change };
    this.onProgress(this.progress);
  }
}

function local(reason, title, detail) {
  return new Problem({ reason, title, detail, type: reason === "GONE" ? null : `/problems/${reason}` });
}

export function canHash() {
  return Boolean(globalThis.crypto?.subtle);
}

export async function sha256Of(file) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await bytesOf(file)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function bytesOf(file) {
  try {
    return await file.arrayBuffer();
  } catch {
    throw local("GONE", "The file cannot be read", "It was moved, changed or removed since it was chosen. Choose it again.");
  }
}
