// Each page in both languages and themes, on a telephone and on a desk: a picture of it, and what must hold for it.

import assert from "node:assert/strict";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { violations } from "../support/axe.js";
import { PAGES, prepare } from "../support/pages.js";
import { screenshots } from "../support/settings.js";
import { LANGUAGES, THEMES, WIDTHS, visiting } from "../support/visitor.js";

const LANG = { zh: "zh-CN", en: "en" };

// Two at a time: as many as CI has cores.
describe("pages", { concurrency: 2 }, () => {
  let prepared;
  before(async () => {
    prepared = await prepare();
  });
  for (const { name, address, signedOut } of PAGES) {
    for (const language of LANGUAGES) {
      for (const theme of THEMES) {
        for (const width of WIDTHS) {
          const cookies = signedOut ? [] : undefined;
          test(`${name} in ${language}, ${theme}, ${width} px`, () =>
            visiting({ language, theme, width, cookies }, async (page, visitor) => {
              visitor.expected = name === "not-found" ? /status of 404/ : undefined;
              await page.goto(address(prepared), { waitUntil: "load" });
              await page.screenshot({ path: join(screenshots, `${name}-${language}-${theme}-${width}.png`), fullPage: true });
              assert.equal(await page.locator("html").getAttribute("lang"), LANG[language]);
              assert.deepEqual(await wider(page), [], "it scrolls sideways");
              assert.deepEqual(await violations(page), []);
            }));
        }
      }
    }
  }
});

/** What reaches over the right edge, when the page scrolls sideways. */
function wider(page) {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) {
      return [];
    }
    const over = [...document.body.querySelectorAll("*")].filter((element) => element.getBoundingClientRect().right > clientWidth + 1);
    return [`${scrollWidth} px`, ...over.slice(0, 5).map((element) => element.outerHTML.slice(0, 120))];
  });
}
