// Taking articles in: files that are dropped or chosen, and addresses.

import { button, make } from "./elements.js";
import { getJob, postAddress, postFile } from "./server.js";
import { formatProblem } from "./words.js";

const LOOK_AGAIN_MS = 700;
const TAKEN = ["added", "updated", "unchanged", "duplicates", "withdrawn"];

/** The drop zone and the field for an address; `onTaken()` when something was taken in. */
export function showIntake(onTaken, askForKey = () => {}) {
  const said = make("p", { class: "intake-said", role: "status" });
  const wrong = make("ul", { class: "intake-wrong" });
  const bar = make("progress", { "aria-label": "Taking in", hidden: "" });
  const chosen = make("input", { type: "file", multiple: "", "aria-label": "Files", class: "unseen", tabindex: "-1" });
  const address = make("input", { type: "url", placeholder: "Address of a page or feed", "aria-label": "Address of a page, feed or sitemap", required: "" });
  const byAddress = make("form", { class: "field-line" }, address, make("button", { class: "primary" }, "Fetch"));
  const zone = make(
    "div",
    { class: "drop" },
    make("p", {}, "Drop articles here: pages, PDF, Word, text, JSON Lines, feeds, zips … ", button("Choose files", () => chosen.click())),
    chosen,
  );

  chosen.addEventListener("change", () => take([...chosen.files]));
  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    take([...event.dataTransfer.files]);
  });
  byAddress.addEventListener("submit", (event) => {
    event.preventDefault();
    fetchAddress(address.value.trim());
  });
  return make("div", { class: "intake" }, zone, byAddress, bar, said, wrong);

  async function take(files) {
    const sum = begin();
    for (const [i, file] of files.entries()) {
      say(`${i + 1} of ${files.length}: ${file.name} …`, i / files.length);
      try {
        add(sum, await postFile(file));
      } catch (problem) {
        fail(problem, file.name, () => take(files.slice(i)));
        if (problem.status === 401 || problem.status === 403) return end(sum);
      }
    }
    chosen.value = "";
    end(sum);
  }

  async function fetchAddress(url) {
    const sum = begin();
    say(`Fetching ${url} …`);
    try {
      let job = await postAddress(url);
      while (job.status === "queued" || job.status === "running") {
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
        job = await getJob(job.job_id);
        say(`Fetching ${url}: ${formatTaken(job.report) || "nothing yet"} …`);
      }
      add(sum, { ...job.report, failed: [] });
      const failed = job.report.failed.map(({ input, error }) => `${input}: ${error}`);
      for (const line of failed.length ? failed : [job.error].filter(Boolean)) tell(line);
    } catch (problem) {
      fail(problem, url, () => fetchAddress(url));
    }
    end(sum);
  }

  function begin() {
    wrong.replaceChildren();
    bar.hidden = false;
    return Object.fromEntries(TAKEN.map((name) => [name, 0]));
  }

  function say(text, done = null) {
    said.textContent = text;
    if (done === null) bar.removeAttribute("value");
    else bar.value = done;
  }

  function add(sum, report) {
    for (const name of TAKEN) sum[name] += report[name] ?? 0;
    for (const { input, error } of report.failed) tell(`${input}: ${error}`);
  }

  function fail(problem, name, retry) {
    if (problem.status === 401 || problem.status === 403) askForKey(problem, retry);
    const needs = problem.status === 403 ? "This key may only read: adding needs a key that may write." : "";
    tell(`${name}: ${needs || formatProblem(problem)}`);
  }

  function tell(text) {
    wrong.append(make("li", {}, text));
  }

  function end(sum) {
    bar.hidden = true;
    said.textContent = formatTaken(sum) || "Nothing was taken in.";
    if (TAKEN.some((name) => sum[name])) onTaken();
  }
}

function formatTaken(report) {
  const words = {
    added: "added",
    updated: "updated",
    unchanged: "there already",
    duplicates: report.duplicates === 1 ? "copy of a story already held" : "copies of stories already held",
    withdrawn: "withdrawn",
  };
  return Object.entries(words)
    .filter(([name]) => report[name])
    .map(([name, word]) => `${report[name].toLocaleString("en")} ${word}`)
    .join(", ");
}
