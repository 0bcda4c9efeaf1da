// The palette: a dialog that searches while text is entered. The list is that of the page of the search, which the form
// opens without this script.

import { isTextField, key } from "./app.js";

const palette = document.getElementById("palette");
const input = document.getElementById("palette-q");
const hits = document.getElementById("palette-hits");
const summary = document.getElementById("palette-summary");
const PAUSE = 150;
let timer;
let running;

function show(list, text) {
  hits.replaceChildren(...list);
  summary.textContent = text;
}

async function search() {
  running?.abort();
  const q = input.value.trim();
  if (!q) return show([], "");
  running = new AbortController();
  const { signal } = running;
  try {
    const address = `${input.form.action}?${new URLSearchParams(new FormData(input.form))}`;
    const response = await fetch(address, { headers: { accept: "text/html", "x-fragment": "1" }, signal });
    // A session that has ended leads to the page that signs in; the form does too.
    if (!response.ok || response.redirected) return show([], "");
    const found = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("hits");
    const text = found?.querySelector("[data-summary]");
    text?.remove();
    // They are no rows of the page.
    for (const link of found?.querySelectorAll("[data-row]") ?? []) delete link.dataset.row;
    show(found?.childNodes ?? [], text?.textContent ?? "");
  } catch (error) {
    if (error.name !== "AbortError") show([], "");
  }
}

// The browser returns the focus when the dialog is closed.
function open() {
  if (document.querySelector("dialog[open]")) return;
  palette.showModal();
  input.focus();
  input.select();
  search();
}

function move(event) {
  // The keys of an input method choose its candidates.
  if (event.isComposing) return event.stopPropagation();
  // Shortcuts of the page behind the dialog are off.
  if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
  const links = [...hits.querySelectorAll("a")];
  const at = links.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    (links[Math.min(links.length - 1, at + step)] ?? input).focus();
  } else if (at >= 0 && /^\S$/u.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey) {
    // The character goes into the input, which has the focus before it is typed.
    input.focus();
  }
}

if (palette) {
  const later = (event) => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(search, PAUSE);
  };
  input.addEventListener("input", later);
  // The last input event of a composition belongs to it.
  input.addEventListener("compositionend", later);
  palette.addEventListener("keydown", move);
  palette.addEventListener("click", (event) => event.target === palette && palette.close());
  palette.addEventListener("close", () => {
    clearTimeout(timer);
    running?.abort();
    show([], "");
  });
  // A page whose own list has a search keeps the key for it.
  if (!document.querySelector("[data-key-search]")) key("/", open);
  document.addEventListener("keydown", (event) => {
    const isShortcut = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (!isShortcut || event.key.toLowerCase() !== "k" || (isTextField(event.target) && !palette.open)) return;
    event.preventDefault();
    open();
  });
}
