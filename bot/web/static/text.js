// What an answer says: a short answer and its quotes, or a model's prose; each with its markers.

import { showDateline } from "./dateline.js";
import { button, make } from "./elements.js";
import { formatDay } from "./words.js";

// A word that no marker may be parted from, its markers, and what ends the sentence.
const MARKED = /(\S*?)\s*((?:\[\d+\])+)([.,;:!?…]*["'”’»)\]]*)/g;
const LONGEST_KEPT = 24;

/** `open(citation, opener)` shows the article of a marker. */
export function showText(answer, open) {
  const known = new Map(answer.citations.map((citation) => [citation.marker, citation]));
  if (answer.entries) return showEntries(answer, known, open);
  return isQuoted(answer) ? showQuotes(answer, open) : showProse(answer.answer, known, open);
}

/** Prose with its markers behind the full stop, on the line of the word that they follow. */
export function showProse(text, known, open) {
  const shown = [];
  let done = 0;
  for (const found of text.matchAll(MARKED)) {
    const [whole, word, markers, end] = found;
    const numbers = markers.match(/\d+/g).map(Number);
    if (!numbers.some((number) => known.has(number))) continue;
    shown.push(text.slice(done, found.index));
    shown.push(...keepTogether(word + end, numbers.map((number) => showMarker(number, known, open))));
    done = found.index + whole.length;
  }
  return make("p", { class: "answer prose", dir: "auto" }, ...shown, text.slice(done));
}

/** The short answer large, if there is one; beneath it the quotes, article by article. */
function showQuotes({ short_answer: short, citations }, open) {
  const [first] = citations;
  const known = new Map(citations.map((citation) => [citation.marker, citation]));
  const marker = ({ marker }) => showMarker(marker, known, open);
  const lead = short && make("p", { class: "lead", dir: "auto" }, ...keepTogether(short, [marker(first)]));
  const figures = groupNeighbours(citations).map((quotes) =>
    make(
      "figure",
      {},
      make("figcaption", {}, showDateline(quotes[0])),
      ...quotes.map((citation) =>
        make(
          "blockquote",
          { dir: "auto", cite: citation.url },
          make("p", {}, ...keepTogether(citation.quote, [marker(citation)])),
        ),
      ),
    ),
  );
  return make("div", { class: short ? "answer quoted" : "answer quoted led" }, lead || null, ...figures);
}

/** A timeline, comparison or list: a line each, with its day, its label, its words and markers. */
function showEntries({ entries, form }, known, open) {
  const lines = entries.map(({ date, label, text, markers }) => {
    const day = date ? make("time", { datetime: date }, formatDay(date)) : null;
    const name = label ? make("b", { dir: "auto" }, label) : null;
    const buttons = markers.map((marker) => showMarker(marker, known, open));
    const head = day || name ? make("p", { class: "entry-head" }, day, name) : null;
    return make("li", {}, head, make("span", { dir: "auto" }, ...keepTogether(text, buttons)));
  });
  return make("ol", { class: `answer entries ${form}` }, ...lines);
}

/** Text whose last word stays on one line with the markers behind it. */
function keepTogether(text, markers) {
  const points = Array.from(text.trimEnd());
  const space = points.findLastIndex((point) => /\s/.test(point));
  const at = Math.max(space + 1, points.length - LONGEST_KEPT);
  const last = make("span", { class: "kept" }, points.slice(at).join(""), ...markers);
  return [points.slice(0, at).join(""), last];
}

function showMarker(number, known, open) {
  const citation = known.get(number);
  if (citation === undefined) return `[${number}]`;
  const facts = [citation.source, formatDay(citation.published_at)].filter(Boolean).join(", ");
  return button(`[${number}]`, (event) => open(citation, event.currentTarget), {
    class: "marker",
    "aria-label": `[${number}] ${facts}: open the article`,
    "aria-expanded": "false",
  });
}

/** Whether the answer is its short answer and its quotes and no more, so that these stand for it. */
export function isQuoted({ mode, answer, short_answer: short, citations }) {
  if (mode !== "extractive") return false;
  const flat = (text) => text.replace(/\s+/g, " ");
  const quotes = citations.map(({ quote }) => flat(quote).replace(/\[(\d+)\]/g, "($1)"));
  const longestFirst = quotes.toSorted((one, other) => other.length - one.length);
  const rest = longestFirst.reduce(
    (text, quote) => text.replaceAll(quote, " "),
    flat(answer.replace(/ (?:\[\d+\])+/g, "")).replace(short ?? "", ""),
  );
  return !/[\p{L}\p{N}]/u.test(rest);
}

function groupNeighbours(citations) {
  const groups = [];
  for (const citation of citations) {
    const last = groups.at(-1);
    if (last?.[0].article_id === citation.article_id) last.push(citation);
    else groups.push([citation]);
  }
  return groups;
}
