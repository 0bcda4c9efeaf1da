// The API Explorer: the form, the samples that follow it, and the calls.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, test } from "node:test";
import { open, responded, samples } from "../support/explorer.js";
import { ask, commit, makeRepository, report } from "../support/native.js";
import { session } from "../support/session.js";
import { binary, configHome, password, token, user } from "../support/settings.js";
import { visiting } from "../support/visitor.js";

const OPERATION = "/explorer/ListPipelineJobs";
const FILLED = `${OPERATION}?repository_id=2111976239&pipeline_id=6`;
const FEWEST_SAMPLES = 9;

describe("the explorer", () => {
  test("a link fills in the form, and only what is filled in appears", () =>
    visiting({}, async (page) => {
      await page.goto(FILLED);
      assert.equal(await page.locator("[name=repository_id]").inputValue(), "2111976239");
      assert.equal(await page.locator("[name=pipeline_id]").inputValue(), "6");
      await page.locator("#samples").waitFor();
      const before = await samples(page);
      assert.ok(Object.keys(before).length >= FEWEST_SAMPLES, Object.keys(before).join());
      for (const [name, sample] of Object.entries(before)) {
        assert.ok(sample.includes("2111976239"), `${name}:\n${sample}`);
        assert.doesNotMatch(sample, /limit/i, name);
      }
      await page.locator("[name=limit]").fill("17");
      for (const [name, sample] of Object.entries(await samples(page))) {
        assert.match(sample, /17/, name);
      }
    }));

  test("each sample is seen, by mouse and by arrow keys", () =>
    visiting({}, async (page) => {
      await page.goto(FILLED);
      const tabs = page.locator("#samples").getByRole("tab");
      await tabs.first().waitFor();
      for (const tab of await tabs.all()) {
        await tab.click();
        await page.locator(`#${await tab.getAttribute("aria-controls")}`).waitFor();
        assert.equal(await page.locator("#samples").getByRole("tabpanel").count(), 1);
      }
      await tabs.first().click();
      await page.keyboard.press("ArrowRight");
      assert.equal(await tabs.nth(1).getAttribute("aria-selected"), "true");
    }));

  test("no sample has a live secret", () =>
    visiting({}, async (page) => {
      await page.goto(FILLED);
      await page.locator("#send").click();
      await responded(page);
      const secrets = [token, password, ...(await session()).map(({ value }) => value)];
      const html = await page.content();
      for (const secret of secrets) {
        assert.ok(!html.includes(secret));
      }
      assert.doesNotMatch(Object.values(await samples(page)).join("\n"), /sp[a-z]_[0-9a-f]{16}/);
    }));

  test("what is sent is answered with status, headers and body", () =>
    visiting({}, async (page) => {
      await page.goto(FILLED);
      await page.locator("#send").click();
      await responded(page);
      assert.match(await page.locator("#answer-status").textContent(), /200.*\d+ ms/s);
      assert.match(await page.locator("#answer-headers").textContent(), /X-Total: 1\b/i);
      assert.match(await page.locator("#answer-headers").textContent(), /X-Request-Id: /i);
      assert.match(await page.locator("#answer-body").textContent(), /31930/);
    }));

  test("a read about credentials is made with all rights, once the person allows it", () =>
    visiting({}, async (page) => {
      for (const [operation, query] of [
        ["Users", ""],
        ["Keys", `user=${user}`],
        ["Members", "repository_id=2111976239"],
        ["Webhooks", "repository_id=2111976239"],
      ]) {
        await open(page, `/explorer/${operation}?${query}`);
        await page.locator("#send").click();
        await page.locator("#call-wrong").waitFor();
        await page.locator("#allow-writes").check();
        await page.locator("#send").click();
        await page.locator("#answer-status").filter({ hasText: "200" }).waitFor();
      }
    }));

  test("a signature that does not fit is told line by line", () =>
    visiting({}, async (page, visitor) => {
      visitor.expected = /status of 401/;
      const { access } = await ask("POST", `users/${user}/keys`, { description: "explained" });
      await page.goto(FILLED);
      await page.locator("#as-key").check();
      await page.locator("#ak").fill(access);
      await page.locator("#sk").fill("not the secret");
      await page.locator("#send").click();
      await page.locator("#answer-status").filter({ hasText: "401" }).waitFor();
      const authorization = await page.locator("#step-authorization").textContent();
      for (const pasted of [authorization, `Authorization: ${authorization}`]) {
        await page.locator("#explain-request").fill(pasted);
        await page.locator("#explain button").click();
        await page.locator("#explained-findings li").first().waitFor();
        assert.match(await page.locator("#explained-servers").textContent(), /^GET\n/);
      }
      await page.goto("/explorer");
      const forgotten = authorization.replace(/Signature=.*/, `Signature=${"0".repeat(64)}`);
      await page.locator("#explain-request").fill(forgotten);
      visitor.expected = /status of 400/;
      await page.locator("#explain button").click();
      await page.locator("#explained").filter({ hasText: "paste the whole request" }).waitFor();
      const captured = `GET /v4/user/repositories HTTP/1.1\nHost: example.com\nX-Sdk-Date: 20260101T000000Z\nAuthorization: ${authorization}\n`;
      await page.locator("#explain-request").fill(captured);
      await page.locator("#explain button").click();
      await page.locator("#explained-findings li").first().waitFor();
      assert.match(await page.locator("#explained-yours").textContent(), /example\.com/);
    }));

  for (const width of [360, 1280]) {
    test(`the response is in sight after a call, ${width} px wide`, () =>
      visiting({ width }, async (page) => {
        await open(page, FILLED);
        const seen = () =>
          page.locator("#answer-status").evaluate((status) => {
            const { top, bottom } = status.getBoundingClientRect();
            return top >= 0 && bottom <= innerHeight;
          });
        await page.locator("#send").click();
        await page.locator("#answer-status", { hasText: "200" }).waitFor();
        assert.ok(await seen());
        if (width === 360) {
          assert.equal(await page.evaluate(() => document.activeElement.id), "answer-title");
        } else {
          assert.equal(await page.locator("#tab-answer").getAttribute("aria-selected"), "true");
          await page.locator("#tab-code").click();
          await page.locator("#panel-java").waitFor();
        }
        // The time is in the zone of the server, not of the browser.
        assert.match(await page.locator("#history-list time").getAttribute("title"), /^\d{4}-.* \+08:00$/);
      }));
  }

  test("the environment is printed whole, and the SDK's settings only where they act", () =>
    visiting({}, async (page) => {
      await open(page, FILLED);
      await page.locator("#tab-python").click();
      const lines = page.locator("#panel-python [data-environment] pre");
      const origin = new URL(page.url()).origin;
      assert.deepEqual((await lines.textContent()).split("\n"), [
        `export HUAWEICLOUD_SDK_IAM_ENDPOINT=${origin}`,
        `export HUAWEICLOUD_SDK_REGION_CODEHUB_CN_NORTH_4=${origin}`,
        "export CLOUD_SDK_AK='<your AK>'",
        "export CLOUD_SDK_SK='<your SK>'",
      ]);
      await page.locator("#region").fill("cn-east-3");
      assert.match(await lines.textContent(), /CODEHUB_CN_EAST_3=/);
      await page.locator("#tab-curl").click();
      assert.equal(await page.locator("#sdk-settings").isVisible(), false);
      await open(page, "/explorer/Pipelines");
      await page.locator("#tab-python").click();
      assert.equal(await page.locator("#sdk-settings").isVisible(), false);
    }));

  test("a failed call leads to its explanation", () =>
    visiting({}, async (page, visitor) => {
      visitor.expected = /status of 40[14]/;
      await page.goto(`${OPERATION}?repository_id=2147483647&pipeline_id=6`);
      await page.locator("#send").click();
      await page.locator("#explain-call button").click();
      assert.match(await page.locator("#status-404[open]").innerText(), /repository/i);
      await page.locator("#as-key").check();
      await page.locator("#ak").fill((await ask("POST", `users/${user}/keys`, { description: "refused" })).access);
      await page.locator("#sk").fill("not the secret");
      await page.locator("#send").click();
      await page.locator("#answer-status").filter({ hasText: "401" }).waitFor();
      await page.locator("#explain-call button").click();
      await page.locator("#explained-findings li").first().waitFor();
    }));

  test("an operation has its fields, an example, and the other operations beside it", () =>
    visiting({}, async (page) => {
      await open(page, FILLED);
      const response = page.locator(".response-schema").first();
      assert.match(await response.innerText(), /pipeline_id|third_build_id/i);
      assert.ok((await response.locator("tbody tr").count()) > 10);
      JSON.parse(await response.locator("pre").textContent());
      assert.match(await page.locator("#operations-list [aria-current]").innerText(), /^GET\s+ListPipelineJobs$/);
      await page.locator("#operations-list a", { hasText: "ListLatestPipelineJobs" }).click();
      await page.waitForURL("**/explorer/ListLatestPipelineJobs");
    }));

  test("an error is explained in both languages", () =>
    visiting({}, async (page, visitor) => {
      visitor.expected = /status of 404/;
      await page.goto(`${OPERATION}?repository_id=2147483647&pipeline_id=6`);
      await page.locator("#send").click();
      const error = page.locator("#answer-error");
      await error.waitFor();
      assert.match(await error.textContent(), /仓库/);
      assert.match(await error.textContent(), /repository/i);
      assert.match(await page.locator("#answer-status").textContent(), /404/);
    }));

  test("what cannot be right is said before anything is sent", () =>
    visiting({}, async (page) => {
      await open(page, OPERATION);
      const sent = [];
      page.on("request", (request) => request.url().includes("/assets/") || sent.push(request.url()));
      await page.locator("[name=limit]").fill("101");
      await page.locator("#send").click();
      await page.locator("#p-repository_id-wrong").waitFor();
      await page.locator("#p-limit-wrong").waitFor();
      assert.equal(await page.locator("[name=repository_id]").getAttribute("aria-invalid"), "true");
      assert.deepEqual(sent, []);
    }));

  test("what writes is refused until the person allows it", () =>
    visiting({}, async (page) => {
      const repository = await makeRepository("explorer/writes");
      await open(page, `/explorer/Report?repository_id=${repository}`);
      const pipelines = async () => (await ask("GET", `repositories/${repository}/pipelines`)).pipelines.length;
      await page
        .locator("#body")
        .fill(JSON.stringify({ sha: commit(), ref: "main", name: "from the explorer", status: "success" }));
      await page.locator("#send").click();
      await page.locator("#call-wrong").waitFor();
      assert.equal(await pipelines(), 0);
      await page.locator("#allow-writes").check();
      await page.locator("#send").click();
      await responded(page);
      assert.match(await page.locator("#answer-status").textContent(), /201/);
      assert.equal(await pipelines(), 1);
    }));

  test("signing in leads back to the form as it was", () =>
    visiting({ language: "en", cookies: [] }, async (page) => {
      await open(page, "/explorer/FindJobs?repository_id=2111976239");
      await page.locator("#p-name").fill("编译");
      await page.locator("a[data-sign-in]").click();
      await page.waitForURL("**/sign-in**");
      await page.locator("[name=name]").fill(user);
      await page.locator("[name=password]").fill(password);
      await page.locator("[name=password]").press("Enter");
      await page.waitForURL("**/explorer/FindJobs**");
      assert.equal(await page.locator("#p-name").inputValue(), "编译");
    }));

  test("whose session is over is told to sign in", () =>
    visiting({ language: "en" }, async (page, visitor) => {
      visitor.expected = /401/;
      await open(page, FILLED);
      await page.context().clearCookies();
      await page.locator("#send").click();
      await page.getByText("Request not sent: Sign in to call this operation here.").waitFor();
    }));

  test("what a value should look like is said where it does not", () =>
    visiting({ language: "en" }, async (page) => {
      await open(page, "/explorer/FindJobs?repository_id=7&status=abc&since=yesterday");
      assert.match(await page.locator("#p-status-wrong").textContent(), /timedout/);
      assert.match(await page.locator("#p-since-wrong").textContent(), /date-time/);
    }));

  test("events are shown as they come", () =>
    visiting({ language: "en" }, async (page) => {
      const repository = await makeRepository("explorer/events");
      await open(page, `/explorer/Events?repository=${repository}`);
      await page.locator("#send").click();
      await page.getByText("HTTP 200").waitFor();
      await report(repository, { sha: commit(), name: "seen at once" });
      await page.locator("#answer-body", { hasText: "seen at once" }).waitFor();
      // The call continues.
      assert.ok(await page.locator("#send").isDisabled());
      assert.match((await samples(page))["panel-curl"], /curl .* -N|-N -g/s);
    }));

  test("the command line that is printed makes the call", () =>
    visiting({ language: "en" }, async (page) => {
      const run = async (operation) => {
        await open(page, `/explorer/${operation}`);
        const env = { ...process.env, STAGEPOST_TOKEN: token, XDG_CONFIG_HOME: configHome };
        const printed = (await samples(page))["panel-cli"];
        return JSON.parse(
          execFileSync("bash", ["-euc", `stagepost() { "${binary}" "$@"; }\n${printed}`], { env, encoding: "utf8" }),
        );
      };
      const made = await run('AddRepository?path=explorer/by-command&description=it\'s "$HOME"');
      assert.deepEqual([made.path, made.description], ["explorer/by-command", `it's "$HOME"`]);
      // Operations without a command of their own use `api`.
      const policies = await run(`SetPolicies?repository_id=${made.id}&silence_limit=7200`);
      assert.equal(policies.silence_limit, 7200);
    }));

  test("the list finds an operation by its name and by its path", () =>
    visiting({}, async (page) => {
      await page.goto("/explorer");
      const operations = page.locator(".operations li:visible");
      const all = await operations.count();
      assert.ok(all > 40, `${all}`);
      for (const words of ["ListPipelineJobs", "/v4/repositories/{repository_id}/pipelines/{pipeline_id}/jobs"]) {
        await page.locator("#operations-q").fill(words);
        await page.waitForFunction(
          (all) => [...document.querySelectorAll(".operations li")].filter((li) => li.checkVisibility()).length < all,
          all,
        );
        await operations.getByRole("link", { name: "ListPipelineJobs" }).first().waitFor();
      }
    }));
});
