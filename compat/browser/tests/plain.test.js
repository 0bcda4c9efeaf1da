// Without scripts: every page is readable, and every form works.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PAGES, prepare } from "../support/pages.js";
import { signIn } from "../support/session.js";
import { reading, visiting } from "../support/visitor.js";

const plain = { script: false };

for (const { name, address, signedOut } of PAGES) {
  test(`without script there is the page: ${name}`, async () => {
    const prepared = await prepare();
    await reading({ ...plain, ...(signedOut ? { cookies: [] } : {}) }, async (page, visitor) => {
      visitor.expected = /status of 404/;
      await page.goto(address(prepared));
      const words = await page.locator("main").innerText();
      assert.ok(words.trim().length > 40, `it says only: ${words}`);
      assert.ok(await page.locator("h1").first().isVisible());
    });
  });
}

test("without script one signs in, filters, chooses a language and a theme, and signs out", () =>
  visiting({ ...plain, cookies: [] }, async (page) => {
    await page.goto("/repositories");
    await page.waitForURL("**/sign-in**");
    await signIn(page);
    await page.waitForURL("**/repositories");
    await page.goto("/repositories/2111976240/pipelines");
    const form = page.locator("main form.filters");
    await form.locator("input[name=q]").fill("feature/102");
    await form.locator("button").click();
    await page.waitForURL(/q=feature/);
    await page.getByText("feature/102").first().waitFor();
    assert.equal(await page.locator("main").getByText("feature/104").count(), 0);
    await choose(page, "language", "zh");
    await page.locator("html[lang=zh-CN]").waitFor();
    await choose(page, "theme", "dark");
    await page.locator("html[data-theme=dark]").waitFor();
    const out = page.locator("form[action='/sign-out'] button");
    await page.locator("details", { has: out }).locator("summary").click();
    await out.click();
    await page.waitForURL("**/sign-in**");
  }));

/** Uses one of the menus that every page has. */
async function choose(page, what, value) {
  const form = page.locator("form[action='/preferences']");
  await page.locator("details", { has: form }).locator("summary").click();
  await form.locator(`input[name=${what}][value=${value}]`).check();
  await form.locator("button").click();
}
