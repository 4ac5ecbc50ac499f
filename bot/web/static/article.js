// The article beside the answer, its quote highlighted.

import { showDateline } from "./dateline.js";
import { button, link, make } from "./elements.js";
import { getArticle } from "./server.js";
import { formatDay, formatProvenance, splitAtCodePoints } from "./words.js";

const CHANGED = "The article has changed since this answer: the quote is no longer in its place.";
let open = null;

/** `opener` is the control that was used, `rail` where the article is shown. */
export async function openArticle(citation, opener, rail, onProblem) {
  closeArticle({ refocus: false });
  const body = make("div", { class: "article-body" }, make("p", { class: "aside" }, "Opening …"));
  const pane = make(
    "section",
    { class: "article", "aria-label": `Article: ${citation.title}`, tabindex: "-1" },
    button("Close", () => closeArticle(), { class: "close" }),
    body,
  );
  open = { pane, opener };
  rail.prepend(pane);
  opener.setAttribute("aria-expanded", "true");
  pane.focus({ preventScroll: true });
  try {
    const article = await getArticle(citation.article_id);
    body.replaceChildren(...showArticle(article, citation));
  } catch (problem) {
    body.replaceChildren(onProblem(problem, () => openArticle(citation, opener, rail, onProblem)));
  }
  showQuote(pane);
}

/** An article that an address names, with no answer beside it. */
export async function readArticle(articleId, place, onProblem) {
  const opening = make("p", { class: "aside" }, "Opening …");
  const section = make("section", { class: "turn", "aria-label": "Article" }, opening);
  place.append(section);
  try {
    const article = await getArticle(articleId);
    section.replaceChildren(make("div", { class: "article" }, ...showArticle(article)));
  } catch (problem) {
    const retry = () => (section.remove(), readArticle(articleId, place, onProblem));
    section.replaceChildren(onProblem(problem, retry));
  }
}

export function closeArticle({ refocus = true } = {}) {
  if (open === null) return;
  const { pane, opener } = open;
  open = null;
  pane.remove();
  opener.setAttribute("aria-expanded", "false");
  if (refocus) opener.focus();
}

export const isArticleOpen = () => open !== null;

/** Its dateline, headline, byline and text, with the quote marked. */
export function showArticle(article, citation = { start: 0, end: 0, quote: "" }) {
  const [before, quote, after] = splitAtCodePoints(article.text, citation.start, citation.end);
  const found = quote === citation.quote;
  const byline = [
    article.authors.length ? `By ${article.authors.join(", ")}` : "",
    formatProvenance(article),
    article.modified_at ? `changed ${formatDay(article.modified_at)}` : "",
  ];
  return [
    showDateline(article),
    make("h3", { dir: "auto" }, link(article.title, article.url)),
    make("p", { class: "aside" }, byline.filter(Boolean).join(" · ")),
    found ? null : make("p", { class: "notes" }, CHANGED),
    make(
      "div",
      { class: "text", tabindex: "0", role: "region", "aria-label": "Text", lang: article.language },
      ...(found ? [before, make("mark", {}, quote), after] : [article.text]),
    ),
  ].filter((part) => part !== null);
}

/** Where the text scrolls by itself, the whole pane comes into view; else the page scrolls. */
function showQuote(pane) {
  pane.scrollIntoView({ block: "nearest" });
  const [text, mark] = [pane.querySelector(".text"), pane.querySelector("mark")];
  if (mark === null) return;
  const [top, height] = [mark.getBoundingClientRect().top, text.clientHeight];
  if (text.scrollHeight > height) {
    text.scrollTop += top - text.getBoundingClientRect().top - height / 3;
  } else {
    mark.scrollIntoView({ block: "nearest" });
  }
}
