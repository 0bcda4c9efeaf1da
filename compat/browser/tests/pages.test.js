// Each page in both languages and themes, at the width of a telephone and of a desktop: a picture, and general
// rules. What axe-core checks depends on the width, and hardly on the language; only the contrasts depend on the theme.
// In English it checks all widths, and the contrasts in the second theme as well; in Chinese the first width and theme.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { COLOURS, violations } from "../support/axe.js";
import { PAGES, prepare } from "../support/pages.js";
import { drawQuickly } from "../support/picture.js";
import { HEIGHT, LANGUAGES, reading, THEMES, visiting, WIDTHS } from "../support/visitor.js";

// The picture has only the beginning of longer pages.
const HIGHEST = 4000;
const LANG = { zh: "zh-CN", en: "en" };

// Two at a time, as CI has two cores.
describe("pages", { concurrency: 2 }, () => {
  let prepared;
  before(async () => {
    prepared = await prepare();
  });
  for (const { name, address, signedOut, widths = WIDTHS } of PAGES) {
    for (const language of LANGUAGES) {
      test(`${name} in ${language}`, () =>
        // An expected error may be logged late: no other test has its context.
        (name === "not-found" ? visiting : reading)(
          { language, cookies: signedOut ? [] : undefined },
          async (page, visitor) => {
            visitor.expected = name === "not-found" ? /status of 404/ : undefined;
            const answer = await page.goto(address(prepared), { waitUntil: "load" });
            assert.equal(answer.status(), name === "not-found" ? 404 : 200);
            assert.equal(await page.locator("html").getAttribute("lang"), LANG[language]);
            const wrong = [];
            for (const width of widths) {
              await showAll(page, width);
              for (const colorScheme of THEMES) {
                const isChecked = language === "en" || (width === widths[0] && colorScheme === THEMES[0]);
                await page.emulateMedia({ colorScheme });
                await drawQuickly(page, `${name}-${language}-${colorScheme}-${width}.png`);
                const rules = colorScheme === THEMES[0] ? undefined : COLOURS;
                const found = [...(await wider(page)), ...(isChecked ? await violations(page, rules) : [])];
                wrong.push(...found.map((what) => `${colorScheme}, ${width} px: ${what}`));
              }
            }
            assert.deepEqual(wrong, []);
          },
        ));
    }
  }
});

/** Makes the window as high as the page: content below the edge is not drawn. */
async function showAll(page, width) {
  let height = HEIGHT;
  for (let shown = 0; shown < height; ) {
    shown = height;
    await page.setViewportSize({ width, height });
    height = Math.min(HIGHEST, Math.max(HEIGHT, await page.evaluate(() => document.documentElement.scrollHeight)));
  }
}

/** The elements beyond the right edge, when the page scrolls horizontally. */
function wider(page) {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) {
      return [];
    }
    const over = [...document.body.querySelectorAll("*")].filter(
      (element) => element.getBoundingClientRect().right > clientWidth + 1,
    );
    return [
      `it scrolls sideways: ${scrollWidth} px`,
      ...over.slice(0, 5).map((element) => element.outerHTML.slice(0, 120)),
    ];
  });
}
