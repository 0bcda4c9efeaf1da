// What every page can do more with a script: times that switch, the zone of this device, menus that close, a few keys.
const typing = (target) =>
  target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

// Times: how long ago, going on while the page is open, or the times themselves; kept for the next page.
let absolute = localStorage.getItem("times") === "absolute";
const SIZES = [1, 60, 3600, 86400, 2592000, 31536000];
// The server's words: for what is just now, and for so many seconds, minutes, hours, days, months, years.
const [now, ...words] = document.documentElement.dataset.ago.split("|");
function ago(at) {
  // A time that has not come yet is just now: clocks differ.
  const seconds = Math.max(0, (Date.now() - Date.parse(at)) / 1000);
  if (seconds < 5) return now;
  // As the server counts: in days until there are two months, in months until there are two years.
  const unit = SIZES.findLastIndex((size) => seconds >= (size > 86400 ? 2 * size : size));
  return words[unit].replace("{0}", Math.floor(seconds / SIZES[unit]));
}
export function showTimes(root = document) {
  for (const time of root.querySelectorAll("time[title]")) {
    const text = absolute ? time.title : ago(time.dateTime);
    if (time.textContent !== text) time.textContent = text;
  }
}
setInterval(() => document.hidden || showTimes(), 15000);
export function toggleTimes() {
  absolute = !absolute;
  localStorage.setItem("times", absolute ? "absolute" : "relative");
  showTimes();
}
showTimes();
document.addEventListener("click", (event) => {
  if (event.target.closest("time[title]") && !event.target.closest("a, button")) toggleTimes();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// The zone of this device, as a choice more.
const zones = document.querySelector("select[data-zone]");
if (zones) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  if (![...zones.options].some((option) => option.value === here)) {
    zones.add(new Option(zones.dataset.zone.replace("{0}", here), here));
  }
}
// A choice is applied at once; with keys one goes through the choices before, and Enter or the button applies.
for (const form of document.querySelectorAll(".menu form")) {
  let byKey = false;
  form.addEventListener("keydown", () => (byKey = true), true);
  form.addEventListener("pointerdown", () => (byKey = false), true);
  form.addEventListener("change", () => byKey || form.requestSubmit());
}
// What was just done is not said again by a reload.
const here = new URL(location);
if (here.searchParams.has("notice")) {
  here.searchParams.delete("notice");
  history.replaceState(history.state, "", here);
}

export async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without TLS there is no clipboard for scripts; a selection can be copied everywhere.
    const area = document.body.appendChild(Object.assign(document.createElement("textarea"), { value: text }));
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

// Keys. A page adds its own with key("x", does); two letters one after the other are "g r". Off while typing, and where switched off.
const keys = new Map();
export const key = (name, does) => keys.set(name, does);
let first = "";
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = document.querySelector("details.menu[open]");
    if (menu?.contains(event.target)) menu.querySelector("summary").focus();
    if (menu) menu.open = false;
    else if (event.target.matches?.("input[type=search]")) event.target.blur();
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || localStorage.getItem("keys") === "off")
    return;
  const does = keys.get(`${first} ${event.key}`.trim()) ?? keys.get(event.key);
  first = event.key === "g" ? "g" : "";
  if (does) {
    event.preventDefault();
    does(event);
  }
});
const help = document.getElementById("keys");
const opener = document.querySelector("[data-keys-open]");
if (help && opener) {
  opener.hidden = false;
  opener.addEventListener("click", () => help.showModal());
  key("?", () => (help.open ? help.close() : help.showModal()));
}
key("/", () => [...document.querySelectorAll("[data-key-search]")].at(-1)?.focus());
key("t", toggleTimes);
key("g r", () => location.assign("/repositories"));
key("g e", () => location.assign("/explorer"));
