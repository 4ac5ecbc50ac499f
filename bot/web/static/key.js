// The server's key: asked for when it wants one, then what it refused is done.

import { find } from "./elements.js";
import { hasKey, useKey } from "./server.js";

let retry = null;

/** Opens the field; `again()` runs once a key is given. */
export function askForKey(problem, again) {
  retry = again;
  find("key-reason").textContent = describe(problem);
  find("key").hidden = false;
  find("key-value").focus();
}

function describe({ status }) {
  if (status === 403) return "The key that is in use may only read. This needs one that may write.";
  return hasKey()
    ? "The key was not accepted. Check it, or ask whoever runs this server for one."
    : "Whoever runs this server can give you one.";
}

find("key").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = find("key-value");
  if (!field.value.trim()) return;
  useKey(field.value.trim());
  field.value = "";
  find("key").hidden = true;
  retry?.();
});
