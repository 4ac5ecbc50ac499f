// Days as bars, drawn by the server: a press takes a bar's days, a drag those of several.

import { make, readDrawing } from "./elements.js";
import { count, formatDay, formatRange } from "./words.js";

/** `choose({since, until})` with the days that were taken, `choose(null)` when taken back. */
export function showHistogram({ drawing, days }, choose) {
  const svg = readDrawing(drawing);
  const bars = [...svg.querySelectorAll(".bar")];
  const said = make("p", { class: "aside", "aria-live": "polite" }, "Press a bar, or drag over several.");
  let [from, taken] = [null, null];

  const at = (event) => {
    const { left, width } = svg.getBoundingClientRect();
    const position = Math.floor(((event.clientX - left) / width) * bars.length);
    return Math.min(bars.length - 1, Math.max(0, position));
  };
  const mark = (one, other) => {
    const [first, last] = [Math.min(one, other), Math.max(one, other)];
    bars.forEach((bar, i) => bar.classList.toggle("taken", i >= first && i <= last));
    const range = { since: days[first].since, until: days[last].until };
    const held = days.slice(first, last + 1).reduce((sum, { articles }) => sum + articles, 0);
    said.textContent = `${formatRange(range)}: ${count(held, "article", "articles")}`;
    return range;
  };

  svg.addEventListener("pointerdown", (event) => {
    from = at(event);
    svg.setPointerCapture(event.pointerId);
    mark(from, from);
  });
  svg.addEventListener("pointermove", (event) => from !== null && mark(from, at(event)));
  svg.addEventListener("pointerup", (event) => {
    const range = mark(from, at(event));
    const again = taken?.since === range.since && taken.until === range.until;
    [from, taken] = [null, again ? null : range];
    if (again) bars.forEach((bar) => bar.classList.remove("taken"));
    choose(taken);
  });
  svg.addEventListener("pointercancel", () => (from = null));

  const ends = make(
    "p",
    { class: "ends aside", "aria-hidden": "true" },
    make("span", {}, formatDay(days[0].since)),
    make("span", {}, formatDay(days.at(-1).until)),
  );
  return make("div", { class: "histogram" }, svg, ends, said, showTable(days));
}

/** For those who do not see the bars. */
function showTable(days) {
  const rows = days
    .filter(({ articles }) => articles)
    .map((day) => make("tr", {}, make("th", { scope: "row" }, formatRange(day)), make("td", {}, String(day.articles))));
  const head = make("tr", {}, make("th", { scope: "col" }, "Published"), make("th", { scope: "col" }, "Articles"));
  return make(
    "div",
    { class: "unseen" },
    make("table", {}, make("caption", {}, "Articles by day"), make("thead", {}, head), make("tbody", {}, ...rows)),
  );
}
