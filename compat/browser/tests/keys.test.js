// Everything by the keyboard: keys of one letter, and the path of the focus.

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
