// Draws a page into a file.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { screenshots } from "./settings.js";

// No test asserts how soon a page is drawn, in milliseconds.
const WAIT = 60_000;
const clients = new WeakMap();

/** Draws the page into the file of this name below the folder of the pictures; returns the path of the file. */
export async function draw(page, name, { fullPage = false } = {}) {
  const path = place(name);
  await page.screenshot({ path, fullPage, timeout: WAIT });
  return path;
}

/** Like `draw`, for the many pictures that people look at once: larger files, in three quarters of the time. */
export async function drawQuickly(page, name) {
  if (!clients.has(page)) {
    clients.set(page, await page.context().newCDPSession(page));
  }
  const { data } = await clients.get(page).send("Page.captureScreenshot", { optimizeForSpeed: true });
  writeFileSync(place(name), Buffer.from(data, "base64"));
}

function place(name) {
  const path = join(screenshots, name);
  mkdirSync(dirname(path), { recursive: true });
  return path;
}
