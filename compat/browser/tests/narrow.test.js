// Pages at the width of a telephone: what a form offers, and which page of several is shown, is visible.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { prepare } from "../support/pages.js";
import { visiting, WIDTHS } from "../support/visitor.js";

describe("narrow", () => {
  let prepared;
  before(async () => {
    prepared = await prepare();
  });

  /** The elements that are beyond the edges of the box that they scroll in. */
  const outside = (page, elements, box) =>
    page.evaluate(
      ([elements, box]) =>
        [...document.querySelectorAll(elements)]
          .filter((element) => {
            const [inner, outer] = [element, element.closest(box)].map((one) => one.getBoundingClientRect());
            return inner.left < outer.left - 1 || inner.right > outer.right + 1;
          })
          .map((element) => element.textContent),
      [elements, box],
    );

  for (const language of ["zh", "en"]) {
    test(`every choice of a form is visible, ${language}`, () =>
      visiting({ language, width: WIDTHS[0] }, async (page) => {
        for (const address of [
          "/repositories/new",
          `/repositories/${prepared.repository}/settings`,
          `/repositories/${prepared.repository}/settings/webhooks`,
          `/repositories/${prepared.gated.repository}/settings/destinations`,
        ]) {
          await page.goto(address);
          assert.notEqual(await page.locator("main .choices label").count(), 0);
          assert.deepEqual(await outside(page, "main .choices label", "form"), [], address);
        }
      }));

    test(`the current tab is visible, ${language}`, () =>
      visiting({ language, width: WIDTHS[0] }, async (page) => {
        for (const section of ["webhooks", "destinations"]) {
          await page.goto(`/repositories/${prepared.gated.repository}/settings/${section}`);
          assert.equal(await page.locator(".tabs [aria-current]").count(), 2);
          assert.deepEqual(await outside(page, ".tabs [aria-current]", ".tabs"), [], section);
        }
      }));
  }
});
