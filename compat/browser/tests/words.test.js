// One language on a page: no text of the other one's catalogue.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PAGES, prepare } from "../support/pages.js";
import { visiting } from "../support/visitor.js";

const CJK = /\p{Script=Han}/u;
// What each language calls itself, in both.
const NAMES = ["中文", "English"];

describe("words", () => {
  for (const { name, address, signedOut } of PAGES) {
    test(`one language on the page: ${name}`, async () => {
      const prepared = await prepare();
      const said = {};
      for (const language of ["zh", "en"]) {
        await visiting({ language, cookies: signedOut ? [] : undefined }, async (page, visitor) => {
          visitor.expected = /status of 404/;
          await page.goto(address(prepared), { waitUntil: "load" });
          said[language] = await texts(page);
        });
      }
      const both = new Set(said.en.filter((text) => said.zh.includes(text)));
      // What is written the same on both is from outside: names, refs, what was reported.
      assert.deepEqual(said.en.filter((text) => CJK.test(text) && !both.has(text)), [], "Chinese on the English page");
      assert.deepEqual(said.zh.filter((text) => NAMES.includes(text)), said.en.filter((text) => NAMES.includes(text)));
    });
  }
});

/** Every text of a page that a person sees or hears. */
function texts(page) {
  return page.evaluate(() => {
    const found = new Set([document.title]);
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      if (!walker.currentNode.parentElement.closest("script, style")) {
        found.add(walker.currentNode.data.trim());
      }
    }
    for (const name of ["title", "aria-label", "placeholder", "alt"]) {
      for (const element of document.querySelectorAll(`[${name}]`)) {
        found.add(element.getAttribute(name).trim());
      }
    }
    found.delete("");
    return [...found];
  });
}
