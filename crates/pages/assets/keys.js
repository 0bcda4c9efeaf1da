// Keyboard shortcuts of lists and pipelines.

import { key, toClipboard } from "./app.js";

/**
 * The index of the row `step` rows after the row `at`. If no row is active (`at` is -1), it starts before row
 * `before`. -1 if there is no such row.
 */
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
  // From a row without such a link, continue from its position.
  const activeRow = active?.closest("main li, main tr");
  const after =
    activeRow && links.findIndex((link) => activeRow.compareDocumentPosition(link) & Node.DOCUMENT_POSITION_FOLLOWING);
  const link = links[next(links.length, at, step, after === -1 ? links.length : (after ?? undefined))];
  if (!link) return;
  for (let fold = link.closest("details:not([open])"); fold; fold = fold.parentElement.closest("details:not([open])"))
    fold.open = true;
  link.focus({ preventScroll: true });
  link.scrollIntoView({ block: "nearest" });
}

let hideTimer;
async function copy() {
  const text = document.querySelector("[data-permalink]")?.href ?? location.href;
  await toClipboard(text);
  const announcer = document.getElementById("announce");
  if (!announcer) return;
  announcer.textContent = `${announcer.dataset.copied} ${text}`;
  // Show the announcement of the screen reader to sighted users as well.
  announcer.className = "announcement";
  clearTimeout(hideTimer);
  hideTimer = setTimeout(() => (announcer.className = "visually-hidden"), 4000);
}

const click = (selector) => () => document.querySelector(selector)?.click();
const go = { j: ["[data-row]", 1], k: ["[data-row]", -1], n: ["[data-failed]", 1], p: ["[data-failed]", -1] };
for (const [name, [selector, step]] of Object.entries(go)) key(name, () => move(selector, step));
key("o", () => document.activeElement?.matches("a") && document.activeElement.click());
key("[", click("a[data-older], .pager a[rel=next]"));
key("]", click("a[data-newer], .pager a[rel=prev]"));
key("y", copy);
key("g p", click("a[data-go=p], .tabs a, .crumbs a[href$='/pipelines']"));

// Single keys are easily pressed by accident, or by speech input, so users can disable all shortcuts.
const keysOff = document.querySelector("[data-keys-off]");
if (keysOff) {
  keysOff.checked = localStorage.getItem("keys") === "off";
  keysOff.addEventListener("change", () => localStorage.setItem("keys", keysOff.checked ? "off" : "on"));
}
