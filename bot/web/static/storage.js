// What the browser keeps: questions asked. Storage may be blocked or full; the page works without.

const HISTORY = "dateline.history";
const MOST_ASKED = 50;
let asked = null;

export function recall(storage, name) {
  try {
    return storage.getItem(name);
  } catch {
    return null;
  }
}

/** Whether it was kept. */
export function remember(storage, name, value) {
  try {
    storage.setItem(name, value);
    return true;
  } catch {
    return false;
  }
}

/** The newest first: `{requests, at}`. Questions only: an article that is removed leaves no trace. */
export function readHistory() {
  asked ??= parse(recall(local(), HISTORY));
  return asked;
}

export function addToHistory(requests) {
  const entry = { requests, at: new Date().toISOString() };
  const same = JSON.stringify(requests);
  const others = readHistory().filter((other) => JSON.stringify(other.requests) !== same);
  asked = [entry, ...others].slice(0, MOST_ASKED);
  let kept = asked;
  // Full: the older half gives way until it fits; what does not fit is kept for this page alone.
  while (kept.length && !remember(local(), HISTORY, JSON.stringify(kept))) {
    kept = kept.slice(0, Math.floor(kept.length / 2));
  }
}

export function clearHistory() {
  asked = [];
  try {
    local().removeItem(HISTORY);
  } catch {
    // Blocked: there was nothing kept.
  }
}

function parse(text) {
  try {
    return JSON.parse(text).filter(
      ({ requests, at }) =>
        typeof at === "string" && requests.every(({ question }) => typeof question === "string"),
    );
  } catch {
    return [];
  }
}

function local() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
