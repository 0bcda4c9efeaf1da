// "Where is ...?": the search of every page, from the first page, with a count of clicks; the palette by keyboard.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { violations } from "../support/axe.js";
import { commit, makeRepository, report, reportAll } from "../support/native.js";
import { visiting } from "../support/visitor.js";

const CLICKS_MAX = 3;
const PATH = "search/repository";
/** Most names of jobs that a search compares in a repository. */
const NAMES_MAX = 5000;

const arrive = (page, place) => page.waitForURL((url) => url.href.endsWith(place));

/** Enters a text into the box of the first page. Returns the number of clicks; Enter counts as one. */
async function enter(page, text) {
  await page.goto("/");
  await page.locator("header input[name=q]").fill(text);
  await page.keyboard.press("Enter");
  return 1;
}

describe("search", () => {
  let repository;
  const sha = commit();
  before(async () => {
    repository = await makeRepository(PATH);
    const fields = { sha, ref: "search-branch", stage: "test", status: "failed" };
    await report(repository, { ...fields, name: "search-unit", third_build_id: "search-4711" });
    const build = { third_build_id: "search-4712", target_url: "https://ci.example.com/job/search-4712/" };
    await report(repository, { ...fields, name: "search-other", ...build });
  });

  test("every kind of name leads to its page within three clicks", () =>
    visiting({}, async (page) => {
      for (const [text, place] of [
        [sha.slice(0, 12), `/repositories/${repository}/commits/${sha}`],
        ["search-branch", `/repositories/${repository}/pipelines?ref=search-branch`],
        [`${PATH}#1`, `/repositories/${repository}/pipelines/1`],
        ["search-unit", `/repositories/${repository}/jobs?stage=test&name=search-unit`],
        ["search-4712", `/repositories/${repository}/pipelines/1/jobs/2`],
        [PATH, `/repositories/${repository}/pipelines`],
      ]) {
        await enter(page, text);
        await arrive(page, place);
      }
      // The URL of a build, or of a page below it.
      await enter(page, "https://ci.example.com/job/search-4712/console");
      await arrive(page, `/repositories/${repository}/pipelines/1/jobs/2`);
      // A part that several have: the list, and one click.
      let clicks = await enter(page, "search-");
      await page.getByRole("heading", { name: "Jobs" }).waitFor();
      assert.deepEqual(await violations(page), []);
      await page.getByRole("link", { name: "test / search-other" }).click();
      clicks += 1;
      await arrive(page, "/jobs?stage=test&name=search-other");
      assert.ok(clicks <= CLICKS_MAX, `${clicks} clicks`);
    }));

  test("a part of a name is enough, and jobs of one name have their own pages", () =>
    visiting({}, async (page) => {
      const other = await makeRepository("search/parts");
      const fields = { sha: commit(), ref: "feature/remember-me", name: "backend-parts-tests" };
      await report(other, { ...fields, stage: "test", source: "jenkins" });
      await report(other, { ...fields, stage: "test", source: "buildbot" });
      await report(other, { ...fields, stage: "nightly", source: "jenkins" });
      await enter(page, "Remember");
      await page.getByRole("link", { name: "feature/remember-me" }).click();
      await arrive(page, "/pipelines?ref=feature%2Fremember-me");
      await enter(page, "repo:search/parts PARTS");
      await page.getByRole("heading", { name: "Jobs" }).waitFor();
      assert.equal(await page.getByRole("link", { name: "backend-parts-tests" }).count(), 3);
      await page.locator("#hits li", { hasText: "buildbot" }).getByRole("link").click();
      await arrive(page, "/jobs?stage=test&name=backend-parts-tests&source=buildbot");
    }));

  test("a number belongs to the repository of the page", () =>
    visiting({}, async (page) => {
      await page.goto(`/repositories/${repository}/pipelines`);
      await page.locator("header input[name=q]").fill("#1");
      await page.keyboard.press("Enter");
      await arrive(page, `/repositories/${repository}/pipelines/1`);
    }));

  test("it works without script", () =>
    visiting({ script: false }, async (page) => {
      await enter(page, "search-");
      await page.getByRole("link", { name: "search-branch" }).click();
      await arrive(page, "/pipelines?ref=search-branch");
    }));

  test("the palette opens by a key, is used by keyboard and returns the focus", () =>
    visiting({}, async (page) => {
      await page.goto(`/repositories/${repository}/pipelines`);
      const palette = page.locator("dialog#palette");
      const opener = page.locator("main [data-row]").first();
      await opener.focus();
      await page.keyboard.press("Control+k");
      await palette.waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.id), "palette-q");
      await page.keyboard.type("arch-UNI");
      await palette.getByRole("link", { name: "test / search-unit" }).waitFor();
      assert.deepEqual(await violations(page), []);
      await page.keyboard.press("ArrowDown");
      assert.match(await page.evaluate(() => document.activeElement.href), /name=search-unit$/);
      await page.keyboard.press("ArrowUp");
      assert.equal(await page.evaluate(() => document.activeElement.id), "palette-q");
      await page.keyboard.press("Escape");
      await palette.waitFor({ state: "hidden" });
      assert.ok(await opener.evaluate((link) => link === document.activeElement), "the focus is where it was");
      await page.keyboard.press("/");
      await palette.waitFor();
      await palette.getByRole("link", { name: "test / search-unit" }).waitFor();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await arrive(page, "/jobs?stage=test&name=search-unit");
    }));

  test("the palette says that not everything was searched, and offers less", () =>
    visiting({}, async (page) => {
      const many = await makeRepository("search/many");
      const fields = { sha: commit(), ref: "main", stage: "test", status: "success" };
      const jobs = Array.from({ length: NAMES_MAX + 1 }, (_, number) => ({ ...fields, name: `many-${number}` }));
      await reportAll(many, jobs);
      await page.goto(`/repositories/${many}/pipelines`);
      await page.keyboard.press("/");
      await page.keyboard.type("any-4999");
      const palette = page.locator("dialog#palette");
      await palette.getByRole("link", { name: "test / many-4999" }).waitFor();
      await palette.getByText("Not everything was searched").waitFor();
      await palette.getByText("too many names").waitFor();
      assert.deepEqual(await violations(page), []);
      // The hits come first.
      await page.keyboard.press("ArrowDown");
      assert.match(await page.evaluate(() => document.activeElement.href), /name=many-4999$/);
      await palette.getByRole("link", { name: "Search only in search/many" }).click();
      await arrive(page, "/search?q=repo%3Asearch%2Fmany%20any-4999");
      await page.getByRole("link", { name: "test / many-4999" }).waitFor();
    }));

  test("the palette stays closed while text is entered in a field", () =>
    visiting({}, async (page) => {
      await page.goto(`/repositories/${repository}/pipelines`);
      await page.locator("main input[name=q]").focus();
      await page.keyboard.press("Control+k");
      await page.keyboard.type("/");
      assert.equal(await page.locator("main input[name=q]").inputValue(), "/");
      assert.ok(!(await page.locator("dialog#palette").isVisible()));
    }));
});
