// Questions in the address: in its fragment, which no server sees. A conversation's turns stand in
// order, each with its filters: `#q=Who+chaired…&as_of=2025-06-30&q=And+when…`.

const MOST_TURNS = 6;
const DATES = ["as_of", "since", "until"];

/** The last turns, as many as an address may ask at once. */
export function writeFragment(requests) {
  const written = new URLSearchParams();
  for (const { question, sources = [], ...request } of requests.slice(-MOST_TURNS)) {
    written.append("q", question);
    for (const name of DATES) if (request[name]) written.append(name, request[name]);
    for (const source of sources) written.append("source", source);
  }
  return `#${written}`;
}

export function readFragment(fragment) {
  const requests = [];
  for (const [name, value] of new URLSearchParams(fragment.slice(1))) {
    const request = requests.at(-1);
    if (name === "q" && value.trim()) requests.push({ question: value.trim() });
    // Not checked here: a date that is none is the server's to refuse, not ours to forget.
    else if (request && DATES.includes(name)) request[name] = value;
    else if (request && name === "source") request.sources = [...(request.sources ?? []), value];
  }
  return requests.slice(0, MOST_TURNS);
}
