// The header of a telephone: the areas are in one row, and no entry of a menu wraps.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HEIGHT, LANGUAGES, reading } from "../support/visitor.js";

const PHONES = [360, 390];
// The current entry is bold: it is wider than the others.
const AREAS = ["/repositories", "/administration", "/audit"];

describe("the header of a telephone", () => {
  for (const language of LANGUAGES) {
    test(`has one row of areas, and no entry wraps, in ${language}`, () =>
      reading({ language }, async (page) => {
        for (const width of PHONES) {
          await page.setViewportSize({ width, height: HEIGHT });
          for (const area of AREAS) {
            await page.goto(area);
            const { rows, wrapped } = await page.evaluate(measure);
            assert.deepEqual(wrapped, [], `${area} at ${width} px`);
            assert.equal(rows, 1, `${area} at ${width} px`);
          }
        }
      }));
  }
});

/** The number of rows of the areas, and the entries with a text of several lines, also of the menus. */
function measure() {
  const tops = (rectangles) => new Set([...rectangles].map(({ top }) => Math.round(top))).size;
  for (const menu of document.querySelectorAll("header details")) {
    menu.open = true;
  }
  const wraps = (entry) => {
    const text = document.createRange();
    text.selectNodeContents(entry);
    return tops(text.getClientRects()) > 1;
  };
  const entries = [...document.querySelectorAll("header :is(nav a, summary, .sheet > a)")];
  const areas = [...document.querySelectorAll("header .areas > *")];
  return {
    rows: tops(areas.map((area) => (area.querySelector("summary") ?? area).getBoundingClientRect())),
    wrapped: entries.filter(wraps).map((entry) => entry.textContent),
  };
}
