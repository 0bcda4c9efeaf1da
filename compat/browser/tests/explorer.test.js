// The API Explorer: the form, the samples that follow it, and what is sent.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";
import { faults } from "../../../crates/pages/assets/explorer/schema.js";
import { violations } from "../support/axe.js";
import { ask, commit, makeRepository, report } from "../support/native.js";
import { session } from "../support/session.js";
import { binary, configHome, password, screenshots, token, user } from "../support/settings.js";
import { visiting } from "../support/visitor.js";

const OPERATION = "/explorer/ListPipelineJobs";
const FILLED = `${OPERATION}?repository_id=2111976239&pipeline_id=6`;
const FEWEST_SAMPLES = 9;
const MOMENT = 100;

const json = async (page) => JSON.parse(await page.locator("#body").inputValue());
const samples = (page) => page.evaluate(() => Object.fromEntries([...document.querySelectorAll("#samples pre code")].map((code) => [code.closest("[id]").id, code.textContent])));

describe("the explorer", () => {
  test("changing a field changes all samples within 100 ms", (t) =>
    visiting({}, async (page) => {
      await page.goto(FILLED);
      await page.locator("#samples").waitFor();
      // Asked for in the page itself: how long the way there takes is not the page's matter.
      const took = await page.evaluate(async (moment) => {
        const codes = [...document.querySelectorAll("#samples pre code")];
        const field = document.querySelector("[name=repository_id]");
        const began = performance.now();
        field.value = "1234567";
        field.dispatchEvent(new InputEvent("input", { bubbles: true }));
        while (!codes.every((code) => code.textContent.includes("1234567"))) {
          if (performance.now() - began > moment) {
            return codes.filter((code) => !code.textContent.includes("1234567")).map((code) => code.closest("[id]").id);
          }
          await new Promise(requestAnimationFrame);
        }
        return performance.now() - began;
      }, MOMENT);
      assert.equal(typeof took, "number", `these do not follow: ${took}`);
      t.diagnostic(`${Math.round(took)} ms`);
    }));

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
      const tabs = page.getByRole("tab");
      await tabs.first().waitFor();
      for (const tab of await tabs.all()) {
        await tab.click();
        await page.locator(`#${await tab.getAttribute("aria-controls")}`).waitFor();
        assert.equal(await page.getByRole("tabpanel").count(), 1);
      }
      await tabs.first().click();
      await page.keyboard.press("ArrowRight");
      assert.equal(await tabs.nth(1).getAttribute("aria-selected"), "true");
    }));

  test("no sample has a live secret", () =>
    visiting({}, async (page) => {
      await page.goto(FILLED);
      await page.locator("#send").click();
      await page.locator("#answer-body").waitFor();
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
      await page.locator("#answer-body").waitFor();
      assert.match(await page.locator("#answer-status").textContent(), /200.*\d+ ms/s);
      assert.match(await page.locator("#answer-headers").textContent(), /X-Total: 1\b/i);
      assert.match(await page.locator("#answer-headers").textContent(), /X-Request-Id: /i);
      assert.match(await page.locator("#answer-body").textContent(), /31930/);
    }));

  test("a read about credentials is made with all rights, once the person allows it", () =>
    visiting({}, async (page) => {
      for (const [operation, query] of [["Users", ""], ["Keys", `user=${user}`], ["Members", "repository_id=2111976239"], ["Webhooks", "repository_id=2111976239"]]) {
        await page.goto(`/explorer/${operation}?${query}`);
        await page.locator("#samples").waitFor();
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
      await page.goto(OPERATION);
      await page.locator("#samples").waitFor();
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
      await page.goto(`/explorer/Report?repository_id=${repository}`);
      await page.locator("#samples").waitFor();
      const pipelines = async () => (await ask("GET", `repositories/${repository}/pipelines`)).pipelines.length;
      await page.locator("#body").fill(JSON.stringify({ sha: commit(), ref: "main", name: "from the explorer", status: "success" }));
      await page.locator("#send").click();
      await page.locator("#call-wrong").waitFor();
      assert.equal(await pipelines(), 0);
      await page.locator("#allow-writes").check();
      await page.locator("#send").click();
      await page.locator("#answer-body").waitFor();
      assert.match(await page.locator("#answer-status").textContent(), /201/);
      assert.equal(await pipelines(), 1);
    }));

  test("a body has a field for each of its own, which all samples and its JSON follow", (t) =>
    visiting({ language: "en" }, async (page) => {
      await page.goto("/explorer/Report?repository_id=7&ref=dev");
      await page.locator("#samples").waitFor();
      assert.equal(await page.locator("#b-ref").inputValue(), "dev");
      assert.match(await page.locator(".field", { has: page.locator("#b-sha") }).innerText(), /required[^]*40 or 64 hexadecimal digits/);
      assert.equal(await page.locator("#optional-fields").getAttribute("open"), null);
      await page.locator("#optional-fields summary").click();
      await page.locator("#b-status").selectOption("success");
      await page.locator("#b-coverage").fill("87.50");
      await page.locator("#b-allow_failure").selectOption("true");
      assert.deepEqual(await json(page), { ref: "dev", status: "success", coverage: 87.5, allow_failure: true });
      for (const [name, sample] of Object.entries(await samples(page))) assert.match(sample, /87\.5/, name);
      assert.match((await samples(page))["panel-curl"], /"sha": "\{sha\}"/);
      assert.match(page.url(), /ref=dev.*coverage=87\.50/);
      const took = await page.evaluate(() => {
        const began = performance.now();
        const field = document.getElementById("b-name");
        field.value = "编译 it's";
        field.dispatchEvent(new InputEvent("input", { bubbles: true }));
        const all = [...document.querySelectorAll("#samples pre code")];
        return all.every((code) => code.textContent.includes("编译")) && performance.now() - began;
      });
      assert.ok(took !== false && took <= MOMENT, `${took}`);
      t.diagnostic(`${Math.round(took)} ms`);
      await page.locator("#b-coverage").fill("");
      assert.ok(!("coverage" in (await json(page))));
    }));

  test("what a body lacks is said at its field, and nothing is sent", () =>
    visiting({ language: "en" }, async (page) => {
      await page.goto("/explorer/Report?repository_id=7");
      await page.locator("#samples").waitFor();
      const sent = [];
      page.on("request", (request) => request.url().includes("/assets/") || sent.push(request.url()));
      await page.locator("#allow-writes").check();
      const said = (name) => page.locator(`#b-${name}-wrong`);
      const press = () => page.locator("#send").click();
      await press();
      for (const name of ["sha", "ref", "name", "status"]) assert.equal(await said(name).textContent(), "This is required");
      assert.equal(await page.evaluate(() => document.activeElement.id), "b-sha");
      const wrong = { sha: "12g", coverage: "101", stage_order: "first", description: "x".repeat(1025), target_url: "ftp://x", third_build_id: "ok" };
      await page.locator("#optional-fields summary").click();
      for (const [name, value] of Object.entries(wrong)) await page.locator(`#b-${name}`).fill(value);
      await page.locator("#optional-fields summary").click();
      await press();
      // An error is never folded away.
      for (const name of ["sha", "coverage", "stage_order", "description", "target_url"]) {
        assert.ok(await said(name).isVisible(), name);
        assert.equal(await page.locator(`#b-${name}`).getAttribute("aria-invalid"), "true", name);
      }
      assert.ok(!(await said("third_build_id").isVisible()));
      assert.match(await said("coverage").textContent(), /0 to 100/);
      // What is mended is no longer said.
      await page.locator("#b-coverage").fill("100");
      assert.ok(!(await said("coverage").isVisible()));
      assert.deepEqual(sent, []);
      assert.deepEqual(await violations(page), []);
      await page.screenshot({ path: join(screenshots, "explorer-body-wrong.png"), fullPage: true });
    }));

  test("the JSON is edited as well, and the fields follow where it is one object", () =>
    visiting({ language: "en" }, async (page) => {
      await page.goto("/explorer/Report?repository_id=7");
      await page.locator("#samples").waitFor();
      const box = page.locator("#body");
      await box.fill('{"sha": "abc", "unknown": 12345678901234567890, "coverage": 1.0, "status": 5}');
      assert.equal(await page.locator("#b-sha").inputValue(), "abc");
      // Nobody but who types it writes a value anew.
      await page.locator("#b-ref").fill("main");
      assert.match(await box.inputValue(), /12345678901234567890[^]*"ref": "main"[^]*"coverage": 1\.0,/);
      await page.locator("#allow-writes").check();
      await page.locator("#send").click();
      assert.ok(await page.locator("#b-status-wrong").isVisible());
      // Several at once are one thing that fields cannot say.
      await box.fill('[{"sha": "abc"}]');
      assert.ok(await page.locator("#b-ref").isDisabled());
      assert.ok(await page.locator("#body-rest").isVisible());
      await page.locator("#send").click();
      assert.match(await page.locator("#body-wrong").textContent(), /\/0\//);
      await box.fill("");
      assert.ok(await page.locator("#b-ref").isEnabled());
      assert.equal(await page.locator("#b-ref").inputValue(), "");
      await page.locator("#body-example").click();
      assert.ok((await page.locator("#b-sha").inputValue()).length > 0);
    }));

  test("a report is sent from the fields alone", () =>
    visiting({}, async (page) => {
      const repository = await makeRepository("explorer/fields");
      await page.goto(`/explorer/Report?repository_id=${repository}&sha=${commit()}&ref=main`);
      await page.locator("#samples").waitFor();
      await page.locator("#b-name").fill("from the fields");
      await page.locator("#b-status").selectOption("success");
      await page.locator("#allow-writes").check();
      await page.locator("#send").click();
      await page.locator("#answer-body").waitFor();
      assert.match(await page.locator("#answer-status").textContent(), /201/);
      assert.equal((await ask("GET", `repositories/${repository}/pipelines`)).pipelines.length, 1);
    }));

  test("the objects of a body have fields as well, and a password becomes a token by them", () =>
    visiting({ language: "en" }, async (page) => {
      await page.goto("/explorer/KeystoneCreateUserTokenByPassword?auth.scope.project.name=cn-north-4");
      await page.locator("#samples").waitFor();
      const field = (name) => page.locator(`[id="b-auth.${name}"]`);
      const wrong = (name) => page.locator(`[id="b-auth.${name}-wrong"]`);
      assert.deepEqual(await json(page), { auth: { scope: { project: { name: "cn-north-4" } } } });
      await page.locator("#body").fill("{}");
      await page.locator("#send").click();
      for (const name of ["identity.methods", "identity.password.user.name", "identity.password.user.password"]) {
        assert.equal(await wrong(name).textContent(), "This is required", name);
      }
      await field("identity.methods").fill("magic");
      await field("identity.password.user.name").fill(user);
      await field("identity.password.user.password").fill(password);
      await page.locator("#send").click();
      assert.match(await wrong("identity.methods").textContent(), /password/);
      assert.ok(!(await wrong("identity.password.user.name").isVisible()));
      await field("identity.methods").fill("password");
      await field("scope.domain.name").fill("gone");
      await field("scope.domain.name").fill("");
      assert.deepEqual(await json(page), { auth: { identity: { methods: ["password"], password: { user: { name: user, password } } } } });
      const printed = Object.values(await samples(page)).join("\n");
      assert.ok(printed.includes(user) && !printed.includes(password) && !page.url().includes(password));
      await page.locator("#send").click();
      await page.locator("#answer-body").waitFor();
      assert.match(await page.locator("#answer-status").textContent(), /201/);
      assert.deepEqual(await violations(page), []);
      await page.screenshot({ path: join(screenshots, "explorer-body-objects.png"), fullPage: true });
    }));

  test("going away and coming back loses nothing that was typed, and makes nothing else of it", () =>
    visiting({ language: "en" }, async (page) => {
      await page.goto("/explorer/SetPolicies?repository_id=7");
      await page.locator("#samples").waitFor();
      await page.locator("#b-stage_limits").fill('{"build": 3600}');
      const typed = await page.locator("#body").inputValue();
      await page.goto("/explorer");
      await page.goBack();
      await page.locator("#samples").waitFor();
      assert.equal(await page.locator("#body").inputValue(), typed);
      await page.reload();
      await page.locator("#samples").waitFor();
      assert.equal(await page.locator("#body").inputValue(), typed);
      assert.equal(await page.locator("#b-stage_limits").inputValue(), '{"build": 3600}');
      await page.goto("/explorer/Report?repository_id=7");
      await page.locator("#samples").waitFor();
      await page.locator("#body").fill('{"name": null, "stage": "two\\nlines", "ref": "main"}');
      await page.waitForURL(/ref=main/);
      assert.doesNotMatch(page.url(), /name=|stage=/);
      // A secret is kept nowhere.
      await page.goto("/explorer/CreateUser");
      await page.locator("#samples").waitFor();
      await page.locator("#b-password").fill("s3cret-password");
      await page.reload();
      await page.locator("#samples").waitFor();
      assert.doesNotMatch(await page.locator("#body").inputValue(), /s3cret/);
    }));

  test("signing in leads back to the form as it was", () =>
    visiting({ language: "en", cookies: [] }, async (page) => {
      await page.goto("/explorer/FindJobs?repository_id=2111976239");
      await page.locator("#samples").waitFor();
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
      await page.goto(FILLED);
      await page.locator("#samples").waitFor();
      await page.context().clearCookies();
      await page.locator("#send").click();
      await page.getByText("Not sent: Sign in to call it from here.").waitFor();
    }));

  test("what a value should look like is said where it does not", () =>
    visiting({ language: "en" }, async (page) => {
      await page.goto("/explorer/FindJobs?repository_id=7&status=abc&since=yesterday");
      await page.locator("#samples").waitFor();
      assert.match(await page.locator("#p-status-wrong").textContent(), /timedout/);
      assert.match(await page.locator("#p-since-wrong").textContent(), /date-time/);
    }));

  test("events are shown as they come", () =>
    visiting({ language: "en" }, async (page) => {
      const repository = await makeRepository("explorer/events");
      await page.goto(`/explorer/Events?repository=${repository}`);
      await page.locator("#samples").waitFor();
      await page.locator("#send").click();
      await page.getByText("HTTP 200").waitFor();
      await report(repository, { sha: commit(), name: "seen at once" });
      await page.locator("#answer-body", { hasText: "seen at once" }).waitFor();
      // The call goes on.
      assert.ok(await page.locator("#send").isDisabled());
      assert.match((await samples(page))["panel-curl"], /curl .* -N|-N -g/s);
    }));

  test("the command line that is printed makes the call", () =>
    visiting({ language: "en" }, async (page) => {
      const run = async (operation) => {
        await page.goto(`/explorer/${operation}`);
        await page.locator("#samples").waitFor();
        const env = { ...process.env, STAGEPOST_TOKEN: token, XDG_CONFIG_HOME: configHome };
        const printed = (await samples(page))["panel-cli"];
        return JSON.parse(execFileSync("bash", ["-euc", `stagepost() { "${binary}" "$@"; }\n${printed}`], { env, encoding: "utf8" }));
      };
      const made = await run("AddRepository?path=explorer/by-command&description=it's \"$HOME\"");
      assert.deepEqual([made.path, made.description], ["explorer/by-command", `it's "$HOME"`]);
      // What no command of its own says, `api` does.
      const policies = await run(`SetPolicies?repository_id=${made.id}&silence_limit=7200`);
      assert.equal(policies.silence_limit, 7200);
    }));

  test("an example does no harm", () =>
    visiting({}, async (page) => {
      const example = async (operation) => {
        await page.goto(`/explorer/${operation}`);
        return JSON.parse(await page.locator("#body").getAttribute("data-example"));
      };
      assert.deepEqual(await example("Prune"), { dry_run: true });
      assert.deepEqual(await example("CloseJobs"), { job_id: 31930 });
      assert.deepEqual(await example("SetPolicies"), { keep_for: 7776000, keep_per_ref: 20, silence_limit: 7200 });
    }));

  test("a secret in a body is in no address and no sample", () =>
    visiting({}, async (page) => {
      await page.goto("/explorer/CreateUser");
      await page.locator("#samples").waitFor();
      await page.locator("#b-name").fill("somebody");
      await page.locator("#b-password").fill("s3cret-password");
      await page.waitForURL(/name=somebody/);
      assert.doesNotMatch(page.url(), /s3cret/);
      assert.doesNotMatch(Object.values(await samples(page)).join("\n"), /s3cret/);
      assert.equal((await json(page)).password, "s3cret-password");
    }));

  test("without a script the call has the body that the address fills in", () =>
    visiting({ script: false }, async (page) => {
      await page.goto("/explorer/SetCommitStatus");
      await page.locator("#b-state").selectOption("success");
      await page.locator("#b-context").fill("it's");
      await page.getByRole("button", { name: "Update the sample" }).click();
      await page.waitForURL(/context=it/);
      const call = await page.locator("noscript pre").textContent();
      assert.match(call, /Content-Type: application\/json' --data-raw '\{/);
      assert.match(call, /"context": "it'\\''s"/);
      assert.equal(await page.locator("#b-state").inputValue(), "success");
    }));

  test("every body's example is what its schema asks for", () =>
    visiting({}, async (page) => {
      const { operations } = await (await page.request.get("/explorer.json")).json();
      const bodies = operations.filter(({ body }) => body);
      assert.ok(bodies.length > 15, `${bodies.length}`);
      for (const { address, body } of bodies) {
        await page.goto(`/explorer/${address}`);
        const example = JSON.parse(await page.locator("#body").getAttribute("data-example"));
        assert.deepEqual(faults(body.schema, example), [], address);
      }
    }));

  test("the list finds an operation by its name and by its path", () =>
    visiting({}, async (page) => {
      await page.goto("/explorer");
      const operations = page.locator(".operations li:visible");
      const all = await operations.count();
      assert.ok(all > 40, `${all}`);
      for (const words of ["ListPipelineJobs", "/v4/repositories/{repository_id}/pipelines/{pipeline_id}/jobs"]) {
        await page.locator("#operations-q").fill(words);
        await page.waitForFunction((all) => [...document.querySelectorAll(".operations li")].filter((li) => li.checkVisibility()).length < all, all);
        await operations.getByRole("link", { name: "ListPipelineJobs" }).first().waitFor();
      }
    }));
});
