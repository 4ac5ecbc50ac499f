// The filters of a question: what they say, what is wrong with them, and publishers as one types.

import { find, make } from "./elements.js";

const DATE_FIELDS = { as_of: find("as-of"), since: find("since"), until: find("until") };
const ORDER = [
  ["until", "since", "“Published to” is earlier than “Published from”: nothing can be read."],
  ["as_of", "since", "“As of” is earlier than “Published from”: nothing can be read."],
];
const sources = find("sources");
// Every publisher of the archive, once it has said them; until then those that were cited.
let [publishers, areAll] = [[], false];

/** Only what is set: an empty field is no filter. */
export function readFilters() {
  const dates = Object.entries(DATE_FIELDS).map(([name, field]) => [name, field.value]);
  const named = nameSources();
  const given = Object.fromEntries(dates.filter(([, value]) => value));
  return named.length ? { ...given, sources: named } : given;
}

export function writeFilters(request) {
  for (const [name, field] of Object.entries(DATE_FIELDS)) field.value = request[name] ?? "";
  sources.value = (request.sources ?? []).join("; ");
  find("more").open = Boolean(request.since || request.until || request.sources);
  checkFilters();
}

/** Says at the fields what is wrong with which of them; whether a question may go out. */
export function checkFilters() {
  const clashes = ORDER.filter(([one, other]) => {
    const [first, last] = [DATE_FIELDS[other].value, DATE_FIELDS[one].value];
    return first && last && last < first;
  });
  const broken = Object.entries(DATE_FIELDS).filter(([, field]) => field.validity.badInput);
  const unknown = areAll ? nameSources().filter((name) => !isKnown(name)) : [];
  const wrong = new Set([...clashes.map(([name]) => name), ...broken.map(([name]) => name)]);
  for (const [name, field] of Object.entries(DATE_FIELDS)) mark(field, wrong.has(name));
  mark(sources, unknown.length > 0);
  find("filters-wrong").replaceChildren(
    ...[
      ...clashes.map(([, , text]) => text),
      ...broken.map(([, field]) => `“${field.labels[0].textContent}” is not a whole date.`),
      ...unknown.map((name) => `No publisher here is called “${name}”.`),
    ].map((text) => make("p", {}, text)),
  );
  if (wrong.size) find("more").open = true;
  return wrong.size === 0;
}

export function offerPublishers(names, { all = false } = {}) {
  publishers = [...new Set([...publishers, ...names.filter(Boolean)])];
  areAll ||= all;
  complete();
}

function nameSources() {
  return sources.value.split(";").map((name) => name.trim()).filter(Boolean);
}

function isKnown(name) {
  return publishers.some((known) => known.toLowerCase() === name.toLowerCase());
}

function mark(field, isWrong) {
  if (isWrong) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

/** A browser completes the whole of a field: what stands before the last semicolon is put before. */
function complete() {
  const before = sources.value.includes(";") ? sources.value.replace(/;[^;]*$/, "; ") : "";
  const options = publishers.map((name) => make("option", { value: before + name }));
  find("publishers").replaceChildren(...options);
}

sources.addEventListener("input", complete);
