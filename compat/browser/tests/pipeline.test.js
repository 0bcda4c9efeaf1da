// The page of a pipeline: from the first page to what failed, and pipelines with many jobs.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { violations } from "../support/axe.js";
import { ask, commit, makeRepository, report, reportAll } from "../support/native.js";
import { signIn } from "../support/session.js";
import { visiting } from "../support/visitor.js";

describe("a pipeline", () => {
  let repository;
  before(async () => {
    repository = await makeRepository("pipeline/pages");
  });
  const at = (pipeline) => `/repositories/${repository}/pipelines/${pipeline}`;

  /** A pipeline of stages with a number of jobs each; every `failing`th job failed. */
  function large(stages, jobs, failing) {
    const sha = commit();
    return reportAll(
      repository,
      Array.from({ length: stages * jobs }, (_, number) => ({
        sha,
        ref: "main",
        stage: `stage ${(number % stages) + 1}`,
        stage_order: (number % stages) + 1,
        name: `job ${number + 1}`,
        third_build_id: String(number + 1),
        status: (number + 1) % failing === 0 ? "failed" : "success",
      })),
    );
  }

  test("the banner has the description and the log of what failed, and leads to the job", async () => {
    const { pipeline_id, job_id } = await report(repository, {
      sha: commit(),
      name: "unit tests",
      status: "failed",
      description: "3 tests failed",
      target_url: "https://ci.example.com/7",
    });
    await visiting({}, async (page) => {
      await page.goto(at(pipeline_id));
      const banner = page.locator("#verdict");
      assert.match(await banner.innerText(), /The job failed:.*3 tests failed/s);
      assert.equal(await banner.getByRole("link", { name: "Log" }).getAttribute("href"), "https://ci.example.com/7");
      await banner.getByRole("link", { name: "unit tests" }).click();
      await page.waitForURL(`**/jobs/${job_id}`);
      assert.doesNotMatch(await page.locator(".facts").innerText(), /^Description\s+not reported/im);
    });
  });

  test("the rest of many failed jobs is one click away, and jobs are found by name", async () => {
    const pipeline = await large(4, 60, 6);
    await visiting({}, async (page) => {
      await page.goto(at(pipeline));
      await page.getByRole("link", { name: "and 35 more" }).click();
      await page.waitForURL(/failed=1/);
      assert.equal(await page.locator(".stage [id^=job-]").count(), 40);
      assert.deepEqual(await violations(page), []);
      await page.locator("input[name=failed]").uncheck();
      await page.waitForURL((url) => !url.searchParams.get("failed"));
      await page.locator("#find-jobs input[name=q]").fill("job 24");
      await page.keyboard.press("Enter");
      await page.waitForURL(/q=job/);
      assert.deepEqual(await page.locator(".stage .name").allTextContents(), ["job 24", "job 240"]);
    });
  });

  test("the timeline of many jobs is folded by stage, and says what it leaves out", async () => {
    const pipeline = await large(2, 1_100, 5_000);
    await visiting({}, async (page) => {
      await page.goto(at(pipeline));
      const stages = page.locator(".stage-times");
      assert.equal(await stages.count(), 2);
      assert.equal(await page.locator(".stage-times svg[role=img]:visible").count(), 0);
      await stages.first().locator("summary").click();
      assert.match(await stages.first().innerText(), /100 more jobs are not shown here/);
      await stages.first().getByRole("link").click();
      await page.waitForURL(/stage=\d/);
      assert.equal(await page.locator(".stage [id^=job-]").count(), 200);
    });
  });

  test("the board opens at the first stage that failed, and its columns are wide", async () => {
    const sha = commit();
    const reports = Array.from({ length: 12 }, (_, number) => ({
      sha,
      ref: "main",
      stage: `stage ${number + 1}`,
      stage_order: number + 1,
      name: `a job with a very long name that does not fit into its column ${number + 1}`,
      status: number === 9 ? "failed" : "success",
    }));
    const pipeline = await reportAll(repository, reports);
    await visiting({}, async (page) => {
      await page.goto(at(pipeline));
      const seen = () =>
        page.locator(".stage[data-first]").evaluate((stage) => {
          const { left, right, width } = stage.getBoundingClientRect();
          return left >= 0 && right <= innerWidth && width >= 260;
        });
      await page.waitForFunction(() => document.querySelector(".stages").scrollLeft > 0);
      assert.ok(await seen());
      const name = page.locator(".stage[data-first] .name");
      const { height } = await name.boundingBox();
      assert.ok(height < 30, `${height} px: more than a line`);
    });
  });

  test("signing in keeps the job of the address", async () => {
    const { pipeline_id, job_id } = await report(repository, { sha: commit(), name: "named", status: "failed" });
    await visiting({ cookies: [] }, async (page) => {
      await page.goto(`${at(pipeline_id)}#job-${job_id}`);
      await page.waitForURL("**/sign-in**");
      await signIn(page);
      await page.waitForURL(`**${at(pipeline_id)}#job-${job_id}`);
    });
  });

  test("a job that hangs is closed from its page", async () => {
    const { pipeline_id, job_id } = await report(repository, { sha: commit(), name: "hangs", status: "running" });
    await visiting({}, async (page) => {
      await page.goto(`${at(pipeline_id)}/jobs/${job_id}`);
      const close = page.locator("details.confirm", { has: page.locator("form[action$='/close']") });
      await close.locator("summary").click();
      await close.locator("select").selectOption("timedout");
      await close.locator("input[name=reason]").fill("agent lost");
      await close.locator("button").click();
      await page.locator(".page-head").getByText("Timed out").waitFor();
      const job = await ask("GET", `repositories/${repository}/jobs/${job_id}`);
      assert.equal(job.status, "timedout");
    });
  });

  test("a row and a ref are links, and a filter applies when it changes", async () => {
    const { pipeline_id } = await report(repository, { sha: commit(), name: "a", status: "failed", ref: "of/row" });
    await visiting({}, async (page) => {
      await page.goto(`/repositories/${repository}/pipelines`);
      await page.locator("input[name=status][value=failed]").check();
      await page.waitForURL(/status=failed/);
      await page.getByRole("link", { name: "of/row" }).click();
      await page.waitForURL(/ref=of/);
      const row = page.locator(`[data-key=pipeline-${pipeline_id}]`);
      await row.locator("td").nth(4).click();
      await page.waitForURL(`**${at(pipeline_id)}`);
    });
  });
});

