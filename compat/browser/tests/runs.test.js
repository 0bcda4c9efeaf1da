// "Is it me, or is it flaky?" and "What changed since it was green?": each from the first page, with a count of clicks.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { violations } from "../support/axe.js";
import { commit, makeRepository, report, reportAll } from "../support/native.js";
import { openAndFollow, visiting } from "../support/visitor.js";

const CLICKS_MAX = 3;
const PATH = "runs/repository";

/** Counts the clicks of a visit that begins on the first page. */
async function fromFirstPage(page, ...links) {
  await page.goto("/");
  // Other tests make more repositories than the first page lists.
  await page.locator("main input[name=q]").fill(PATH);
  await page.locator("main input[name=q]").press("Enter");
  await page.waitForURL(/q=/);
  let clicks = 0;
  for (const link of links) {
    await link(page).click();
    clicks += 1;
  }
  assert.ok(clicks <= CLICKS_MAX, `${clicks} clicks`);
}
const named =
  (name, exact = true) =>
  (page) =>
    page.getByRole("link", { name, exact }).first();
const intoRepository = (page) => page.locator("main").getByRole("link", { name: PATH }).first();

describe("runs of jobs", () => {
  let repository;
  const ids = [];
  before(async () => {
    repository = await makeRepository(PATH);
    for (let number = 1; number <= 6; number++) ids.push(await makeRun(repository, number));
  });

  test("a flaky job shows it, three clicks from the first page", () =>
    visiting({}, async (page) => {
      await fromFirstPage(page, intoRepository, named("Grid"), named("flaky-test"));
      await page.getByRole("heading", { name: /flaky-test/ }).waitFor();
      assert.equal(await page.locator(".flaky-commits li").count(), 2);
      assert.match(await page.locator("#numbers").innerText(), /Success rate\s+\d+\.\d%/);
      assert.deepEqual(await violations(page), []);
      // A bar is a link to its attempt, and the chart one stop of the Tab key.
      const bars = page.locator(".bars a");
      assert.ok((await bars.count()) >= 6);
      assert.equal(await page.locator(".bars a[tabindex='0']").count(), 1);
      await bars.first().focus();
      await page.keyboard.press("End");
      await page.keyboard.press("Enter");
      await page.waitForURL(/\/pipelines\/\d+\/jobs\/\d+$/);
    }));

  test("insights and an attempt lead to the job as well", () =>
    visiting({}, async (page) => {
      await fromFirstPage(page, intoRepository, named("Insights"), named("flaky-test"));
      await page.getByRole("heading", { name: /flaky-test/ }).waitFor();
      await page.locator("tbody [data-row]").first().click();
      await page.getByRole("link", { name: "All runs of this job" }).click();
      await page.getByRole("heading", { name: /flaky-test/ }).waitFor();
    }));

  test("attempts are filtered without script, and links keep the filter", () =>
    visiting({ script: false }, async (page) => {
      await page.goto(`/repositories/${repository}/jobs?stage=test&name=flaky-test&limit=2`);
      await page.getByLabel("Failed", { exact: true }).check();
      await page.getByLabel("Ref", { exact: true }).fill("main");
      await page.getByRole("button", { name: "Filter" }).click();
      await page.waitForURL(/status=failed/);
      assert.equal(await page.locator("tbody tr").count(), 2);
      const next = page.locator("a[rel=next]");
      const address = await next.getAttribute("href");
      await next.click();
      await page.waitForURL((url) => url.href.endsWith(address));
      const { searchParams } = new URL(page.url());
      assert.deepEqual([searchParams.get("status"), searchParams.get("ref")], ["failed", "main"]);
      const rows = await page.locator("tbody [data-row]").allInnerTexts();
      assert.ok(rows.length > 0 && rows.every((text) => text.includes("Failed")), String(rows));
    }));

  test("the page of a job follows it, and is of one source if asked", async () => {
    const followed = await makeRepository("runs/followed");
    const ended = (more) => ({
      sha: commit(),
      ref: "main",
      stage: "test",
      name: "followed",
      started_at: new Date(Date.now() - 60_000).toISOString(),
      finished_at: new Date().toISOString(),
      ...more,
    });
    await report(followed, ended({ status: "success", source: "jenkins" }));
    await visiting({}, async (page) => {
      await openAndFollow(page, `/repositories/${followed}/jobs?stage=test&name=followed`);
      await page.evaluate(() => (globalThis.sameDocument = true));
      const rows = page.locator("tbody tr");
      assert.equal(await rows.count(), 1);
      await report(followed, ended({ name: "another job", status: "failed" }));
      const { job_id } = await report(followed, ended({ status: "failed" }));
      await page.locator(`[data-key=attempt-${job_id}]`).waitFor();
      assert.ok(await page.evaluate(() => globalThis.sameDocument), "the page was loaded again");
      assert.equal(await rows.count(), 2);
      assert.match(await page.locator("#numbers").innerText(), /50\.0%/);
      // The chart is still one stop of the Tab key.
      assert.equal(await page.locator(".bars a").count(), 2);
      assert.equal(await page.locator(".bars a[tabindex='0']").count(), 1);
      await rows.getByRole("link", { name: "jenkins" }).click();
      await page.waitForURL(/source=jenkins/);
      assert.equal(await rows.count(), 1);
      assert.match(await page.locator("#numbers").innerText(), /100\.0%/);
    });
  });

  test("without script, the Tab key reaches every cell of the grid", () =>
    visiting({ script: false }, async (page) => {
      await page.goto(`/repositories/${repository}/grid?ref=main`);
      const cells = page.locator("tbody td a");
      assert.ok((await cells.count()) > 6);
      assert.equal(await page.locator("tbody td a[tabindex]").count(), 0);
    }));

  test("what changed since it was green is on the page of the pipeline", () =>
    visiting({}, async (page) => {
      await fromFirstPage(page, intoRepository, named(`#${ids.at(-1)}`));
      const changes = page.locator("#changes");
      assert.equal(await changes.locator("#last-green").innerText(), `#${ids[3]}`);
      assert.equal(await changes.locator("#failing-since").innerText(), `#${ids[4]}`);
      assert.match(await changes.innerText(), /test \/ broken\s+since #/);
      assert.match(await changes.innerText(), /Slower 1\s+test \/ slow/i);
      assert.deepEqual(await violations(page), []);
      await changes.locator("#compare-green").click();
      await page.waitForURL(new RegExp(`/compare/${ids[3]}\\.\\.\\.${ids[5]}$`));
      assert.match(await page.locator("#newly-failed + div").innerText(), /broken/);
      assert.deepEqual(await violations(page), []);
      // The arrows lead to pipelines of the same ref.
      await page.goto(`/repositories/${repository}/pipelines/${ids.at(-1)}`);
      await page.locator("[data-older]").click();
      await page.waitForURL(new RegExp(`/pipelines/${ids[4]}$`));
    }));

  test("a job of one of two sources shows since when it fails, from the grid and from a pipeline", async () => {
    const mixed = await makeRepository("runs/two-sources");
    const unit = (source, status) =>
      report(mixed, { sha: commit(), ref: "main", stage: "test", name: "unit", source, status });
    await unit("jenkins", "success");
    await unit("external", "success");
    const first = await unit("jenkins", "failed");
    await unit("external", "success");
    const last = await unit("jenkins", "failed");
    await visiting({}, async (page) => {
      for (const [address, link] of [
        ["grid?ref=main&source=jenkins", "tbody th a"],
        [`pipelines/${last.pipeline_id}`, "#changes a[href*='/jobs?']"],
      ]) {
        await page.goto(`/repositories/${mixed}/${address}`);
        await page.locator(link).first().click();
        await page.waitForURL(/source=jenkins/);
        const numbers = await page.locator("#numbers").innerText();
        assert.match(numbers, new RegExp(`Failing since\\s+#${first.pipeline_id}\\b`));
      }
    });
  });

  test("the grid tells its cells to the keyboard and the pointer, and follows", () =>
    visiting({}, async (page) => {
      await openAndFollow(page, `/repositories/${repository}/grid?ref=main`);
      assert.deepEqual(await violations(page), []);
      const rows = () => page.locator("tbody th a").allInnerTexts();
      assert.deepEqual((await rows())[0], "broken", "failing rows come first");
      const line = page.locator(".readout");
      await page.locator("tbody td a").first().focus();
      assert.match(await line.innerText(), /^test \/ broken · #\d+ · Failed · [0-9a-f]{8} · .* · Failed/);
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowRight");
      assert.match(await line.innerText(), new RegExp(`^test / .* · #${ids[4]} · `));
      assert.equal(await page.locator("td a[tabindex='0']").count(), 1);
      await page.locator("tbody tr:last-child td a").last().hover();
      assert.match(await line.innerText(), new RegExp(`#${ids[0]} · `));
      // A new pipeline appears on the left, and the focus stays in its cell.
      const focused = await page.evaluate(() => document.activeElement.getAttribute("href"));
      const sha = commit();
      const added = await report(repository, { sha, stage: "test", name: "broken", status: "running" });
      await page.locator(`thead th[data-key=c${added.pipeline_id}]`).waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.getAttribute("href")), focused);
      assert.equal(await page.locator("td a[tabindex='0']").count(), 1);
      await report(repository, { sha, stage: "test", name: "broken", status: "success" });
      await page.locator(`[data-key="test/broken"] [data-key=c${added.pipeline_id}] .status-success`).waitFor();
    }));
});

/**
 * A pipeline of main: `flaky-test` fails and succeeds on two commits, `broken` fails since the fifth, `slow` is slow in
 * the last.
 */
async function makeRun(repository, number) {
  const sha = commit();
  const start = Date.now() - (10 - number) * 3_600_000;
  const job = (stage, name, status, seconds, more = {}) => ({
    sha,
    ref: "main",
    stage,
    name,
    status,
    third_build_id: "1",
    started_at: new Date(start).toISOString(),
    finished_at: new Date(start + seconds * 1000).toISOString(),
    ...more,
  });
  const jobs = [
    job("build", "compile", "success", 60 + number),
    job("test", "broken", number > 4 ? "failed" : "success", 20),
    job("test", "slow", "success", number === 6 ? 300 : 40 + number),
    job("test", "flaky-test", number % 2 ? "failed" : "success", 30 + 5 * number),
  ];
  if (number % 4 === 3 || number === 1) {
    jobs.push(job("test", "flaky-test", "success", 33, { third_build_id: "2" }));
  }
  if (number === 5) jobs.push(job("test", "flaky-test", "failed", 33, { third_build_id: "2" }));
  return reportAll(repository, jobs);
}
