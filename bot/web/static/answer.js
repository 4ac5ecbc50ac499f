// A turn of the conversation: the question as a headline, the answer, its sources.

import { openArticle } from "./article.js";
import { showDateline } from "./dateline.js";
import { button, find, link, make } from "./elements.js";
import { sendFeedback } from "./server.js";
import { isQuoted, showText } from "./text.js";
import {
  count,
  formatConfidence,
  formatCopy,
  formatDay,
  formatProblem,
  formatProvenance,
  formatSpan,
  splitFilters,
} from "./words.js";

/** `actions`: `announce(text)`, `copy(text, said)`, `address()`, `showProblem(problem, retry)`. */
export function showAnswer(turn, answer, actions) {
  const rail = make("div", { class: "rail" });
  const open = (citation, opener) =>
    openArticle(citation, opener, rail, (problem, retry) => actions.showProblem(problem, retry));
  const reason = answer.abstention?.reason;
  const story = answer.answered
    ? [showText(answer, open), showStanding(answer)]
    : reason === "small_talk"
      ? [make("p", { class: "answer", dir: "auto" }, answer.abstention.message)]
      : [showRefusal(answer), showWindow(answer)];
  turn.story.replaceChildren(
    turn.headline,
    ...story.filter(Boolean),
    ...showNotes(answer.notes),
    ...(["no_articles", "small_talk"].includes(reason) ? [] : [showActions(answer, actions)]),
  );
  const shown = answer.answered ? inTimeOrder(answer.citations) : answer.abstention.closest;
  if (shown.length) rail.append(showSources(answer, shown, open));
  turn.section.append(rail);
}

/** Each filter can be taken off: `askAgain(request)` asks without it. */
export function showHeadline(request, askAgain) {
  const filters = splitFilters(request).map(([words, without]) =>
    make(
      "span",
      { class: "chip" },
      words,
      button("×", () => askAgain(without), { "aria-label": "Ask without it" }),
    ),
  );
  return make(
    "header",
    { class: "headline" },
    filters.length ? make("p", { class: "dateline" }, ...filters) : null,
    make("h2", { dir: "auto" }, request.question),
  );
}

export function showFailure(problem, retry) {
  const said = make("p", {}, formatProblem(problem));
  return make("div", { class: "failure" }, said, button("Try again", retry));
}

function showStanding(answer) {
  const made =
    answer.mode === "extractive"
      ? "Quoted word for word"
      : `Written by ${answer.model ?? "a language model"}, each sentence checked against its quote`;
  const newest = answer.newest_evidence_at;
  const standing = [made, ...formatConfidence(answer)];
  if (newest) standing.push(`newest source ${formatDay(newest)}`);
  return make("p", { class: "standing" }, [...standing, ...readWindow(answer)].join(" · "));
}

function showNotes(notes) {
  const shown = notes.map((note) => make("p", {}, note));
  return shown.length ? [make("div", { class: "notes" }, ...shown)] : [];
}

/** The days that the question's own words name. */
function readWindow({ window: { since, until, from_question: fromQuestion } }) {
  return fromQuestion ? [`date understood: ${formatSpan(since, until)}`] : [];
}

function showWindow(answer) {
  const said = readWindow(answer).join("");
  return said ? make("p", { class: "standing" }, said[0].toUpperCase() + said.slice(1)) : null;
}

function showRefusal({ abstention }) {
  const empty = abstention.reason === "no_articles";
  return make(
    "div",
    { class: "refusal" },
    make("p", { class: "answer" }, empty ? "The archive is empty." : abstention.message),
    ...(empty ? showFirstSteps() : []),
    abstention.closest.length
      ? make("p", { class: "standing" }, "What came closest is listed, and does not answer it.")
      : null,
  );
}

function showFirstSteps() {
  return [
    make("p", { class: "first-step" }, "Take in some articles at a shell, then ask again:"),
    make("p", { class: "first-step" }, make("code", {}, "dateline ingest examples/")),
    make("p", { class: "first-step" }, "Files, folders, feeds and addresses of pages work too."),
  ];
}

function inTimeOrder(citations) {
  const moment = ({ published_at }) => (published_at ? Date.parse(published_at) : Infinity);
  return [...citations].sort((one, other) => {
    const [first, second] = [moment(one), moment(other)];
    return first === second ? one.marker - other.marker : first - second;
  });
}

