// The page: ask, stream, follow up.

import { readFragment, writeFragment } from "./address.js";
import { describeAnswer, showAnswer, showFailure, showHeadline } from "./answer.js";
import { closeArticle, isArticleOpen, readArticle } from "./article.js";
import { button, find, make } from "./elements.js";
import { checkFilters, offerPublishers, readFilters, writeFilters } from "./filters.js";
import { hideFront, showFront } from "./front.js";
import { askForKey } from "./key.js";
import { listenToKeys } from "./keys.js";
import { Problem, ask } from "./server.js";
import { addToHistory, clearHistory, readHistory } from "./storage.js";
import { formatDay, formatFilters, formatProblem, formatStage } from "./words.js";

const MOST_CHARACTERS = 2000;
const PATIENCE_MS = 8000;
const NOT_SHOWN = "This page could not show the answer. Reload it, and ask again.";
const ASK_AGAIN_MS = 900;
const [form, question] = [find("ask"), find("question")];

// The turn that was answered last: what a follow-up follows. Null in a new conversation. A turn is
// asked in one conversation (`askedIn`, null at first) and answered in one (`conversationId`).
let last = null;
// Stops the question that is being answered.
let asking = null;
let askingAgain = null;

// ---- asking

/** Asks `request` after the turns of `context`, and then each of `rest`. */
async function run(request, { context = [], askedIn = null, rest = [] } = {}) {
  asking?.abort();
  closeArticle({ refocus: false });
  const turn = addTurn(request, context, askedIn, rest);
  addToHistory(turn.requests);
  showHistory();
  history.replaceState(null, "", location.pathname + writeFragment(turn.requests));
  document.title = `${request.question} – Dateline`;
  await answer(turn);
}

async function answer(turn) {
  const stopping = new AbortController();
  asking?.abort();
  asking = stopping;
  const progress = showProgress(turn, () => stopping.abort());
  try {
    const body = { ...turn.request, ...(turn.askedIn && { conversation_id: turn.askedIn }) };
    for await (const [name, content] of ask(body, stopping.signal)) {
      if (name === "status") progress.say(formatStage(content));
      else if (name === "delta") progress.draft(content.text);
      else if (name === "answer") finish(turn, content);
    }
  } catch (error) {
    fail(turn, error);
  } finally {
    progress.end();
    if (asking === stopping) asking = null;
  }
  if (turn.answered && turn.rest.length) {
    const [next, ...rest] = turn.rest;
    await run(next, { ...followUp(), rest });
  }
}

function addTurn(request, context, askedIn, rest) {
  const story = make("div", { class: "story" });
  const section = make("article", { class: "turn columns" }, story);
  const headline = showHeadline(request, (without) => {
    writeFilters(without);
    showForm();
    run(without, { context, askedIn });
    announceBeside("Asked again, without it.");
  });
  story.append(headline);
  find("turns").prepend(section);
  hideFront();
  find("hint").hidden = true;
  const requests = [...context, request];
  return { request, context, requests, askedIn, rest, section, story, headline };
}

function showProgress(turn, stop) {
  const said = make("span", {});
  const draft = make("p", { class: "answer draft", dir: "auto" });
  const line = make("p", { class: "progress" }, said, " ", button("Stop", stop));
  turn.story.replaceChildren(turn.headline, line, draft);
  const patience = setTimeout(() => say("Still working: this takes longer than usual …"), PATIENCE_MS);
  const say = (text) => announce((said.textContent = text));
  say("Asking …");
  return { say, draft: (text) => draft.append(text), end: () => clearTimeout(patience) };
}

function finish(turn, answered) {
  turn.answered = true;
  turn.conversationId = answered.conversation_id;
  last = turn;
  showAnswer(turn, answered, {
    announce,
    askForKey,
    showProblem,
    copy,
    address: () => new URL(writeFragment(turn.requests), location.href).href,
  });
  offerPublishers(answered.citations.map(({ source }) => source));
  announce(describeAnswer(answered));
  // What was typed stays until it is answered, and what was typed meanwhile stays too.
  if (question.value.trim() === turn.request.question) question.value = "";
  showForm();
}

function fail(turn, error) {
  turn.rest = turn.answered ? [] : turn.rest;
  if (error.name === "AbortError") {
    announce("Stopped.");
    turn.story.replaceChildren(turn.headline, showStopped(() => answer(turn)));
    return;
  }
  const problem = error instanceof Problem ? error : new Problem(0, NOT_SHOWN);
  announce(formatProblem(problem));
  turn.story.replaceChildren(turn.headline, showProblem(problem, () => answer(turn)));
  if (problem !== error) throw error;
}

function showStopped(retry) {
  return make("div", { class: "failure" }, make("p", {}, "Stopped."), button("Ask again", retry));
}

/** A failure with its remedy: where the server wants a key, the field for one. */
function showProblem(problem, retry) {
  if (problem.status === 401) askForKey(problem, retry);
  return showFailure(problem, retry);
}

// ---- the form

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = question.value.trim();
  const filters = readFilters();
  clearTimeout(askingAgain);
  if (!checkFilters()) {
    find("filters-wrong").scrollIntoView({ block: "nearest" });
  } else if (!text && last !== null && filtersChanged()) {
    askLastAgain(filters);
  } else if (!text) {
    question.focus();
  } else if (Array.from(text).length > MOST_CHARACTERS) {
    announceBeside(`A question may have 2,000 characters; this one has ${Array.from(text).length}.`);
  } else {
    run({ question: text, ...filters }, followUp());
    // The keyboard of a phone would cover the answer.
    if (matchMedia("(pointer: coarse)").matches) question.blur();
  }
});

