// An open page while build systems report. A page that receives events requests itself again after 30 s without one,
// which is longer than a test waits: what appears was announced by an event. How soon is a test in `timed`.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { commit, makeRepository, report, reportPipeline } from "../support/native.js";
import { openAndFollow, visiting } from "../support/visitor.js";

describe("live", () => {
  let repository;
  before(async () => {
    repository = await makeRepository("live/repository");
  });

  const pipelineOf = ({ pipeline_id }) => `/repositories/${repository}/pipelines/${pipeline_id}`;

  test("a job reported while its pipeline is open appears, without loading the page again", async () => {
    const sha = commit();
    const first = await report(repository, { sha, name: "first", status: "running" });
    await visiting({}, async (page) => {
      await openAndFollow(page, pipelineOf(first));
      await page.evaluate(() => (globalThis.sameDocument = true));
      const status = await favicon(page);
      await report(repository, { sha, name: "reported meanwhile", status: "failed" });
      await page.getByText("reported meanwhile").first().waitFor();
      assert.ok(await page.evaluate(() => globalThis.sameDocument), "the page was loaded again");
      // The title of the tab follows the pipeline.
      await report(repository, { sha, name: "first", status: "failed" });
      await page.waitForFunction((before) => document.querySelector("link[rel~=icon]").href !== before, status);
    });
  });

  test("what has the focus keeps it while the page changes", async () => {
    const sha = commit();
    const first = await report(repository, { sha, name: "first", status: "running" });
    await visiting({}, async (page) => {
      await openAndFollow(page, pipelineOf(first));
      const link = page.getByRole("link", { name: "first" }).first();
      await link.focus();
      await report(repository, { sha, name: "another", status: "running" });
      await page.getByText("another").first().waitFor();
      assert.ok(await link.evaluate((element) => element === document.activeElement), "the focus is lost");
    });
  });

  test("a job's own page follows it", async () => {
    const sha = commit();
    const job = await report(repository, { sha, name: "followed", status: "running", third_build_id: "1" });
    await visiting({}, async (page) => {
      await openAndFollow(page, `${pipelineOf(job)}/jobs/${job.job_id}`);
      await report(repository, {
        sha,
        name: "followed",
        status: "failed",
        third_build_id: "1",
        description: "out of memory",
      });
      await page.getByText("out of memory").first().waitFor();
    });
  });

  test("a list shows that there is a new pipeline, and moves no row until it is asked to", async () => {
    await reportPipeline(repository, 3);
    await visiting({}, async (page) => {
      await openAndFollow(page, `/repositories/${repository}/pipelines`);
      const rows = page.locator("[data-row]");
      const row = rows.first();
      await row.hover();
      const [place, rowsBefore] = [await row.boundingBox(), await rows.count()];
      await report(repository, { sha: commit(), name: "of a new pipeline", status: "running", ref: "newly-pushed" });
      const pill = page.locator("[data-pill]");
      await pill.waitFor();
      assert.deepEqual([await row.boundingBox(), await rows.count()], [place, rowsBefore]);
      await pill.click();
      await page.getByText("newly-pushed").first().waitFor();
    });
  });
});

describe("a list", () => {
  test("goes on about what fits its filter no more, where it stands", async () => {
    const repository = await makeRepository("live/filtered");
    const sha = commit();
    const ends = await report(repository, { sha, name: "ends", status: "running" });
    await visiting({}, async (page) => {
      await openAndFollow(page, `/repositories/${repository}/pipelines?status=running`);
      const row = page.locator(`[data-key="pipeline-${ends.pipeline_id}"]`);
      assert.match(await row.innerText(), /Running/);
      await report(repository, { sha, name: "ends", status: "failed" });
      await row.getByText("Failed").waitFor();
      assert.equal(await row.locator("[data-running-since]").count(), 0);
      assert.equal(await page.locator("[data-row]").count(), 1);
      assert.ok(!(await page.locator(".empty").isVisible()));
    });
  });

  test("takes its first pipeline by itself", async () => {
    const repository = await makeRepository("live/first");
    await visiting({}, async (page) => {
      await openAndFollow(page, `/repositories/${repository}/pipelines`);
      assert.ok(await page.locator(".empty").isVisible());
      assert.ok(!(await page.locator("table").isVisible()));
      await report(repository, { sha: commit(), name: "first", status: "success", ref: "of-the-first" });
      await page.getByText("of-the-first").waitFor();
      assert.ok(!(await page.locator(".empty").isVisible()));
    });
  });
});

const favicon = (page) =>
  page
    .locator("link[rel~=icon]")
    .first()
    .evaluate((link) => link.href);
