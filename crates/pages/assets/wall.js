// A wall: shows a message when its data are old, and reloads after a restart or an upgrade of the server.

const OLD_AFTER = 60000; // time without new data after which they are marked as old, in ms
const RETRY = 60000; // interval of requests after the updates have ended, in ms

const root = document.documentElement;
const data = () => document.querySelector("main [data-live]").dataset;
const { version } = data();
let at,
  seen = performance.now(),
  tried = seen;

/** Loads the page again if the server sends it: the session or the token may be valid again. */
async function reload() {
  try {
    const response = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(RETRY / 2) });
    if (response.ok && !response.redirected) location.reload();
  } catch {
    // The server is not reachable; the next attempt follows.
  }
}

setInterval(() => {
  const now = performance.now();
  const current = data();
  if (current.at !== at) {
    at = current.at;
    seen = now;
  }
  root.toggleAttribute("data-stale", now - seen > OLD_AFTER);
  if (current.version !== version) location.reload();
  if (root.dataset.live === "gone" && now - tried > RETRY) {
    tried = now;
    reload();
  }
}, 1000);

// The screen stays on, where the browser allows it.
const keepOn = () => document.hidden || navigator.wakeLock?.request("screen").catch(() => {});
document.addEventListener("visibilitychange", keepOn);
keepOn();
