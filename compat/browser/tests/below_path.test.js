// A server below a path: the browser asks for nothing beside it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { browser } from "../support/chromium.js";
import { signIn } from "../support/session.js";
import { binary, configHome, password, token, user } from "../support/settings.js";

const PIPELINE = "repositories/2111976239/pipelines/6";

/**
 * A port that nothing listens on, below those that the system gives to connections and to servers that ask for any:
 * one of these could be given away before the server listens.
 */
async function freePort() {
  for (;;) {
    const port = randomInt(20_000, 32_768);
    const listener = createServer().listen(port, "127.0.0.1");
    const free = await new Promise((resolve) => {
      listener.on("listening", () => listener.close(() => resolve(true)));
      listener.on("error", () => resolve(false));
    });
    if (free) return port;
  }
}

/** A server with the demo whose public URL is at this port. */
async function start(port, data) {
  const listen = ["--listen", `127.0.0.1:${port}`, "--tls-listen", "none", "--data", data];
  const server = spawn(binary, ["serve", "--demo", ...listen, "--public-url", `http://127.0.0.1:${port}/stagepost`], {
    env: {
      PATH: process.env.PATH,
      STAGEPOST_ADMIN_USER: user,
      STAGEPOST_ADMIN_PASSWORD: password,
      STAGEPOST_ADMIN_TOKEN: token,
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  // All lines are read, because a full pipe would block the server.
  await new Promise((resolve, reject) => {
    const lines = createInterface(server.stderr);
    lines.on("line", (line) => line.includes("sign in once:") && resolve());
    lines.on("close", () => reject(new Error("the server ended")));
  });
  return server;
}

describe("a server below a path", () => {
  const data = mkdtempSync(join(configHome, "below-path-"));
  let server;
  let base;

  before(async () => {
    const port = await freePort();
    base = `http://127.0.0.1:${port}/stagepost`;
    server = await start(port, data);
  });

  after(async () => {
    const ended = new Promise((resolve) => server.on("exit", resolve));
    server.kill();
    await ended;
    rmSync(data, { recursive: true });
  });

  /** Reports a job of the pipeline. */
  async function report(name) {
    const fields = { sha: "1c46c505c84853887efe2ea9ea02a1333bae2237", ref: "dev", pipeline_id: 6, name };
    const answer = await fetch(`${base}/native/v1/repositories/2111976239/reports`, {
      method: "POST",
      headers: { "X-Auth-Token": token, "Content-Type": "application/json" },
      body: JSON.stringify({ ...fields, status: "running" }),
    });
    assert.equal(answer.status, 201, await answer.text());
  }

  test("signing in, a live page, the keyboard and a call of the explorer", async () => {
    const context = await (await browser()).newContext({ baseURL: `${base}/`, locale: "en-US" });
    context.setDefaultTimeout(15_000);
    const wrong = [];
    context.on("request", (request) => {
      if (!request.url().startsWith("data:") && !request.url().startsWith(`${base}/`)) wrong.push(request.url());
    });
    context.on(
      "response",
      (response) => response.status() >= 400 && wrong.push(`${response.status()} ${response.url()}`),
    );
    context.on("console", (message) => message.type() === "error" && wrong.push(message.text()));
    context.on("weberror", (found) => wrong.push(found.error().stack));
    try {
      const page = await context.newPage();
      await page.goto(PIPELINE);
      await page.waitForURL("**/stagepost/sign-in**");
      await signIn(page);
      await page.waitForURL(`${base}/${PIPELINE}`);
      await page.locator("html[data-live=on]").waitFor();
      await report("below-path");
      await page.getByText("below-path").first().waitFor();
      await page.keyboard.press("g");
      await page.keyboard.press("e");
      await page.waitForURL(`${base}/explorer`);
      await page.goto("explorer/ListPipelineJobs?repository_id=2111976239&pipeline_id=6");
      await page.locator("#send").click();
      await page.locator("#answer-status").filter({ hasText: "200" }).waitFor();
      // The preferences return to the page, with the values of the form.
      const dark = page.locator("input[name=theme][value=dark]");
      await page.locator("details", { has: dark }).locator("summary").click();
      await dark.check();
      await page.locator("html[data-theme=dark]").waitFor();
      assert.ok(page.url().startsWith(`${base}/explorer/ListPipelineJobs?`), page.url());
      const cookies = await context.cookies();
      assert.ok(cookies.length > 1 && cookies.every(({ path }) => path === "/stagepost"), JSON.stringify(cookies));
    } finally {
      await context.close();
    }
    assert.deepEqual(wrong, []);
  });
});
