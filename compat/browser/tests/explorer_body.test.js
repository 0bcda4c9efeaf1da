// Bodies in the API Explorer: their fields and their JSON.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { faults } from "../../../crates/pages/assets/explorer/schema.js";
import { violations } from "../support/axe.js";
import { address, json, open, responded, samples } from "../support/explorer.js";
import { ask, commit, makeRepository } from "../support/native.js";
import { draw } from "../support/picture.js";
import { password, user } from "../support/settings.js";
import { visiting } from "../support/visitor.js";

describe("the body of an operation", () => {
  test("a body has a field for each of its own, which all samples and its JSON follow", () =>
    visiting({ language: "en" }, async (page) => {
      await open(page, "/explorer/Report?repository_id=7&ref=dev");
      assert.equal(await page.locator("#b-ref").inputValue(), "dev");
      assert.match(
        await page.locator(".field", { has: page.locator("#b-sha") }).innerText(),
        /required[^]*40 or 64 hexadecimal digits/,
      );
      assert.equal(await page.locator("#optional-fields").getAttribute("open"), null);
      await page.locator("#optional-fields summary").click();
      await page.locator("#b-status").selectOption("success");
      await page.locator("#b-coverage").fill("87.50");
      await page.locator("#b-allow_failure").selectOption("true");
      assert.deepEqual(await json(page), { ref: "dev", status: "success", coverage: 87.5, allow_failure: true });
      for (const [name, sample] of Object.entries(await samples(page))) assert.match(sample, /87\.5/, name);
      assert.match((await samples(page))["panel-curl"], /"sha": "\{sha\}"/);
      assert.match(await address(page), /ref=dev.*coverage=87\.50/);
      await page.locator("#b-name").fill("编译 it's");
      for (const [name, sample] of Object.entries(await samples(page))) assert.match(sample, /编译/, name);
      await page.locator("#b-coverage").fill("");
      assert.ok(!("coverage" in (await json(page))));
    }));

  test("what a body lacks is said at its field, and nothing is sent", () =>
    visiting({ language: "en" }, async (page) => {
      await open(page, "/explorer/Report?repository_id=7");
      const sent = [];
      page.on("request", (request) => request.url().includes("/assets/") || sent.push(request.url()));
      await page.locator("#allow-writes").check();
      const said = (name) => page.locator(`#b-${name}-wrong`);
      const press = () => page.locator("#send").click();
      await press();
      for (const name of ["sha", "ref", "name", "status"]) assert.equal(await said(name).textContent(), "Required");
      assert.equal(await page.evaluate(() => document.activeElement.id), "b-sha");
      const wrong = {
        sha: "12g",
        coverage: "101",
        stage_order: "first",
        description: "x".repeat(1025),
        target_url: "ftp://x",
        third_build_id: "ok",
      };
      await page.locator("#optional-fields summary").click();
      for (const [name, value] of Object.entries(wrong)) await page.locator(`#b-${name}`).fill(value);
      await page.locator("#optional-fields summary").click();
      await press();
      // An error is never in a closed section.
      for (const name of ["sha", "coverage", "stage_order", "description", "target_url"]) {
        assert.ok(await said(name).isVisible(), name);
        assert.equal(await page.locator(`#b-${name}`).getAttribute("aria-invalid"), "true", name);
      }
      assert.ok(!(await said("third_build_id").isVisible()));
      assert.match(await said("coverage").textContent(), /0 to 100/);
      // A corrected error disappears.
      await page.locator("#b-coverage").fill("100");
      assert.ok(!(await said("coverage").isVisible()));
      assert.deepEqual(sent, []);
      assert.deepEqual(await violations(page), []);
      await draw(page, "explorer-body-wrong.png", { fullPage: true });
    }));

  test("the JSON is edited as well, and the fields follow where it is one object", () =>
    visiting({ language: "en" }, async (page) => {
      await open(page, "/explorer/Report?repository_id=7");
      const box = page.locator("#body");
      await box.fill('{"sha": "abc", "unknown": 12345678901234567890, "coverage": 1.0, "status": 5}');
      assert.equal(await page.locator("#b-sha").inputValue(), "abc");
      // Only typing in a field changes how its value is written.
      await page.locator("#b-ref").fill("main");
      assert.match(await box.inputValue(), /12345678901234567890[^]*"ref": "main"[^]*"coverage": 1\.0,/);
      await page.locator("#allow-writes").check();
      await page.locator("#send").click();
      assert.ok(await page.locator("#b-status-wrong").isVisible());
      // Fields cannot express a list of bodies.
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
      await open(page, `/explorer/Report?repository_id=${repository}&sha=${commit()}&ref=main`);
      await page.locator("#b-name").fill("from the fields");
      await page.locator("#b-status").selectOption("success");
      await page.locator("#allow-writes").check();
      await page.locator("#send").click();
      await responded(page);
      assert.match(await page.locator("#answer-status").textContent(), /201/);
      assert.equal((await ask("GET", `repositories/${repository}/pipelines`)).pipelines.length, 1);
    }));

  test("the objects of a body have fields as well, and a password becomes a token by them", () =>
    visiting({ language: "en" }, async (page) => {
      await open(page, "/explorer/KeystoneCreateUserTokenByPassword?auth.scope.project.name=cn-north-4");
      const field = (name) => page.locator(`[id="b-auth.${name}"]`);
      const wrong = (name) => page.locator(`[id="b-auth.${name}-wrong"]`);
      assert.deepEqual(await json(page), { auth: { scope: { project: { name: "cn-north-4" } } } });
      await page.locator("#body").fill("{}");
      await page.locator("#send").click();
      for (const name of ["identity.methods", "identity.password.user.password"]) {
        assert.equal(await wrong(name).textContent(), "Required", name);
      }
      await field("identity.methods").fill("magic");
      await field("identity.password.user.name").fill(user);
      await field("identity.password.user.password").fill(password);
      await page.locator("#send").click();
      assert.match(await wrong("identity.methods").textContent(), /password/);
      assert.ok(!(await wrong("identity.password.user.name").isVisible()));
      await field("identity.methods").fill("password");
      // The user of the password may be given by id as well.
      await field("identity.password.user.name").fill("");
      await page.locator("#send").click();
      assert.equal(await wrong("identity.password.user.name").textContent(), "Required");
      await field("identity.password.user.id").fill("0".repeat(32));
      assert.ok(!(await wrong("identity.password.user.name").isVisible()));
      await field("identity.password.user.id").fill("");
      await field("identity.password.user.name").fill(user);
      await field("scope.domain.name").fill("gone");
      await field("scope.domain.name").fill("");
      assert.deepEqual(await json(page), {
        auth: { identity: { methods: ["password"], password: { user: { name: user, password } } } },
      });
      const printed = Object.values(await samples(page)).join("\n");
      assert.ok(printed.includes(user) && !printed.includes(password) && !(await address(page)).includes(password));
      await page.locator("#send").click();
      await responded(page);
      assert.match(await page.locator("#answer-status").textContent(), /201/);
      assert.deepEqual(await violations(page), []);
      await draw(page, "explorer-body-objects.png", { fullPage: true });
    }));

  test("going away and coming back loses nothing that was typed, and makes nothing else of it", () =>
    visiting({ language: "en" }, async (page) => {
      await open(page, "/explorer/SetPolicies?repository_id=7");
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
      await open(page, "/explorer/Report?repository_id=7");
      await page.locator("#body").fill('{"name": null, "stage": "two\\nlines", "ref": "main"}');
      assert.match(await address(page), /ref=main/);
      assert.doesNotMatch(await address(page), /name=|stage=/);
      // A secret is not stored.
      await open(page, "/explorer/CreateUser");
      await page.locator("#b-password").fill("s3cret-password");
      await page.reload();
      await page.locator("#samples").waitFor();
      assert.doesNotMatch(await page.locator("#body").inputValue(), /s3cret/);
    }));

  test("an example does no harm", () =>
    visiting({}, async (page) => {
      await page.goto("/explorer");
      const example = (operation) => exampleOf(page, operation);
      assert.deepEqual(await example("Prune"), { dry_run: true });
      assert.deepEqual(await example("CloseJobs"), { job_id: 31930 });
      assert.deepEqual(await example("ChangeUser"), {});
      assert.deepEqual(await example("ChangeWebhook"), { description: "for the release bot" });
      assert.deepEqual(await example("SetPolicies"), { keep_for: 7776000, keep_per_ref: 20, silence_limit: 7200 });
    }));

  test("a secret in a body is in no address and no sample", () =>
    visiting({}, async (page) => {
      await open(page, "/explorer/CreateUser");
      await page.locator("#b-name").fill("somebody");
      await page.locator("#b-password").fill("s3cret-password");
      assert.match(await address(page), /name=somebody/);
      assert.doesNotMatch(await address(page), /s3cret/);
      assert.doesNotMatch(await page.evaluate(() => JSON.stringify(history.state)), /s3cret/);
      assert.doesNotMatch(Object.values(await samples(page)).join("\n"), /s3cret/);
      assert.equal((await json(page)).password, "s3cret-password");
    }));

  test("without a script the call has the body that the address fills in", () =>
    visiting({ script: false }, async (page) => {
      await page.goto("/explorer/SetCommitStatus");
      await page.locator("#b-state").selectOption("success");
      await page.locator("#b-context").fill("it's");
      await page.getByRole("button", { name: "Update sample" }).click();
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
      await page.goto("/explorer");
      for (const { address, body } of bodies) {
        assert.deepEqual(faults(body.schema, await exampleOf(page, address)), [], address);
      }
    }));
});

/** The example of a body, as the page of its operation has it, which is read without running its scripts. */
async function exampleOf(page, operation) {
  const example = await page.evaluate(async (operation) => {
    const text = await (await fetch(`/explorer/${operation}`)).text();
    return new DOMParser().parseFromString(text, "text/html").getElementById("body").dataset.example;
  }, operation);
  return JSON.parse(example);
}
