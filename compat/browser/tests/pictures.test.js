// The pictures in both READMEs, which are copied from here to docs/pictures: small, and of the demo's data. The Chinese
// ones are in the folder zh-CN, as there.

import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { responded } from "../support/explorer.js";
import { commit, reportAll } from "../support/native.js";
import { draw } from "../support/picture.js";
import { LANGUAGES, openAndFollow, visiting } from "../support/visitor.js";

const LARGEST = 200 * 1024;
const DEMO = 2111976240;

/** The descriptions of jobs. */
const TEXTS = {
  en: { failed: "2 of 148 failed: refund after partial capture", late: "no answer within 200 s" },
  zh: { failed: "148 个用例中有 2 个失败：部分扣款后退款", late: "200 秒内没有响应" },
};

/** Draws the page from its top to the end of the elements that are last, so that none is cut. */
async function picture(page, name, language, last) {
  await page.locator(last).first().scrollIntoViewIfNeeded();
  const end = await page
    .locator(last)
    .evaluateAll((found) => Math.max(...found.map((one) => one.getBoundingClientRect().bottom)) + scrollY);
  await page.setViewportSize({ width: page.viewportSize().width, height: Math.ceil(end) + 8 });
  await page.evaluate(() => scrollTo(0, 0));
  const path = await draw(page, join("pictures", language === "zh" ? "zh-CN" : ".", `${name}.png`));
  assert.ok(statSync(path).size <= LARGEST, `${path}: ${statSync(path).size} bytes`);
}

async function pictureOfPipeline(language) {
  const texts = TEXTS[language];
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
      description: texts.failed,
    }),
    job(2, "test", "integration tests", "running", 90, undefined, { third_build_id: `${id}-2` }),
    job(2, "test", "lint", "success", 261, 238),
    job(2, "test", "api contract", "timedout", 262, 62, { description: texts.late }),
    job(3, "deploy", "staging", "pending"),
    job(3, "deploy", "production", "skipped"),
  ]);
  await visiting({ language }, async (page) => {
    await openAndFollow(page, `/repositories/${DEMO}/pipelines/${number}`);
    await picture(page, "pipeline", language, ".timeline-box");
  });
}

const pictureOfExplorer = (language) =>
  visiting({ language }, async (page) => {
    await page.goto("/explorer/ListPipelineJobs?repository_id=2111976239&pipeline_id=6");
    await page.locator("#samples").waitFor();
    await page.locator("#send").click();
    await responded(page);
    await picture(page, "explorer", language, "#send, #history");
  });

for (const language of LANGUAGES) {
  test(`a picture of a pipeline, ${language}`, () => pictureOfPipeline(language));
  test(`a picture of the explorer, ${language}`, () => pictureOfExplorer(language));
}
