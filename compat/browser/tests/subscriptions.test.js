// "Tell me when my branch fails": a subscription is made, disabled, enabled and deleted, with a count of clicks.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { makeRepository } from "../support/native.js";
import { visiting } from "../support/visitor.js";

const CLICKS_MAX = 3;
const KEY = "key-of-the-bot";

describe("subscriptions", () => {
  for (const script of [true, false]) {
    test(`a user subscribes to a branch, ${script ? "with" : "without"} script`, async () => {
      const path = `subscriptions/script-${script}`;
      await makeRepository(path);
      await visiting({ script }, async (page) => {
        let clicks = 0;
        const click = async (target) => {
          await target.click();
          clicks += 1;
        };
        await page.goto("/");
        await click(page.locator("header details.menu summary").last());
        await click(page.getByRole("link", { name: "My subscriptions" }));
        const form = page.locator("form[action$='/account/subscriptions']");
        await form.locator("input[name=repository]").fill(path);
        await form.locator("select[name=format]").selectOption("slack");
        await form.locator("input[name=url]").fill(`https://chat.example.com/hooks/${KEY}`);
        await form.locator("textarea[name=refs]").fill("main");
        await click(form.getByRole("button", { name: "Subscribe" }));
        const row = page.locator("tr", { hasText: path });
        await row.waitFor();
        assert.ok(clicks <= CLICKS_MAX, `${clicks} clicks`);
        assert.match(await row.innerText(), /Slack/);
        assert.match(await row.innerText(), /main/);
        assert.ok(!(await page.content()).includes(KEY), "the address of the bot is a credential");

        await row.getByRole("button", { name: "Disable" }).click();
        await row.getByRole("button", { name: "Enable" }).click();
        await row.getByRole("button", { name: "Disable" }).waitFor();

        await row.locator("summary").click();
        await row.getByRole("button", { name: "Delete" }).click();
        await row.waitFor({ state: "detached" });
      });
    });
  }
});
