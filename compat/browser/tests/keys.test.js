// Use by keyboard: shortcuts of one letter, and the order of the focus.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { makeRepository, reportPipeline } from "../support/native.js";
import { visiting } from "../support/visitor.js";

describe("keys", () => {
  let repository;
  let pipelines;
  before(async () => {
    repository = await makeRepository("keys/repository");
    pipelines = [];
    for (let number = 0; number < 3; number += 1) {
      pipelines.push(await reportPipeline(repository, 30));
    }
  });
  const list = () => `/repositories/${repository}/pipelines`;
  const focused = (page) => page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200));

  test("? lists the keys, Escape closes the list", () =>
    visiting({}, async (page) => {
      await page.goto(list());
      await page.keyboard.press("?");
      const help = page.getByRole("dialog");
      await help.waitFor();
      for (const key of ["j", "k", "n", "p", "/", "[", "]"]) {
        await help.locator("kbd", { hasText: key }).first().waitFor();
      }
      await page.keyboard.press("Escape");
      await help.waitFor({ state: "hidden" });
    }));

  test("j and k go through the rows, Enter opens one", () =>
    visiting({}, async (page) => {
      await page.goto(list());
      await page.keyboard.press("j");
      const first = await focused(page);
      await page.keyboard.press("j");
      assert.notEqual(await focused(page), first);
      await page.keyboard.press("k");
      assert.equal(await focused(page), first);
      await page.keyboard.press("Enter");
      await page.waitForURL(`**/pipelines/${pipelines.at(-1)}`);
    }));

  test("a filter waits for Enter after a key, and applies at once with the pointer", () =>
    visiting({}, async (page) => {
      await page.goto(list());
      const status = page.locator("main input[name=status]").first();
      await page.evaluate(() => addEventListener("submit", () => (document.body.dataset.sent = "yes")));
      await status.focus();
      await page.keyboard.press("Space");
      await page.keyboard.press("Tab");
      assert.equal(await page.evaluate(() => document.body.dataset.sent), undefined);
      await page.keyboard.press("Enter");
      await page.waitForURL(/status=/);
      await page.locator("main input[name=status]").first().uncheck();
      await page.waitForURL((url) => !url.searchParams.get("status"));
    }));

  test("n and p go through the failed jobs", () =>
    visiting({}, async (page) => {
      await page.goto(`${list()}/${pipelines[0]}`);
      await page.keyboard.press("n");
      const first = await focused(page);
      assert.match(first, /job (4|14|24)\b/);
      await page.keyboard.press("n");
      assert.notEqual(await focused(page), first);
      await page.keyboard.press("p");
      assert.equal(await focused(page), first);
    }));

  test("n and p go on from any row", () =>
    visiting({}, async (page) => {
      await page.goto(`${list()}/${pipelines[0]}`);
      const rows = await page
        .locator("[data-row]")
        .evaluateAll((all) => all.map((row) => ("failed" in row.dataset ? row.href : null)));
      const [first, last] = [rows.findIndex(Boolean), rows.findLastIndex(Boolean)];
      const at = () => page.evaluate(() => document.activeElement.href);
      // The first row after a failed one that has not failed itself.
      const between = rows.findIndex((failed, row) => row > first && !failed);
      for (let row = 0; row <= between; row += 1) await page.keyboard.press("j");
      await page.keyboard.press("p");
      assert.equal(await at(), rows.slice(0, between).findLast(Boolean), "back to the failed one before");
      await page
        .locator("[data-row]")
        .nth(last + 1)
        .focus();
      await page.keyboard.press("n");
      assert.notEqual(await at(), rows[first], "after the last there is none");
    }));

  test("/ goes to the search of the page, and Escape leaves it", () =>
    visiting({}, async (page) => {
      await page.goto("/errors");
      await page.keyboard.press("/");
      assert.match(await focused(page), /name="q"/);
      assert.equal(await page.evaluate(() => document.activeElement.form.getAttribute("action")), "/errors");
      await page.keyboard.press("Escape");
      await page.keyboard.press("j");
      assert.match(await focused(page), /data-row/);
    }));

  test("[ and ] go to the older and to the newer pipeline", () =>
    visiting({}, async (page) => {
      await page.goto(`${list()}/${pipelines[1]}`);
      await page.keyboard.press("[");
      await page.waitForURL(`**/pipelines/${pipelines[0]}`);
      await page.keyboard.press("]");
      await page.waitForURL(`**/pipelines/${pipelines[1]}`);
    }));

  test("/ goes to the search, where letters are letters", () =>
    visiting({}, async (page) => {
      await page.goto(list());
      await page.keyboard.press("/");
      await page.keyboard.type("j?k");
      const search = page.locator("input:focus");
      assert.equal(await search.inputValue(), "j?k");
      assert.equal(await page.getByRole("dialog").count(), 0);
    }));

  test("the first Tab offers to skip to the content, and every stop of the focus is seen", () =>
    visiting({}, async (page) => {
      await page.goto(`${list()}/${pipelines[0]}`);
      await page.keyboard.press("Tab");
      const skip = page.locator(":focus");
      assert.equal(await skip.getAttribute("href"), "#main");
      assert.ok(await skip.isVisible());
      for (let stop = 0; stop < 25; stop += 1) {
        const seen = await page.evaluate(() => {
          const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement);
          return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 1) || boxShadow !== "none";
        });
        assert.ok(seen, `the focus is not seen on ${await focused(page)}`);
        await page.keyboard.press("Tab");
      }
      await page.goto(`${list()}/${pipelines[0]}`);
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => location.hash === "#main");
    }));
});
