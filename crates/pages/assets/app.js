// Script of every page: relative times, the time zone of the device, menus, keyboard shortcuts.
export const isTextField = (target) =>
  target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

// Times are relative and updated while the page is open, or absolute. The choice is stored for the next page.
let absolute = localStorage.getItem("times") === "absolute";
const SIZES = [1, 60, 3600, 86400, 2592000, 31536000];
// The texts of the server: just now, seconds, minutes, hours, days, months, years.
const [justNow, ...texts] = document.documentElement.dataset.ago.split("|");
function relativeTime(at) {
  // A time in the future counts as just now, because clocks differ.
  const seconds = Math.max(0, (Date.now() - Date.parse(at)) / 1000);
  if (seconds < 5) return justNow;
  // As on the server: days up to two months, months up to two years.
  const unit = SIZES.findLastIndex((size) => seconds >= (size > 86400 ? 2 * size : size));
  return texts[unit].replace("{0}", Math.floor(seconds / SIZES[unit]));
}
export function showTimes(root = document) {
  for (const time of root.querySelectorAll("time[title]")) {
    const text = absolute ? time.title : relativeTime(time.dateTime);
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

// Adds the time zone of the device to the menu.
const zoneSelect = document.querySelector("select[data-zone]");
if (zoneSelect) {
  const deviceZone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  if (![...zoneSelect.options].some((option) => option.value === deviceZone)) {
    zoneSelect.add(new Option(zoneSelect.dataset.zone.replace("{0}", deviceZone), deviceZone));
  }
}
// A choice with the pointer is applied at once. With the keyboard, users move through the choices; Enter or
// the button applies. This also holds for forms that are added to the page later.
let byKey = false;
document.addEventListener("keydown", () => (byKey = true), true);
document.addEventListener("pointerdown", () => (byKey = false), true);
document.addEventListener("change", ({ target }) => {
  if (!byKey) target.closest(".menu form, form[data-apply]")?.requestSubmit();
});
// A row is a link as a whole, except where it has other controls, and unless text is being selected. This also holds
// for rows that are added to the page later.
const CONTROLS = "a, button, input, label, select, textarea, summary, time, form, .code, pre";
document.addEventListener("click", (event) => {
  const row = event.target.closest("main tr, main .jobs > li, main .operations li");
  const link = row?.querySelector(row.matches(".jobs > li") ? ".name" : "[data-row]");
  if (!link || event.defaultPrevented || event.target.closest(CONTROLS) || !getSelection().isCollapsed) return;
  if (event.ctrlKey || event.metaKey) open(link.href, "_blank", "noopener");
  else link.click();
});
// On a narrow screen tabs scroll sideways: the current one is visible.
for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
  tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.offsetLeft - 48;
}
// The fragment of the address is not sent to the server, so forms and links that lead back get it here: signing in
// leads to the job that the address names.
if (location.hash) {
  for (const next of document.querySelectorAll("input[name=next]")) next.value += location.hash;
  for (const link of document.querySelectorAll("main a[href*='next=']")) {
    const url = new URL(link.href);
    url.searchParams.set("next", url.searchParams.get("next") + location.hash);
    link.href = url;
  }
}
// Removes the notice from the address, so that a reload does not show it again.
const address = new URL(location);
if (address.searchParams.has("notice")) {
  address.searchParams.delete("notice");
  history.replaceState(history.state, "", address);
}

export async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // The clipboard API needs TLS. Copying a selection works without it.
    const area = document.body.appendChild(Object.assign(document.createElement("textarea"), { value: text }));
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

// Keyboard shortcuts. A page adds its own with key("x", action). "g r" is a sequence of two keys. Shortcuts
// are off in text fields, and where the user disabled them.
const keys = new Map();
export const key = (name, action) => keys.set(name, action);
let prefix = "";
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = document.querySelector("details.menu[open]");
    if (menu?.contains(event.target)) menu.querySelector("summary").focus();
    if (menu) menu.open = false;
    else if (event.target.matches?.("input[type=search]")) event.target.blur();
  }
  if (
    event.ctrlKey ||
    event.metaKey ||
    event.altKey ||
    isTextField(event.target) ||
    localStorage.getItem("keys") === "off"
  )
    return;
  const action = keys.get(`${prefix} ${event.key}`.trim()) ?? keys.get(event.key);
  prefix = event.key === "g" ? "g" : "";
  if (action) {
    event.preventDefault();
    action(event);
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
key("g r", () => location.assign(`${document.documentElement.dataset.base}/repositories`));
key("g e", () => location.assign(`${document.documentElement.dataset.base}/explorer`));
