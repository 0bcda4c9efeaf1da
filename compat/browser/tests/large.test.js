// A pipeline of a thousand jobs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { commit, makeRepository, report, reportAll } from "../support/native.js";
import { following, visiting } from "../support/visitor.js";

const JOBS = 1000;
const SECOND = { timeout: 1000 };

test(`a pipeline of ${JOBS} jobs is seen within a second, and follows`, async (t) => {
  const repository = await makeRepository("large/repository");
  const sha = commit();
  const job = (number, status) => ({
    sha,
    ref: "main",
    stage: `stage ${(number % 8) + 1}`,
    stage_order: (number % 8) + 1,
    name: `job ${number}`,
    status,
    third_build_id: String(number),
  });
  const pipeline = await reportAll(repository, Array.from({ length: JOBS }, (_, number) => job(number + 1, number % 9 ? "success" : "running")));
  await visiting({}, async (page, { context }) => {
    await context.addInitScript(() => {
      globalThis.longest = 0;
      new PerformanceObserver((list) => {
        globalThis.longest = Math.max(globalThis.longest, ...list.getEntries().map(({ duration }) => duration));
      }).observe({ type: "longtask", buffered: true });
    });
    // The browser has the style and the script from the page before.
    await page.goto(`/repositories/${repository}/pipelines`);
    const began = performance.now();
    await page.goto(`/repositories/${repository}/pipelines/${pipeline}`, { waitUntil: "commit" });
    await page.locator("#timeline").waitFor();
    const whole = Math.round(performance.now() - began);
    const painted = await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
    const seen = Math.round(await painted.jsonValue());
    t.diagnostic(`seen after ${seen} ms, there to its end after ${whole} ms`);
    assert.ok(seen <= SECOND.timeout, `seen after ${seen} ms`);
    await following(page);
    const reported = performance.now();
    await report(repository, { ...job(JOBS + 1, "failed"), name: "one more" });
    await page.getByText("one more", { exact: true }).first().waitFor(SECOND);
    t.diagnostic(`followed in ${Math.round(performance.now() - reported)} ms`);
    t.diagnostic(`longest task of the page's script ${Math.round(await page.evaluate(() => globalThis.longest))} ms`);
  });
});
