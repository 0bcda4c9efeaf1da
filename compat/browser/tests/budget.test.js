// The bytes that a first visit of a pipeline page with 50 jobs transfers, with everything the page loads.

import assert from "node:assert/strict";
import { test } from "node:test";
import { makeRepository, reportPipeline } from "../support/native.js";
import { visiting } from "../support/visitor.js";

const ALL = 60 * 1024;
const SCRIPT = 20 * 1024;

test("a pipeline page of 50 jobs is at most 60 KB, 20 KB of it script", async (t) => {
  const repository = await makeRepository("budget/repository");
  const pipeline = await reportPipeline(repository, 50);
  await visiting({}, async (page, { context }) => {
    const client = await context.newCDPSession(page);
    await client.send("Network.enable");
    const loaded = new Map();
    client.on("Network.responseReceived", ({ requestId, type, response }) =>
      loaded.set(requestId, { type, url: response.url, bytes: undefined }),
    );
    client.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
      if (loaded.has(requestId)) {
        loaded.get(requestId).bytes = encodedDataLength;
      }
    });
    client.on("Network.loadingFailed", ({ requestId }) => loaded.delete(requestId));
    await page.goto(`/repositories/${repository}/pipelines/${pipeline}`, { waitUntil: "load" });
    // The script requests the events last, after everything else that it loads.
    await page.waitForFunction(() =>
      performance.getEntriesByType("resource").some(({ name }) => name.includes("/assets/")),
    );
    // These events come on another channel than those of the page, and may be later. The stream of events has no end.
    const isPart = ({ type, url }) => type !== "EventSource" && !url.startsWith("data:");
    const pending = () => [...loaded.values()].filter(isPart).some(({ bytes }) => bytes === undefined);
    while (pending()) {
      await new Promise((resolve) => {
        client.once("Network.loadingFinished", resolve);
        client.once("Network.loadingFailed", resolve);
      });
    }
    const parts = [...loaded.values()].filter(isPart);
    const sum = (chosen) => chosen.reduce((total, { bytes }) => total + bytes, 0);
    const all = sum(parts);
    const script = sum(parts.filter(({ type }) => type === "Script"));
    t.diagnostic(`${(all / 1024).toFixed(1)} KB in all, ${(script / 1024).toFixed(1)} KB script`);
    const told = parts.map(({ type, url, bytes }) => `${bytes} ${type} ${url}`).join("\n");
    assert.ok(script > 0 && script <= SCRIPT, told);
    assert.ok(all <= ALL, told);
  });
});
