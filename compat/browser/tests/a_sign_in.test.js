// Signing in and out.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { signIn } from "../support/session.js";
import { link, password, token, user } from "../support/settings.js";
import { visiting } from "../support/visitor.js";

const STRANGER = { cookies: [] };

describe("signing in", () => {
  test("by the link that the server printed, once", async () => {
    assert.match(link, /^http/, "the server printed none");
    await visiting(STRANGER, async (page) => {
      await page.goto(link);
      await page.locator("main form button").click();
      await page.waitForURL("**/repositories");
      await page.getByText(user).first().waitFor({ state: "attached" });
    });
    await visiting(STRANGER, async (page, visitor) => {
      visitor.expected = /status of 40\d/;
      await page.goto(link);
      // Either the link or its button reports it.
      const button = page.locator("main form:not(:has(input[type=password])) button");
      if (await button.count()) {
        // Without waiting, the next page would be requested while the form is still sent.
        const answered = page.waitForResponse((response) => response.request().method() === "POST");
        await button.click();
        await answered;
      }
      await page.goto("/repositories");
      await page.waitForURL("**/sign-in**");
    });
  });

  test("by name and password, to the page that was asked for; and out again", () =>
    visiting(STRANGER, async (page, visitor) => {
      const { context } = visitor;
      await page.goto("/repositories/2111976240/pipelines?status=failed");
      await page.waitForURL("**/sign-in**");
      await signIn(page);
      await page.waitForURL("**/repositories/2111976240/pipelines?status=failed");
      const cookies = await context.cookies();
      assert.ok(cookies.some(({ name }) => name === "__Host-stagepost"));
      for (const { name, httpOnly, sameSite } of cookies.filter(({ name }) => name.includes("stagepost"))) {
        assert.deepEqual([httpOnly, sameSite], [true, "Strict"], name);
      }
      const out = page.locator("form[action='/sign-out'] button");
      await page.locator("details", { has: out }).locator("summary").click();
      // The page that is left may ask for its events once more, without a session.
      visitor.expected = /status of 401/;
      await out.click();
      await page.waitForURL("**/sign-in**");
      // A copy of the cookie is invalid as well.
      await context.addCookies(cookies.filter(({ secure }) => !secure));
      await page.goto("/repositories");
      await page.waitForURL("**/sign-in**");
    }));

  test("by a token", () =>
    visiting(STRANGER, async (page) => {
      await page.goto("/sign-in");
      const field = page.locator("input[name=token]");
      await page.locator("details", { has: field }).locator("summary").click();
      await field.fill(token);
      await page.locator("form:has(input[name=token]) button").click();
      await page.waitForURL("**/repositories");
    }));

  test("not with a wrong password, which is not shown again", () =>
    visiting(STRANGER, async (page, visitor) => {
      visitor.expected = /status of 401/;
      await page.goto("/sign-in");
      await signIn(page, user, `${password}x`);
      await page.getByRole("alert").waitFor();
      assert.equal(await page.locator("input[name=name]").inputValue(), user);
      assert.equal(await page.locator("input[name=password]").inputValue(), "");
    }));

  test("a form that another site sends is refused", () =>
    visiting({}, async (page) => {
      const refused = await page.request.post("/sign-out", {
        headers: { Origin: "http://elsewhere.example" },
        maxRedirects: 0,
      });
      assert.equal(refused.status(), 403);
      await page.goto("/repositories");
      assert.match(page.url(), /\/repositories$/);
    }));
});