/** The last question, within other days or publishers. */
function askLastAgain(filters) {
  const { question: again } = last.request;
  const limits = formatFilters(filters).join(", ") || "without a filter";
  run({ question: again, ...filters }, { context: last.context, askedIn: last.askedIn });
  announceBeside(`Asked again, ${limits}.`);
}

// A changed filter asks again by itself, once the reader is done with it.
form.addEventListener("change", ({ target }) => {
  clearTimeout(askingAgain);
  if (target === question) return;
  askingAgain = setTimeout(() => {
    const mayAsk = last !== null && !question.value.trim() && filtersChanged();
    if (checkFilters() && mayAsk) askLastAgain(readFilters());
  }, ASK_AGAIN_MS);
});

form.addEventListener("invalid", () => (find("more").open = true), true);
form.addEventListener("input", showForm);

question.addEventListener("keydown", (event) => {
  // While an input method composes a word, Enter takes that word.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});

find("new").addEventListener("click", () => {
  startAnew();
  history.replaceState(null, "", location.pathname);
  document.title = "Dateline";
  showFrontPage();
  question.focus();
});

find("filters-clear").addEventListener("click", () => {
  writeFilters({});
  showForm();
  find("as-of").dispatchEvent(new Event("change", { bubbles: true }));
  find("as-of").focus();
});

function showFrontPage() {
  const limit = (filters) => {
    writeFilters({ ...readFilters(), ...filters });
    showForm();
    announce(formatFilters(readFilters()).join(", ") || "No filter.");
  };
  const offer = (names) => offerPublishers(names, { all: true });
  return showFront({ ask: askAll, limit, offer });
}

function followUp() {
  return last === null ? {} : { context: last.requests, askedIn: last.conversationId };
}

function startAnew() {
  asking?.abort();
  closeArticle({ refocus: false });
  last = null;
  find("turns").replaceChildren();
  find("hint").hidden = false;
  announce("");
  showForm();
}

function filtersChanged() {
  const { question: _, ...asked } = last.request;
  return formatFilters(asked).join() !== formatFilters(readFilters()).join();
}

/** The form says what asking now would do. */
function showForm() {
  const again = last !== null && !question.value.trim() && filtersChanged();
  find("submit").textContent = again ? "Ask again" : "Ask";
  find("question-label").textContent = last === null ? "Ask the archive" : "Ask a follow-up";
  question.placeholder = again ? last.request.question : "";
  find("new").hidden = last === null;
  find("filters-clear").hidden = !formatFilters(readFilters()).length;
  question.style.height = "auto";
  question.style.height = `${question.scrollHeight}px`;
}

// ---- history

find("history-toggle").addEventListener("click", () => toggleHistory(find("history").hidden));
find("history-clear").addEventListener("click", () => {
  clearHistory();
  showHistory();
  find("history-toggle").focus();
});

function toggleHistory(shown) {
  showHistory();
  find("history").hidden = !shown;
  find("history-toggle").setAttribute("aria-expanded", String(shown));
}

function showHistory() {
  const entries = readHistory();
  find("history-list").replaceChildren(...entries.map(showEntry));
  find("history-empty").hidden = entries.length > 0;
  find("history-clear").hidden = entries.length === 0;
}

function showEntry({ requests, at }) {
  const request = requests.at(-1);
  const facts = [formatDay(at), ...formatFilters(request)].join(" · ");
  const after = requests.length > 1 ? `after “${requests[0].question}”` : null;
  const asked = button(request.question, () => {
    toggleHistory(false);
    askAll(requests);
  });
  return make(
    "li",
    {},
    asked,
    make("p", { class: "dateline" }, facts),
    after && make("p", { class: "aside" }, after),
  );
}

// ---- the rest

function askAll(requests) {
  const [first, ...rest] = requests;
  startAnew();
  writeFilters(requests.at(-1));
  question.value = "";
  showForm();
  return run(first, { rest });
}

async function copy(text, said) {
  announceBeside((await copyText(text)) ? said : "The browser does not let this page copy.");
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

/** Where the page is not served securely, there is no other clipboard. */
function copySelected(text) {
  const field = make("textarea", { class: "unseen", "aria-hidden": "true" });
  const focused = document.activeElement;
  field.value = text;
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  focused?.focus();
  return copied;
}

function announce(text) {
  find("status").textContent = text;
}

/** For what is said nowhere else: it is seen for a while, too, whatever is announced meanwhile. */
function announceBeside(text) {
  announce(text);
  document.querySelector(".toast")?.remove();
  const toast = make("p", { class: "toast", "aria-hidden": "true" }, text);
  document.body.append(toast);
  setTimeout(() => toast.remove(), 4000);
}

listenToKeys({
  stop: () => asking?.abort(),
  closeArticle: () => isArticleOpen() && (closeArticle(), true),
});

addEventListener("hashchange", askFromAddress);

function askFromAddress() {
  const requests = readFragment(location.hash);
  if (requests.length) askAll(requests);
}

find("today").textContent = new Date().toLocaleDateString("en-GB", {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
});
showForm();
askFromAddress();
const articleId = new URLSearchParams(location.search).get("article");
if (articleId) readArticle(articleId, find("turns"), showProblem);
else if (!location.hash.startsWith("#q=")) showFrontPage();