test("a job of a commit and an operation are links as a whole", async () => {
  const repository = await makeRepository("pipeline/rows");
  const sha = commit();
  const { job_id } = await report(repository, { sha, name: "unit", status: "failed" });
  await visiting({}, async (page) => {
    await page.goto(`/repositories/${repository}/commits/${sha}`);
    const row = page.locator(`#job-${job_id}`);
    await row.click({ position: { x: (await row.boundingBox()).width - 20, y: 10 } });
    await page.waitForURL(`**/jobs/${job_id}`);
    await page.goto("/explorer?q=ListPipelineJobs");
    await page.locator(".operations li .muted").first().click();
    await page.waitForURL("**/explorer/ListPipelineJobs");
  });
});

test("a wrong password has the focus, and the list of keys does not focus its switch", () =>
  visiting({ cookies: [] }, async (page, visitor) => {
    visitor.expected = /status of 401/;
    await page.goto("/sign-in");
    await signIn(page, "nobody", "wrong password");
    await page.getByRole("alert").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.name), "password");
    await page.locator("[data-keys-open]").click();
    assert.equal(await page.evaluate(() => document.activeElement.tagName), "BUTTON");
  }));

test("on a telephone the header and the filters leave room for the rows", () =>
  visiting({ width: 360 }, async (page) => {
    await page.goto("/repositories/2111976240/pipelines");
    const { y } = await page.locator("tbody tr").first().boundingBox();
    assert.ok(y <= 400, `the first row begins at ${y} px`);
  }));

test("a page is printed whole, without controls, and dark on white whatever its theme is", () =>
  visiting({}, async (page) => {
    await page.goto("/repositories/2111976240/grid");
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    for (const control of [".top", ".filters", ".tabs", ".actions"]) {
      assert.equal(await page.locator(control).first().isVisible(), false, control);
    }
    const [hidden, paper, ground, mark] = await page.locator(".matrix").evaluate((matrix) => {
      const cell = getComputedStyle(matrix.querySelector("td .status-success"));
      const page = getComputedStyle(document.body).backgroundColor;
      return [matrix.scrollHeight - matrix.clientHeight, page, cell.backgroundColor, cell.color];
    });
    assert.equal(hidden, 0);
    assert.deepEqual([paper, ground, mark], ["rgb(255, 255, 255)", "rgba(0, 0, 0, 0)", "rgb(26, 127, 55)"]);
  }));

test("the documentation is a click away, and its pages lead to one another", () =>
  visiting({ language: "zh" }, async (page) => {
    await page.goto("/repositories");
    await page.getByRole("link", { name: "文档" }).click();
    await page.waitForURL("**/docs");
    await page.locator("a[href$='/docs/operating']").click();
    await page.waitForURL("**/docs/operating");
    await page.locator("a.inside").first().click();
    await page.waitForURL(/\/docs\/.+/);
    assert.match(await page.locator("h1").innerText(), /\p{Script=Han}/u);
  }));
