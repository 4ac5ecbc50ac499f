// The API: every request, its key and its failures.

import { recall, remember } from "./storage.js";

const KEY = "dateline.key";
const NO_SERVER = "The server did not answer. Check that it is running and that you are connected.";
const OFFLINE = "You are offline. Nothing is lost: try again when you are connected.";
const BROKEN_OFF = "The answer broke off before its sources were checked.";
let key = recall(sessionStorageOf(), KEY);

/** Says what went wrong. `status` is HTTP's; 0 without an answer of the server. */
export class Problem extends Error {
  constructor(status, detail, retryAfter = null) {
    super(detail);
    Object.assign(this, { status, detail, retryAfter });
  }
}

export function useKey(value) {
  key = value;
  remember(sessionStorageOf(), KEY, value);
}

export const hasKey = () => Boolean(key);

/** Events as they come, `[name, content]`; the last is always `answer`, or a Problem is thrown. */
export async function* ask(body, signal) {
  const response = await send("ask", { ...post({ ...body, stream: true }), signal });
  for await (const [name, content] of readEvents(response.body)) {
    if (name === "error") throw new Problem(content.status ?? 500, content.detail ?? "");
    yield [name, content];
    if (name === "answer") return;
  }
  throw new Problem(0, BROKEN_OFF);
}

export async function getArticle(articleId) {
  const response = await send(`articles/${encodeURIComponent(articleId)}`, {});
  return response.json();
}

export async function getCarriers(articleId) {
  const response = await send(`articles/${encodeURIComponent(articleId)}/carriers`, {});
  return (await response.json()).carriers;
}

/** `query` holds `cursor`, `limit`, `since`, `until`, `source` and `q`, as far as they are set. */
export async function listArticles(query) {
  const set = Object.entries(query).filter(([, value]) => value);
  return (await send(`articles?${new URLSearchParams(set)}`, {})).json();
}

export async function removeArticle(articleId) {
  await send(`articles/${encodeURIComponent(articleId)}`, { method: "DELETE" });
}

export const getHoldings = async () => (await send("holdings", {})).json();
export const getSuggestions = async () => (await send("suggestions", {})).json();

/** The report of what became of it. */
export async function postFile(file) {
  const body = new FormData();
  body.append("file", file, file.name);
  return (await send("articles", { method: "POST", body })).json();
}

/** A job, of which `getJob` tells how far it has come. */
export const postAddress = async (url) => (await send("articles", post({ url }))).json();
export const getJob = async (jobId) => (await send(`jobs/${jobId}`, {})).json();

/** `comment` may be empty: then none is sent. */
export async function sendFeedback(answerId, verdict, comment) {
  const said = comment ? { comment } : {};
  await send("feedback", post({ answer_id: answerId, verdict, ...said }));
}

function post(body) {
  return {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json" },
  };
}

async function send(path, options) {
  const authorization = key ? { Authorization: `Bearer ${key}` } : {};
  let response;
  try {
    response = await fetch(path, { ...options, headers: { ...options.headers, ...authorization } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, navigator.onLine ? NO_SERVER : OFFLINE);
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  const detail = typeof problem.detail === "string" ? problem.detail : "";
  throw new Problem(response.status, detail, readRetryAfter(response.headers.get("Retry-After")));
}

/** Whole seconds from now, whether the header gives seconds or a date. */
function readRetryAfter(value) {
  if (value === null) return null;
  const seconds = Number.isNaN(Number(value)) ? (new Date(value) - Date.now()) / 1000 : Number(value);
  return Number.isNaN(seconds) ? null : Math.max(1, Math.ceil(seconds));
}

/** Server-sent events. A line may be cut anywhere between two reads, even within a letter. */
async function* readEvents(body) {
  let name = "message";
  let lines = [];
  for await (const line of readLines(body)) {
    if (line.startsWith("event:")) name = line.slice(6).trim();
    else if (line.startsWith("data:")) lines.push(line.slice(5));
    else if (line === "" && lines.length) {
      yield [name, parse(lines.join("\n"))];
      [name, lines] = ["message", []];
    }
  }
}

async function* readLines(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    while (true) {
      const { value, done } = await reader.read();
      if (done) return;
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      for (const line of lines) yield line.replace(/\r$/, "");
    }
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, BROKEN_OFF);
  } finally {
    // Whoever stops reading early has no more use for the rest.
    reader.cancel().catch(() => {});
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(0, BROKEN_OFF);
  }
}

function sessionStorageOf() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}
