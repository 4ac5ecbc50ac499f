// The archive: browse and filter articles, read one beside the list, add some, remove one.

import { showArticle } from "./article.js";
import { showDateline } from "./dateline.js";
import { button, find, make } from "./elements.js";
import { showIntake } from "./intake.js";
import { askForKey } from "./key.js";
import { getArticle, getCarriers, getHoldings, listArticles, removeArticle } from "./server.js";
import { count, formatProblem } from "./words.js";

const PAUSE_MS = 250;
const AT_ONCE = 30;
const [form, listing, more, rail] = [find("browse"), find("listing"), find("more"), find("rail")];
const FIELDS = ["q", "source", "since", "until"];
let next = null;
let shown = 0;
// Of several questions on their way, only the last one's list is shown.
let latest = 0;
let pausing = null;

/** The list anew, or `cursor`'s page at its end. */
async function list(cursor = null) {
  const mine = ++latest;
  const filters = readFilters();
  const wrong = filters.since && filters.until && filters.since > filters.until;
  if (wrong) return say("“Published from” is later than “Published to”: change one of them.");
  try {
    const page = await listArticles({ ...filters, cursor, limit: AT_ONCE });
    if (mine !== latest) return;
    if (!cursor) {
      listing.replaceChildren();
      shown = 0;
    }
    listing.append(...page.articles.map(showItem));
    shown += page.articles.length;
    next = page.next;
    more.hidden = next === null;
    say(describe(filters));
    if (!cursor) remember(filters);
  } catch (problem) {
    if (mine !== latest) return;
    say(formatProblem(problem));
    if (problem.status === 401) askForKey(problem, () => start());
  }
}

function readFilters() {
  return Object.fromEntries(FIELDS.map((name) => [name, form.elements[name].value.trim()]));
}

/** The address holds the filters, so that the list can be shared and gone back to. */
function remember(filters) {
  const set = Object.entries(filters).filter(([, value]) => value);
  history.replaceState(null, "", set.length ? `?${new URLSearchParams(set)}` : location.pathname);
}

function describe(filters) {
  const some = Object.values(filters).some(Boolean);
  if (!shown) return some ? "No article fits all of these." : "The archive is empty: add some articles.";
  return `${count(shown, "article", "articles")}${next ? " so far" : ""}, the newest first`;
}

function showItem(article) {
  const open = button(article.title, () => read(article.article_id, open), { "aria-expanded": "false", dir: "auto" });
  return make("li", { "data-id": article.article_id }, showDateline(article), make("h2", {}, open));
}

async function read(articleId, opener) {
  const close = () => {
    pane.remove();
    opener?.setAttribute("aria-expanded", "false");
    opener?.focus();
  };
  rail.querySelector(".article")?.remove();
  for (const each of listing.querySelectorAll("[aria-expanded=true]")) each.setAttribute("aria-expanded", "false");
  opener?.setAttribute("aria-expanded", "true");
  const body = make("div", {}, make("p", { class: "aside" }, "Opening …"));
  const pane = make("section", { class: "article", "aria-label": "Article", tabindex: "-1" }, button("Close", close, { class: "close" }), body);
  rail.prepend(pane);
  pane.focus({ preventScroll: true });
  try {
    const [article, carriers] = await Promise.all([getArticle(articleId), getCarriers(articleId)]);
    body.replaceChildren(...showArticle(article), showCarriers(articleId, carriers), showRemoval(article, close));
  } catch (problem) {
    body.replaceChildren(make("p", { class: "failure" }, formatProblem(problem)));
    if (problem.status === 401) askForKey(problem, () => read(articleId, opener));
  }
  pane.scrollIntoView({ block: "nearest" });
}

/** Who else carries the story, each to be read in turn. */
function showCarriers(articleId, carriers) {
  const others = carriers.filter((each) => each.article_id !== articleId);
  if (!others.length) return make("p", { class: "aside carriers" }, "Nobody else here carries this story.");
  const items = others.map((each) =>
    make(
      "li",
      {},
      showDateline(each),
      button(each.title, () => read(each.article_id, null), { dir: "auto" }),
    ),
  );
  return make("section", { class: "carriers" }, make("h4", {}, "Also carried by"), make("ul", {}, ...items));
}

/** Removing asks once more: it also takes the conversations and the feedback that quote it. */
function showRemoval(article, close) {
  const said = make("span", { class: "aside", role: "status" });
  const sure = button("Remove for good", remove, { class: "primary", hidden: "" });
  const first = button("Remove …", () => {
    [first.hidden, sure.hidden] = [true, false];
    said.textContent = "Conversations and feedback that quote it go, too.";
    sure.focus();
  });
  return make("p", { class: "removal" }, first, sure, " ", said);

  async function remove() {
    try {
      await removeArticle(article.article_id);
      find("listing").querySelector(`[data-id="${article.article_id}"]`)?.remove();
      shown -= 1;
      close();
      say(`Removed: ${article.title}`);
    } catch (problem) {
      said.textContent = problem.status === 403 ? "This key may only read." : formatProblem(problem);
      if (problem.status === 401 || problem.status === 403) askForKey(problem, remove);
    }
  }
}

function say(text) {
  find("status").textContent = text;
}

async function offerPublishers() {
  const { publishers } = await getHoldings();
  const options = publishers.map(({ source }) => make("option", { value: source }));
  find("publishers").replaceChildren(...options);
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", () => {
  clearTimeout(pausing);
  pausing = setTimeout(() => list(), PAUSE_MS);
});
more.addEventListener("click", () => list(next));

function start() {
  // Nobody misses them where they cannot be had.
  offerPublishers().catch(() => {});
  return list();
}

for (const [name, value] of new URLSearchParams(location.search)) {
  if (FIELDS.includes(name)) form.elements[name].value = value;
}
find("adding").append(showIntake(start, askForKey));
start();
