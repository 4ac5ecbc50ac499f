// The front page, while nothing is asked: what the archive holds, its newest stories, what it may
// be asked, and what this browser asked.

import { showDateline } from "./dateline.js";
import { button, find, make } from "./elements.js";
import { showHistogram } from "./histogram.js";
import { showIntake } from "./intake.js";
import { getHoldings, getSuggestions, listArticles } from "./server.js";
import { readHistory } from "./storage.js";
import { count, formatRange, formatSpan } from "./words.js";

const MOST_RECENT = 5;
const MOST_PUBLISHERS = 8;
const LOOK_AGAIN_MS = 2000;
const INDEXED_MS = 1500;
// Whatever comes for an earlier drawing of the front page is too late.
let drawing = 0;

/** `actions`: `ask(requests)`, `limit({since, until} | {sources})`, `offer(publishers)`. */
export async function showFront(actions) {
  const mine = ++drawing;
  const front = find("front");
  front.hidden = false;
  try {
    const held = await getHoldings();
    if (mine !== drawing) return;
    actions.offer(held.publishers.map(({ source }) => source));
    front.replaceChildren(...(held.articles ? showFull(held, actions) : [showEmpty(actions)]));
    if (held.articles) await suggest(actions, () => mine === drawing);
  } catch {
    // Without it the page asks as well; whoever asks is told what is wrong.
    if (mine === drawing && !front.childElementCount) front.hidden = true;
  }
}

export function hideFront() {
  drawing += 1;
  find("front").hidden = true;
}

function showFull(held, actions) {
  const stories = make("div", { class: "newest" });
  const listNewest = () =>
    stories.replaceChildren(heading("Newest stories"), make("ol", {}, ...held.stories.map(showStory)));
  listNewest();
  const choose = async (days) => {
    actions.limit(days ?? { since: "", until: "" });
    if (days) stories.replaceChildren(...(await listDays(days, listNewest)));
    else listNewest();
  };
  return [
    stories,
    make(
      "div",
      { class: "rail" },
      showArchive(held, actions, choose),
      make("section", { id: "suggested", hidden: "", "aria-label": "This archive answers" }),
      showRecent(actions),
    ),
  ];
}

const heading = (text) => make("h2", { class: "ruled" }, text);

function showStory({ article_id: articleId, title, lead, carriers, sources, ...dated }) {
  const carried = carriers > 1 ? `Carried by ${carriers}: ${sources.join(", ")}` : "";
  return make(
    "li",
    {},
    showDateline(dated),
    make("h3", { dir: "auto" }, make("a", { href: `?article=${articleId}` }, title)),
    lead ? make("p", { class: "standfirst", dir: "auto" }, lead) : null,
    carried ? make("p", { class: "aside" }, carried) : null,
  );
}

async function listDays(days, clear) {
  const { articles, next } = await listArticles({ ...days, limit: 20 });
  const items = articles.map((article) => showStory({ ...article, carriers: 1, sources: [] }));
  const more = next ? "The newest twenty; the archive lists the rest." : "";
  return [
    heading(`Published ${formatRange(days)}`),
    make("p", { class: "aside" }, "Questions read these days alone. ", button("All days", clear)),
    items.length ? make("ol", {}, ...items) : make("p", {}, "Nothing was published then."),
    more && make("p", { class: "aside" }, more),
  ].filter(Boolean);
}

function showArchive(held, actions, choose) {
  const span = held.oldest && formatSpan(held.oldest, held.newest);
  const undated = held.undated && `${held.undated.toLocaleString("en")} undated`;
  const facts = [span, undated].filter(Boolean).join(" · ");
  const publishers = held.publishers.slice(0, MOST_PUBLISHERS).map(({ source, articles }) =>
    make(
      "li",
      {},
      button(source, () => actions.limit({ sources: [source] }), { title: `Read ${source} alone` }),
      make("span", { class: "figure" }, articles.toLocaleString("en")),
    ),
  );
  const more = held.publishers.length - publishers.length;
  return make(
    "section",
    { "aria-label": "In the archive" },
    heading("In the archive"),
    make("p", { class: "facts" }, count(held.articles, "article", "articles")),
    facts ? make("p", { class: "aside" }, facts) : null,
    held.days.length > 1 ? showHistogram(held, choose) : null,
    publishers.length ? make("ul", { class: "publishers" }, ...publishers) : null,
    more > 0 ? make("p", { class: "aside" }, `and ${count(more, "publisher", "publishers")} more`) : null,
    make("p", { class: "aside" }, make("a", { href: "archive" }, "Browse, add and remove articles")),
  );
}

async function suggest(actions, stillShown) {
  while (stillShown()) {
    const { questions, complete } = await getSuggestions();
    if (!stillShown()) return;
    const place = find("suggested");
    const asked = questions.map((question) => button(question, () => actions.ask([{ question }])));
    place.replaceChildren(heading("This archive answers"), listOf(asked));
    place.hidden = !questions.length;
    if (complete) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

function showRecent(actions) {
  const recent = readHistory().slice(0, MOST_RECENT);
  const asked = recent.map(({ requests }) =>
    button(requests.at(-1).question, () => actions.ask(requests)),
  );
  return asked.length
    ? make("section", { "aria-label": "Asked lately" }, heading("Asked in this browser"), listOf(asked))
    : null;
}

function listOf(buttons) {
  return make("ul", { class: "questions" }, ...buttons.map((each) => make("li", {}, each)));
}

function showEmpty(actions) {
  const again = () => setTimeout(() => showFront(actions), INDEXED_MS);
  return make(
    "section",
    { class: "empty-archive", "aria-label": "The archive is empty" },
    make("h2", {}, "The archive is empty."),
    make("p", {}, "Give it some articles, then ask about them."),
    showIntake(again),
    make("p", { class: "aside" }, "At a shell: ", make("code", {}, "dateline ingest examples/")),
  );
}
