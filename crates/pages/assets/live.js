// Keeps what is inside <main> as the server would send it now: looks again when an event says so, and now and then where none come.

import { showTimes } from "./app.js";
import { morph } from "./morph.js";
import { follow } from "./stream.js";

const REST = 200; // at least so long between two looks, in milliseconds; longer on a large page

const FRAGMENT = { accept: "text/html", "x-fragment": "1" };
const read = async (answer) =>
  new DOMParser().parseFromString(`<main>${await answer.text()}</main>`, "text/html").querySelector("main");

/** How long until the next look: events tell of changes, but not of time that passes. */
export const period = (live, active, quiet = false) =>
  active ? (live && !quiet ? 30000 : 5000) : quiet ? 15000 : live ? 600000 : 30000;

/** A duration as the server writes it. */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds)),
    two = (n) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/**
 * The page has one element with `data-live`. Its other data: `repository`; `pipeline`, where only events of that one matter; `active`,
 * where something goes on; `quiet`, where things are shown that no event tells of; `etag`, `title` and `icon` of the page as it is; `summary`, what is read out when it changes.
 * Says how it goes in `<html data-live>`: on, poll, off, gone.
 */
export function live(main) {
  const doc = main.ownerDocument;
  const { dataset } = doc.documentElement;
  const place = () => main.querySelector("[data-live]").dataset;
  const announcer = doc.getElementById("announce");
  let stop,
    timer,
    page,
    heardOf = place().summary;
  let on = false,
    looking = false,
    again = false,
    due = Infinity,
    rest = 0;

  /** A look after this time, or sooner where one was due. */
  function soon(time) {
    const at = Math.max(performance.now() + time, rest);
    if (!stop || at >= due) return;
    due = at;
    clearTimeout(timer);
    timer = setTimeout(look, at - performance.now());
  }

  async function look() {
    due = Infinity;
    again = looking;
    if (looking) return;
    looking = true;
    const began = performance.now();
    try {
      const headers = { ...FRAGMENT };
      if (place().etag) headers["if-none-match"] = place().etag;
      const answer = await fetch(location.href, { headers, cache: "no-store" });
      if (answer.redirected || [401, 403, 404].includes(answer.status)) return end("gone");
      if (answer.ok) {
        page = await read(answer);
        for (const { name, value } of main.attributes) page.setAttribute(name, value);
        await catchUp(show());
      }
      dataset.live = answer.status >= 500 ? "off" : on ? "on" : "poll";
    } catch {
      dataset.live = "off";
    } finally {
      looking = false;
      const end = performance.now();
      rest = end + Math.max(REST, 3 * (end - began));
      soon(again ? 0 : period(on, "active" in place(), "quiet" in place()));
    }
  }

  /** Rows that stay, though the list has them no more, say how they go on as well. */
  async function catchUp(rows) {
    rows = rows.filter((row) => row.dataset.alone);
    for (let tries = 3; rows.length && tries; tries--) {
      const answer = await fetch(rows[0].dataset.alone, { headers: FRAGMENT, cache: "no-store" });
      if (!answer.ok) return;
      const list = await read(answer);
      rows = rows.filter((row) => {
        const now = list.querySelector(`[data-key="${row.dataset.key}"]`);
        if (now) morph(row, now);
        return !now && row !== rows[0];
      });
      showTimes(main);
    }
  }

  function show() {
    const told = morph(main, page, (list) => list.matches(":hover") || list.contains(doc.activeElement));
    if (!told.held) page = undefined;
    const { title, icon } = place();
    if (title) doc.title = title;
    const link = doc.querySelector("link[rel=icon]");
    if (icon && link.getAttribute("href") !== icon) link.href = icon;
    const pill = main.querySelector("[data-pill]");
    if (pill && told.fresh) {
      const text = told.fresh === 1 ? pill.dataset.one : pill.dataset.many.replace("{0}", told.fresh);
      if (pill.textContent !== text) pill.textContent = text;
    }
    if (pill) pill.hidden = !told.fresh;
    showTimes(main);
    tick();
    return told.left;
  }

  /** What goes on: durations every second, and one sentence read out, not more often than one can listen. */
  function tick() {
    for (const it of main.querySelectorAll("[data-running-since]")) {
      const text = duration((Date.now() - Date.parse(it.dataset.runningSince)) / 1000);
      if (it.textContent !== text) it.textContent = text;
    }
  }
  setInterval(() => doc.hidden || tick(), 1000);
  setInterval(() => {
    const { summary } = place();
    if (announcer && summary !== heardOf) announcer.textContent = heardOf = summary;
  }, 4000);

  /** Rows that were held move once nobody points at them. */
  function left({ target, relatedTarget }) {
    if (page && !target.closest("[data-hold]")?.contains(relatedTarget)) setTimeout(() => page && show());
  }

  function begin() {
    if (stop || doc.hidden) return;
    stop = follow(
      `/native/v1/events?repository=${place().repository}`,
      (_, { pipeline }) => {
        const wanted = place().pipeline;
        // The newest one has no newer one yet.
        const newer = () => place().live === "pipeline" && pipeline.id > +wanted && !main.querySelector("[data-newer]");
        if (!wanted || !pipeline || pipeline.id === +wanted || newer()) soon(0);
      },
      (live) => {
        on = live;
        // What was committed before the stream began is not missed.
        soon(0);
      },
    );
    soon(period(false, "active" in place(), "quiet" in place()));
  }

  function end(word) {
    clearTimeout(timer);
    due = Infinity;
    stop?.();
    stop = undefined;
    on = false;
    if (word) dataset.live = word;
  }

  main.addEventListener("click", ({ target }) => {
    const drawn = target.closest(".timeline [data-key]");
    if (!drawn) return;
    const id = drawn.dataset.key.replace(/^\w+-/, "");
    // Of many jobs not all stand on the board.
    if (doc.getElementById(`job-${id}`)) location.hash = `job-${id}`;
    else location.assign(`${location.pathname}/jobs/${id}`);
  });
  main.addEventListener("pointerout", left);
  main.addEventListener("focusout", left);
  doc.addEventListener("visibilitychange", () => {
    if (doc.hidden) return end();
    begin();
    soon(0);
  });
  addEventListener("pagehide", () => end());
  addEventListener("pageshow", begin);
  addEventListener("online", () => soon(0));
  begin();
}

const main = globalThis.document?.querySelector("main");
if (main?.querySelector("[data-live]")) live(main);
