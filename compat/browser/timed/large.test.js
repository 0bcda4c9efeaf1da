// A pipeline of a thousand jobs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { commit, makeRepository, report, reportAll } from "../support/native.js";
import { following, visiting } from "../support/visitor.js";

const JOBS = 1000;
const SECOND = { timeout: 1000 };
// One visit may be slow because the machine is busy.
const VISITS = 3;

test(`a pipeline of ${JOBS} jobs is there to its end within a second, and follows`, async (t) => {
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
  const pipeline = await reportAll(
    repository,
    Array.from({ length: JOBS }, (_, number) => job(number + 1, number % 9 ? "success" : "running")),
  );
  await visiting({}, async (page, { context }) => {
    await context.addInitScript(() => {
      globalThis.longest = 0;
      new PerformanceObserver((list) => {
        globalThis.longest = Math.max(globalThis.longest, ...list.getEntries().map(({ duration }) => duration));
      }).observe({ type: "longtask", buffered: true });
    });
    const times = [];
    for (let visit = 0; visit < VISITS; visit++) {
      // The browser has cached the style and the script.
      await page.goto(`/repositories/${repository}/pipelines`);
      const began = performance.now();
      await page.goto(`/repositories/${repository}/pipelines/${pipeline}`, { waitUntil: "commit" });
      await page.locator("#timeline").waitFor();
      const whole = Math.round(performance.now() - began);
      const painted = await page.waitForFunction(
        () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
      );
      const seen = Math.round(await painted.jsonValue());
      t.diagnostic(`seen after ${seen} ms, there to its end after ${whole} ms`);
      times.push(Math.max(seen, whole));
      await following(page);
    }
    assert.ok(Math.min(...times) <= SECOND.timeout, `there after ${times} ms`);
    const reported = performance.now();
    await report(repository, { ...job(JOBS + 1, "failed"), name: "one more" });
    await page.getByText("one more", { exact: true }).first().waitFor(SECOND);
    t.diagnostic(`followed in ${Math.round(performance.now() - reported)} ms`);
    t.diagnostic(`longest task of the page's script ${Math.round(await page.evaluate(() => globalThis.longest))} ms`);
    assert.equal(await page.locator("[data-key^=bar-]").count(), JOBS + 1, "the timeline has every job");
    // The board shows the first jobs of a stage, the page of the stage all.
    const stage = page.locator(".stage").filter({ hasText: "stage 1" });
    const shown = await stage.locator("[id^=job-]").count();
    assert.ok(shown >= 10 && shown < JOBS / 8, `${shown} of a stage`);
    await stage.locator(".more a").click();
    await page.waitForURL(/stage=/);
    assert.equal(await page.locator(".stage [id^=job-]").count(), JOBS / 8);
    // A job that is not on the board opens on its own page.
    await page.getByRole("link", { name: "All stages" }).click();
    const on = new Set(await page.locator("[id^=job-]").evaluateAll((all) => all.map(({ id }) => id.slice(4))));
    const bars = await page
      .locator("[data-key^=bar-]")
      .evaluateAll((all) => all.map(({ dataset }) => dataset.key.slice(4)));
    const far = bars.find((id) => !on.has(id));
    await page.locator(`[data-key=bar-${far}]`).dispatchEvent("click");
    await page.waitForURL(new RegExp(`/jobs/${far}$`));
  });
});
