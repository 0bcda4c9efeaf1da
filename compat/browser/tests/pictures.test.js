// The pictures in README.md, which are copied from here: small, and of the demo's data.

import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { commit, reportAll } from "../support/native.js";
import { screenshots } from "../support/settings.js";
import { openAndFollow, visiting } from "../support/visitor.js";

const LARGEST = 200 * 1024;
const DEMO = 2111976240;

async function picture(page, name) {
  const path = join(screenshots, `picture-${name}.png`);
  await page.screenshot({ path });
  assert.ok(statSync(path).size <= LARGEST, `${path}: ${statSync(path).size} bytes`);
}

test("a picture of a pipeline", async () => {
  const now = Date.now();
  const at = (seconds) => new Date(now - seconds * 1000).toISOString();
  const sha = commit();
  const [id, pipeline] = [String(now), { sha, ref: "main", source: "jenkins", trigger_user: "li.si" }];
  const job = (stage_order, stage, name, status, began, ended, more = {}) => ({
    ...pipeline,
    ...{
      stage_order,
      stage,
      name,
      status,
      third_build_id: `${id}-${name}`,
      target_url: "https://ci.example.com/shop/checkout/6",
    },
    ...(began === undefined ? {} : { started_at: at(began) }),
    ...(ended === undefined ? {} : { finished_at: at(ended) }),
    ...more,
  });
  const number = await reportAll(DEMO, [
    job(1, "build", "compile", "success", 410, 295),
    job(1, "build", "package", "success", 408, 270),
    job(1, "build", "docs", "success", 405, 360),
    job(2, "test", "unit tests", "success", 262, 170),
    job(2, "test", "integration tests", "failed", 260, 96, {
      third_build_id: `${id}-1`,
      description: "2 of 148 failed: refund after partial capture",
    }),
    job(2, "test", "integration tests", "running", 90, undefined, { third_build_id: `${id}-2` }),
    job(2, "test", "lint", "success", 261, 238),
    job(2, "test", "api contract", "timedout", 262, 62, { description: "no answer within 200 s" }),
    job(3, "deploy", "staging", "pending"),
    job(3, "deploy", "production", "skipped"),
  ]);
  await visiting({}, async (page) => {
    await openAndFollow(page, `/repositories/${DEMO}/pipelines/${number}`);
    await picture(page, "pipeline");
  });
});

test("a picture of the explorer", () =>
  visiting({}, async (page) => {
    await page.goto("/explorer/ListPipelineJobs?repository_id=2111976239&pipeline_id=6");
    await page.locator("#samples").waitFor();
    await page.locator("#send").click();
    await page.locator("#answer-body").waitFor();
    await page.evaluate(() => scrollTo(0, 0));
    await picture(page, "explorer");
  }));
