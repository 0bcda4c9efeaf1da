// Keeps the content of <main> up to date: requests it again after an event, and periodically.

import { showTimes } from "./app.js";
import { morph } from "./morph.js";
import { follow } from "./stream.js";

const PAUSE_MIN = 200; // minimum pause between two requests in ms; longer on a large page
const TIMEOUT = 30000; // longest time of a request in ms; a connection may break without a sign

const FRAGMENT = { accept: "text/html", "x-fragment": "1" };
const read = async (response) =>
  new DOMParser().parseFromString(`<main>${await response.text()}</main>`, "text/html").querySelector("main");

/** The time until the next request in ms. Events report changes, but not the passing of time. */
export const period = (live, active, quiet = false) =>
  active ? (live && !quiet ? 30000 : 5000) : quiet ? 15000 : live ? 600000 : 30000;

/** A duration as the server formats it. */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds)),
    two = (n) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/**
 * The page has one element with `data-live`. Its other attributes: `repository`; `pipeline`, if only its
 * events matter; `ref` and `source`, if only those of their pipelines matter; `job` and `stage`, if only those of
 * one job matter; `pause`, the minimum pause in ms of a large page; `active`, if something is running; `quiet`, if
 * the page shows changes without events; `etag`, `title` and `icon` of the current page; `summary`, which is
 * announced when it changes. The state is in `<html data-live>`: on, poll, off, gone.
 */
export function live(main) {
  const doc = main.ownerDocument;
  const { dataset } = doc.documentElement;
  const data = () => main.querySelector("[data-live]").dataset;
  const announcer = doc.getElementById("announce");
  let stop,
    timer,
    page,
    announced = data().summary;
  let on = false,
    refreshing = false,
    refreshAgain = false,
    dueAt = Infinity,
    notBefore = 0;

  /** Schedules a request after this time in ms, or sooner if one is due sooner. */
  function schedule(time) {
    const at = Math.max(performance.now() + time, notBefore);
    if (!stop || at >= dueAt) return;
    dueAt = at;
    clearTimeout(timer);
    timer = setTimeout(refresh, at - performance.now());
  }

  async function refresh() {
    dueAt = Infinity;
    refreshAgain = refreshing;
    if (refreshing) return;
    refreshing = true;
    const startedAt = performance.now();
    try {
      const headers = { ...FRAGMENT };
      if (data().etag) headers["if-none-match"] = data().etag;
      const response = await fetch(location.href, { headers, cache: "no-store", signal: AbortSignal.timeout(TIMEOUT) });
      if (response.redirected || [401, 403, 404].includes(response.status)) return disconnect("gone");
      if (response.ok) {
        page = await read(response);
        for (const { name, value } of main.attributes) page.setAttribute(name, value);
        await updateRemovedRows(render());
      }
      dataset.live = response.status >= 500 ? "off" : on ? "on" : "poll";
    } catch {
      dataset.live = "off";
    } finally {
      refreshing = false;
      const finishedAt = performance.now();
      notBefore = finishedAt + Math.max(data().pause ?? PAUSE_MIN, 3 * (finishedAt - startedAt));
      schedule(refreshAgain ? 0 : period(on, "active" in data(), "quiet" in data()));
    }
  }

  /** Updates rows that remain on the page although the list has none of them any more. */
  async function updateRemovedRows(rows) {
    rows = rows.filter((row) => row.dataset.alone);
    for (let tries = 3; rows.length && tries; tries--) {
      const response = await fetch(rows[0].dataset.alone, { headers: FRAGMENT, cache: "no-store" });
      if (!response.ok) return;
      const list = await read(response);
      rows = rows.filter((row) => {
        const now = list.querySelector(`[data-key="${row.dataset.key}"]`);
        if (now) morph(row, now);
        return !now && row !== rows[0];
      });
      showTimes(main);
    }
  }

  function render() {
    const result = morph(main, page, (list) => list.matches(":hover") || list.contains(doc.activeElement));
    if (!result.held) page = undefined;
    const { title, icon } = data();
    if (title) doc.title = title;
    const link = doc.querySelector("link[rel=icon]");
    if (icon && link.getAttribute("href") !== icon) link.href = icon;
    const pill = main.querySelector("[data-pill]");
    if (pill && result.fresh) {
      const text = result.fresh === 1 ? pill.dataset.one : pill.dataset.many.replace("{0}", result.fresh);
      if (pill.textContent !== text) pill.textContent = text;
    }
    if (pill) pill.hidden = !result.fresh;
    showTimes(main);
    tick();
    return result.left;
  }

  /** Updates the run times of running jobs. */
  function tick() {
    for (const element of main.querySelectorAll("[data-running-since]")) {
      const text = duration((Date.now() - Date.parse(element.dataset.runningSince)) / 1000);
      if (element.textContent !== text) element.textContent = text;
    }
  }
  setInterval(() => doc.hidden || tick(), 1000);
  setInterval(() => {
    const { summary } = data();
    if (announcer && summary !== announced) announcer.textContent = announced = summary;
  }, 4000);

  /** Applies a held update when the pointer or the focus leaves the list. */
  function release({ target, relatedTarget }) {
    if (page && !target.closest("[data-hold]")?.contains(relatedTarget)) setTimeout(() => page && render());
  }

  function start() {
    if (stop || doc.hidden) return;
    // Lists of several repositories have no stream.
    if (!data().repository) {
      stop = () => {};
      return schedule(period(false, "active" in data(), true));
    }
    stop = follow(
      `${document.documentElement.dataset.base}/native/v1/events?repository=${data().repository}`,
      (_, { pipeline, job }) => {
        const { pipeline: wanted, ref, source } = data();
        if (pipeline && ((ref && pipeline.ref !== ref) || (source && pipeline.source !== source))) return;
        if (job && data().job && (job.name !== data().job || job.stage !== data().stage)) return;
        // The newest pipeline has no link to a newer one yet.
        const newer = () => data().live === "pipeline" && pipeline.id > +wanted && !main.querySelector("[data-newer]");
        if (!wanted || !pipeline || pipeline.id === +wanted || newer()) schedule(0);
      },
      (live) => {
        on = live;
        // Get what was committed before the stream started.
        schedule(0);
      },
    );
    schedule(period(false, "active" in data(), "quiet" in data()));
  }

  function disconnect(state) {
    clearTimeout(timer);
    dueAt = Infinity;
    stop?.();
    stop = undefined;
    on = false;
    if (state) dataset.live = state;
  }

  // The board opens at the first stage that needs attention.
  const first = main.querySelector(".stage[data-first]");
  if (first && !location.hash) {
    const board = first.parentElement;
    board.scrollLeft += first.getBoundingClientRect().left - board.getBoundingClientRect().left;
  }
  main.addEventListener("click", ({ target }) => {
    const bar = target.closest(".timeline [data-key]");
    if (!bar) return;
    const id = bar.dataset.key.replace(/^\w+-/, "");
    // With many jobs, not all are on the board.
    if (doc.getElementById(`job-${id}`)) location.hash = `job-${id}`;
    else location.assign(`${location.pathname}/jobs/${id}`);
  });
  main.addEventListener("pointerout", release);
  main.addEventListener("focusout", release);
  doc.addEventListener("visibilitychange", () => {
    if (doc.hidden) return disconnect();
    start();
    schedule(0);
  });
  addEventListener("pagehide", () => disconnect());
  addEventListener("pageshow", start);
  addEventListener("online", () => schedule(0));
  start();
}

const main = globalThis.document?.querySelector("main");
if (main?.querySelector("[data-live]")) live(main);