function showSources(answer, citations, open) {
  const articles = Map.groupBy
    ? Map.groupBy(citations, (citation) => citation.article_id)
    : groupByArticle(citations);
  const many = articles.size > 1;
  const heading = answer.answered
    ? many ? "Sources, oldest first" : "Source"
    : many ? "Closest articles" : "Closest article";
  const show = answer.answered && isQuoted(answer) ? showQuoted : showQuotes;
  const cards = [...articles.values()].map((quotes) =>
    showCard(quotes, show(quotes, open, answer.answered)),
  );
  return make(
    "section",
    { class: "sources", "aria-label": heading },
    make("h3", {}, heading),
    make("ol", {}, ...cards),
  );
}

function groupByArticle(citations) {
  const groups = new Map();
  for (const citation of citations) {
    groups.set(citation.article_id, [...(groups.get(citation.article_id) ?? []), citation]);
  }
  return groups;
}

function showCard(citations, quotes) {
  const [first] = citations;
  const also = first.also_reported_by;
  const asides = [
    formatProvenance(first),
    also.length ? `also reported by ${also.join(", ")}` : "",
  ].filter(Boolean);
  return make(
    "li",
    { class: "card" },
    showDateline(first),
    make("h4", { dir: "auto" }, link(first.title, first.url)),
    asides.length ? make("p", { class: "aside" }, asides.join(" · ")) : null,
    ...quotes,
  );
}

/** The numbers alone: the answer itself consists of the quotes. */
function showQuoted(citations, open) {
  const numbers = citations.flatMap(({ marker }) => [showNumber(marker), " "]);
  return [make("p", { class: "quoted-as" }, ...numbers, showOpener(citations[0], open))];
}

function showQuotes(citations, open, numbered) {
  return citations.map((citation) =>
    make(
      "blockquote",
      { dir: "auto" },
      numbered ? showNumber(citation.marker) : null,
      numbered ? " " : null,
      make("q", {}, citation.quote),
      " ",
      showOpener(citation, open),
    ),
  );
}

function showNumber(marker) {
  return make("span", { class: "number" }, `[${marker}]`);
}

function showOpener(citation, open) {
  return button("In the article", (event) => open(citation, event.currentTarget), {
    class: "quiet",
    "aria-label": `In the article: ${citation.title}`,
    "aria-expanded": "false",
  });
}

function showActions(answer, actions) {
  const copyAnswer = button("Copy with sources", () =>
    actions.copy(formatCopy(answer), "Copied with its sources."),
  );
  const copyLink = button("Copy link", () => actions.copy(actions.address(), "Link copied."));
  return make(
    "div",
    { class: "actions" },
    ...(answer.answered ? [copyAnswer] : []),
    copyLink,
    showFeedback(answer, actions),
  );
}

/** A thumb opens a field for a word; one message is sent, with the word if there is one. */
function showFeedback(answer, actions) {
  const group = make("div", { class: "feedback", role: "group", "aria-label": "Feedback" });
  const word = make("input", { type: "text", "aria-label": "A word on why (optional)", placeholder: "Why? (optional)" });
  const said = make("span", { class: "aside" });
  const form = make("form", { hidden: "", onsubmit: send }, word, make("button", {}, "Send"));
  const thumbs = [thumb("up", "Good answer"), thumb("down", "Bad answer")];
  let verdict = null;
  group.append(...thumbs, form, said);
  return group;

  function thumb(kind, name) {
    const shown = make("button", { type: "button", class: `thumb ${kind}`, "aria-label": name, "aria-pressed": "false" });
    shown.append(find("thumb").content.cloneNode(true));
    shown.addEventListener("click", () => {
      verdict = kind;
      for (const each of thumbs) each.setAttribute("aria-pressed", String(each === shown));
      form.hidden = false;
      said.textContent = "";
      word.focus();
    });
    return shown;
  }

  async function send(event) {
    event.preventDefault();
    try {
      await sendFeedback(answer.id, verdict, word.value.trim());
      form.hidden = true;
      said.textContent = "Thank you.";
      for (const each of thumbs) each.disabled = true;
    } catch (problem) {
      said.textContent = `Not sent. ${formatProblem(problem)}`;
      if (problem.status === 401) actions.askForKey(problem, () => form.requestSubmit());
    }
    actions.announce(said.textContent);
  }
}

export function describeAnswer(answer) {
  if (!answer.answered) return answer.abstention.message;
  return `Answered, with ${count(answer.citations.length, "quote", "quotes")}.`;
}
