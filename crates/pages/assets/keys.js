// The keys of lists and pipelines.

import { key, toClipboard } from "./app.js";

/** Which of `rows` comes `step` after the one at `at`, or from the place before row `before` where it is at none; -1: there is none. */
export function next(rows, at, step, before = step > 0 ? 0 : rows) {
  if (at >= 0) return Math.min(rows - 1, Math.max(0, at + step));
  const wanted = step > 0 ? before : before - 1;
  return wanted < rows ? wanted : -1;
}

function move(selector, step) {
  const links = [...document.querySelectorAll(selector)];
  if (!links.length) return;
  const active = document.activeElement;
  const at = links.findIndex((link) => link === active || link.closest("li, tr")?.contains(active));
  // From any other row it goes on from there.
  const somewhere = active?.closest("main li, main tr");
  const after =
    somewhere && links.findIndex((link) => somewhere.compareDocumentPosition(link) & Node.DOCUMENT_POSITION_FOLLOWING);
  const link = links[next(links.length, at, step, after === -1 ? links.length : (after ?? undefined))];
  if (!link) return;
  for (let fold = link.closest("details:not([open])"); fold; fold = fold.parentElement.closest("details:not([open])"))
    fold.open = true;
  link.focus({ preventScroll: true });
  link.scrollIntoView({ block: "nearest" });
}

let shown;
async function copy() {
  const text = document.querySelector("[data-permalink]")?.href ?? location.href;
  await toClipboard(text);
  const said = document.getElementById("announce");
  if (!said) return;
  said.textContent = `${said.dataset.copied} ${text}`;
  // Those who look are told as well.
  said.className = "said-aloud";
  clearTimeout(shown);
  shown = setTimeout(() => (said.className = "visually-hidden"), 4000);
}

const click = (selector) => () => document.querySelector(selector)?.click();
const go = { j: ["[data-row]", 1], k: ["[data-row]", -1], n: ["[data-failed]", 1], p: ["[data-failed]", -1] };
for (const [name, [selector, step]] of Object.entries(go)) key(name, () => move(selector, step));
key("o", () => document.activeElement?.matches("a") && document.activeElement.click());
key("[", click("a[data-older], .pager a[rel=next]"));
key("]", click("a[data-newer], .pager a[rel=prev]"));
key("y", copy);
key("g p", click("a[data-go=p], .tabs a, .crumbs a[href$='/pipelines']"));

// One letter is soon typed, or said to a device that types: all keys can be switched off.
const quiet = document.querySelector("[data-keys-off]");
if (quiet) {
  quiet.checked = localStorage.getItem("keys") === "off";
  quiet.addEventListener("change", () => localStorage.setItem("keys", quiet.checked ? "off" : "on"));
}
