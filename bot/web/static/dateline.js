// The line that stands over every source.

import { make } from "./elements.js";
import { formatDay } from "./words.js";

/** `MERIDIAN WIRE · 12 FEB 2026`, in small capitals. */
export function showDateline({ source, published_at }) {
  const day = published_at
    ? make("time", { datetime: published_at }, formatDay(published_at))
    : "undated";
  return make("p", { class: "dateline" }, ...(source ? [make("bdi", {}, source), " · "] : []), day);
}
