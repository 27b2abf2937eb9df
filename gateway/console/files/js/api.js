/** Requests to the gateway, and what went wrong with them. */

import { credentials } from "./token.js";

/** A problem (RFC 9457), or that there was no answer at all. */
export class Problem extends Error {
  constructor(told) {
    super(told.detail);
    this.title = told.title;
    this.reason = told.reason;
    this.page = told.type ?? null;
    this.requestId = told.request_id ?? null;
    this.violations = told.violations ?? [];
  }

  /** What is remembered of a job that failed. */
  static ofFailure(failure) {
    const { reason, message, violations } = failure;
    return new Problem({ title: "The file cannot be analysed", detail: message, reason, violations, type: `/problems/${reason}` });
  }

  static unreachable() {
    const detail = "The gateway does not answer. Check that it is running and that this computer reaches it, then try again.";
    return new Problem({ title: "No answer", detail, reason: "UNREACHABLE" });
  }
}

/** Ask for JSON; `body` is sent as JSON. */
export async function ask(path, { method = "GET", body, headers = {}, signal } = {}) {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const types = body === undefined ? {} : { "Content-Type": "application/json" };
  const answer = await reached(fetch(path, { method, headers: { ...credentials(), ...types, ...headers }, signal, ...sent }));
  if (!answer.ok) throw problemIn(await answer.text(), answer.status);
  return answer.json();
}

/** Wait for an answer; a network that fails is a problem, an abort stays an abort. */
export async function reached(answer) {
  try {
    return await answer;
  } catch (error) {
    throw error.name === "AbortError" ? error : Problem.unreachable();
  }
}

export function problemIn(text, status) {
  try {
    return new Problem(inOneForm(JSON.parse(text)));
  } catch {
    return new Problem({ title: `HTTP ${status}`, detail: `The gateway answered with code ${status}.`, reason: `HTTP_${status}` });
  }
}

/** Addresses without /v1 tell problems in a form of their own. */
function inOneForm(told) {
  if (told.message === undefined) return told;
  return { title: "The gateway refused this", detail: told.message, type: `/problems/${told.reason}`, ...told };
}

/**
 * Send a body and tell how much of it has left. (`fetch` does not tell; XMLHttpRequest does.)
 * @param {string} method
 * @param {string} path
 * @param {Blob | FormData} body
 * @param {{headers?: Record<string, string>, signal: AbortSignal, onFraction: (fraction: number) => void}} how
 */
export function send(method, path, body, { headers = {}, signal, onFraction }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    request.open(method, path);
    for (const [name, value] of Object.entries({ ...credentials(), ...headers })) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => event.lengthComputable && onFraction(event.loaded / event.total);
    request.onload = () => (request.status < 400 ? resolve(JSON.parse(request.responseText)) : reject(problemIn(request.responseText, request.status)));
    request.onerror = () => reject(Problem.unreachable());
    request.onabort = () => reject(new DOMException("Stopped", "AbortError"));
    request.onloadend = () => signal.removeEventListener("abort", stop);
    signal.addEventListener("abort", stop);
    request.send(body);
  });
}

export const lookUp = (question, signal) => ask("/v1/lookups", { method: "POST", body: question, signal });

export const begin = (question, signal) =>
  ask("/v1/analyses", { method: "POST", body: question, headers: BEGIN_HEADERS, signal });

export const BEGIN_HEADERS = { Prefer: "respond-async, return=minimal" };

export const resultOf = (jobId, signal) => ask(`/v1/results/${jobId}`, { signal });

export const jobOf = (jobId, signal) => ask(`/v1/jobs/${jobId}`, { signal });

export const explain = (jobId, signal) => ask(`/v1/jobs/${jobId}/explanation`, { signal });

export const stop = (jobId) => ask(`/v1/analyses/${jobId}/cancel`, { method: "POST" });

/** Signals of a channel from one time to another, in milliseconds. */
export function signalsOf(jobId, label, { from, to }, maxPoints, signal) {
  const asked = new URLSearchParams({ label, start_ms: from, length_ms: to - from, max_points: maxPoints });
  return ask(`/v1/results/${jobId}/signals?${asked}`, { signal });
}

let known = null;

/** What this gateway can do; asked once. */
export function capabilities() {
  known ??= ask("/v1/capabilities").catch((error) => {
    known = null;
    throw error;
  });
  return known;
}
