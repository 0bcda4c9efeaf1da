// From an empty repository to the first report, without leaving the pages; invitations; and forms that are submitted
// twice.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, test } from "node:test";
import { violations } from "../support/axe.js";
import { ask, commit } from "../support/native.js";
import { password, server } from "../support/settings.js";
import { visiting } from "../support/visitor.js";

const unique = (name) => `${name}-${commit().slice(0, 8)}`;

/** Types the password where a form asks for it. */
async function confirm(form) {
  const field = form.locator("input[name=current_password]");
  if (await field.count()) {
    await field.fill(password);
  }
}

/** Creates a repository by its page; ends on the page that connects a build system. */
async function create(page, path) {
  await page.goto("/repositories");
  await page.locator("a[href='/repositories/new']").first().click();
  await page.locator("input[name=path]").fill(path);
  await page.locator("main form button").click();
  await page.waitForURL("**/connect**");
}

describe("the first start", () => {
  test("a repository, a token and the first report, in three clicks from the first page", () =>
    visiting({}, async (page) => {
      await create(page, `first/${unique("start")}`);
      const notice = page.locator("#first-report");
      assert.match(await notice.innerText(), /Waiting/);
      const form = page.locator("form[action$='/account/connect']");
      await confirm(form);
      await form.locator("button").click();
      await page.getByText("Created, and filled in below").waitFor();
      assert.deepEqual(await violations(page), []);
      const [, token] = /(spt_\w+)/.exec(await page.locator("main").innerText());
      const repository = Number(/repositories\/(\d+)/.exec(page.url())[1]);
      const sent = await fetch(`${server}/native/v1/repositories/${repository}/reports`, {
        method: "POST",
        headers: { "X-Auth-Token": token, "Content-Type": "application/json" },
        body: JSON.stringify({ sha: commit(), ref: "main", name: "compile", status: "success" }),
      });
      assert.equal(sent.status, 201);
      await notice.getByText("First report received").waitFor();
      await notice.getByRole("link").click();
      await page.waitForURL(/pipelines\/1$/);
    }));

  test("a reload does not create a second token, with and without script", async () => {
    for (const script of [true, false]) {
      await visiting({ script }, async (page) => {
        await page.goto("/account");
        const name = unique("reloaded");
        const card = page.locator("details", { has: page.locator("form[action='/account/tokens']") });
        await card.locator("summary").first().click();
        await card.locator("input[name=name]").fill(name);
        await confirm(card);
        await card.getByRole("button", { name: "Create" }).click();
        await page.getByText("Shown only once").waitFor();
        if (script) {
          const copied = page.locator("[data-copy]").first();
          assert.ok(await copied.isVisible());
          assert.match(page.url(), /\/account$/);
        }
        assert.match(await page.locator("main").innerText(), /curl -H 'X-Auth-Token: spt_\w{20,}' 'http/);
        await page.reload();
        await page.goto("/account");
        assert.equal(await page.getByText(name, { exact: true }).count(), 1);
      });
    }
  });

  test("an invited user chooses a password by a link that works once", async () => {
    const name = unique("invited");
    let link;
    await visiting({}, async (page) => {
      await page.goto("/administration");
      const card = page.locator("details", { has: page.locator("form[action='/administration/users']") });
      await card.locator("summary").click();
      await card.locator("input[name=name]").fill(name);
      await confirm(card);
      await card.getByRole("button", { name: "Create" }).click();
      link = await page.locator("pre code").first().innerText();
    });
    await visiting({ cookies: [] }, async (page) => {
      await page.goto(link);
      await page.locator("input[name=password]").fill("chosen by the user");
      await page.locator("main form button").click();
      await page.waitForURL("**/repositories");
      await page.getByText(name).first().waitFor({ state: "attached" });
    });
    await visiting({ cookies: [] }, async (page, visitor) => {
      visitor.expected = /status of 401/;
      await page.goto(link);
      await page.locator("input[name=password]").fill("chosen by another");
      await page.locator("main form button").click();
      await page.getByRole("alert").waitFor();
    });
  });

  test("users and repositories are chosen from lists", () =>
    visiting({}, async (page) => {
      const repository = (await ask("GET", "repositories?limit=1")).repositories[0];
      await page.goto(`/repositories/${repository.id}/settings/members`);
      assert.ok((await page.locator("#user-names option").count()) > 0);
      await page.goto("/account");
      const path = page.locator("select[name=repositories] option", { hasText: repository.path });
      assert.match(await path.first().textContent(), new RegExp(`\\(${repository.id}\\)`));
    }));
});

test("the result of a webhook's test is shown without a reload, with what was sent and answered", async () => {
  const receiver = createServer((_, response) => response.writeHead(202).end("received with thanks"));
  await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  try {
    await visiting({}, async (page) => {
      const { id } = (await ask("GET", "repositories?limit=1")).repositories[0];
      const url = `http://127.0.0.1:${receiver.address().port}/hook`;
      const { id: webhook } = await ask("POST", `repositories/${id}/webhooks`, { url, events: ["job"] });
      await page.goto(`/repositories/${id}/settings/webhooks/${webhook}`);
      // The response of the form is at the same address: the document that has it lacks the mark.
      await page.evaluate(() => (globalThis.sent = true));
      await page.getByRole("button", { name: "Send test message" }).click();
      await page.waitForFunction(() => !("sent" in globalThis) && document.readyState === "complete");
      await page.evaluate(() => (globalThis.sameDocument = true));
      const details = page.locator("tbody details").first();
      await page.locator("tbody").getByText("HTTP 202").waitFor();
      await details.locator("summary").click();
      assert.match(await details.locator("pre").first().innerText(), /webhook\.test/);
      assert.equal(await details.locator("pre").last().innerText(), "received with thanks");
      assert.ok(await page.evaluate(() => globalThis.sameDocument));
    });
  } finally {
    receiver.close();
  }
});

test("the list of repositories follows what happens", () =>
  visiting({}, async (page) => {
    await page.clock.install();
    await page.goto("/repositories");
    const path = `first/${unique("follows")}`;
    await ask("POST", "repositories", { path, visibility: "internal" });
    await page.clock.fastForward(20_000);
    await page.getByText(path).waitFor();
  }));
