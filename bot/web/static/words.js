// What is said in words: days, provenance, confidence, problems, and an answer as plain text.

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const PROVENANCE = {
  byline: "dated by its byline",
  url: "dated by its address",
  feed: "dated by its feed",
};
/** The day where it was published, as it is written, and never the reader's: `12 Feb 2026`. */
export function formatDay(moment) {
  if (moment === null) return "undated";
  const [year, month, day] = moment.slice(0, 10).split("-").map(Number);
  return `${day} ${MONTHS[month - 1]} ${year}`;
}

/** Nothing where the article itself states its date in a structured form. */
export function formatProvenance(article) {
  if (article.published_at === null) return "";
  return PROVENANCE[article.date_provenance] ?? "";
}

/** What the confidence means, where it is the calibrated chance that the first quote answers: that of
 * lines says only how near they are, and a model's answer has the confidence of its quotes. */
export function formatConfidence({ mode, form, confidence }) {
  if (form !== "answer") return [];
  if (mode === "extractive") {
    const right = Math.min(Math.max(Math.round(confidence * 10), 1), 9);
    return [`answers this sure are right about ${right} times in 10`];
  }
  if (confidence >= 0.85) return ["high confidence"];
  return [confidence >= 0.65 ? "fair confidence" : "low confidence: read the sources"];
}

export function formatSpan(since, until) {
  if (since === null) return `until ${formatDay(until)}`;
  if (until === null) return `since ${formatDay(since)}`;
  const [first, last] = [formatDay(since), formatDay(until)];
  return first === last ? first : `${first} – ${last}`;
}

/** Of days as a form holds them, both included. */
export function formatRange({ since, until }) {
  return formatSpan(since || null, until || null);
}

export function count(number, one, many) {
  return number === 1 ? `1 ${one}` : `${number.toLocaleString("en")} ${many}`;
}

/** What a request was limited to, as short phrases. */
export function formatFilters(request) {
  return splitFilters(request).map(([words]) => words);
}

/** Each filter as a phrase, with the request as it is without it. */
export function splitFilters(request) {
  const dates = { as_of: "as of", since: "from", until: "to" };
  const set = Object.entries(dates).filter(([name]) => request[name]);
  const { sources = [], ...rest } = request;
  const others = (name) => sources.filter((each) => each !== name);
  return [
    ...set.map(([name, word]) => [`${word} ${formatGiven(request[name])}`, { ...request, [name]: undefined }]),
    ...sources.map((name) => [name, others(name).length ? { ...rest, sources: others(name) } : rest]),
  ];
}

/** A date as it was given, which may be none: the server says so. */
function formatGiven(date) {
  return /^\d{4}-\d{2}-\d{2}/.test(date) && !isNaN(new Date(date)) ? formatDay(date) : date;
}

/** Before, within and after the span. Offsets count code points; a string counts UTF-16 units. */
export function splitAtCodePoints(text, start, end) {
  const points = Array.from(text);
  return [points.slice(0, start), points.slice(start, end), points.slice(end)].map((part) =>
    part.join(""),
  );
}

/** What the server is doing, with what it has found. */
export function formatStage({ stage, passages, stories }) {
  if (stage === "drafting") return "Writing, not yet checked …";
  if (stage !== "reading") return "Looking through the articles …";
  if (!passages) return "Found nothing near the question …";
  const found = `${count(passages, "passage", "passages")} in ${count(stories, "story", "stories")}`;
  return `Found ${found}, reading …`;
}

/** What is wrong and what to do. `retryAfter` is in seconds, or null. */
export function formatProblem({ status, detail, retryAfter }) {
  const wait =
    retryAfter === null
      ? "Wait a little and try again."
      : `Try again in ${count(retryAfter, "second", "seconds")}.`;
  if (status === 401) return "This server asks for a key.";
  if (status === 429) return `Too many questions for now. ${wait}`;
  if (status === 503 && retryAfter !== null) return `The server is busy. ${wait}`;
  return detail ? asSentence(detail) : `The server failed (${status}). ${wait}`;
}

function asSentence(text) {
  const ended = /[.!?…)]$/.test(text) ? text : `${text}.`;
  return ended[0].toUpperCase() + ended.slice(1);
}

/** An answer to paste elsewhere: text, then numbered sources with dates, quotes and addresses. */
export function formatCopy(answer) {
  const cited = answer.citations.map((citation) => {
    const facts = [citation.source, formatDay(citation.published_at)].filter(Boolean).join(", ");
    const lines = [
      `[${citation.marker}] ${citation.title}. ${facts}.`,
      citation.url,
      `“${citation.quote}”`,
    ];
    return lines.filter(Boolean).join("\n    ");
  });
  const asked = answer.as_of
    ? `${answer.question} (as of ${formatDay(answer.as_of)})`
    : answer.question;
  return [asked, answer.answer, ["Sources", ...cited].join("\n")].join("\n\n") + "\n";
}
