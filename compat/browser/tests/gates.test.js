// What a person does about a gate: reads what is missing, overrides, and withdraws.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ask, commit, makeRepository, report } from "../support/native.js";
import { openAndFollow, visiting } from "../support/visitor.js";

/** A repository with a commit whose gate waits for a job. */
async function waiting(path) {
  const repository = await makeRepository(path);
  const requirements = [
    { name: "unit", job: "unit" },
    { name: "end to end", job: "e2e" },
  ];
  await ask("PUT", `repositories/${repository}/gates`, { rules: [{ targets: ["main"], requirements }] });
  const sha = commit();
  await report(repository, { sha, name: "unit" });
  return { repository, sha, address: `/repositories/${repository}/commits/${sha}` };
}

describe("gates", () => {
  test("a verdict follows the reports on an open page", async () => {
    const { repository, sha, address } = await waiting("gates/live");
    await visiting({}, async (page) => {
      await openAndFollow(page, address);
      assert.match(await page.locator(".gate h2").innerText(), /Pending/);
      await report(repository, { sha, name: "e2e" });
      await page.locator(".gate h2", { hasText: "Passed" }).waitFor();
    });
  });

  test("a live update keeps the requirement that is chosen, or chooses none", async () => {
    const { repository, sha, address } = await waiting("gates/chosen");
    await report(repository, { sha, name: "unit", status: "failed", third_build_id: "2" });
    await visiting({}, async (page) => {
      await openAndFollow(page, address);
      await page.getByText("Override…").click();
      const choice = page.locator("select[name=requirement]");
      assert.equal(await choice.inputValue(), "", "nothing is chosen at first");
      await choice.selectOption("of-end to end");
      await report(repository, { sha, name: "unit", third_build_id: "3" });
      await choice.locator("option[value=of-unit]").waitFor({ state: "detached" });
      assert.equal(await choice.inputValue(), "of-end to end");
      await report(repository, { sha, name: "unit", status: "failed", third_build_id: "4" });
      await choice.locator("option[value=of-unit]").waitFor({ state: "attached" });
      assert.equal(await choice.inputValue(), "of-end to end");
      await report(repository, { sha, name: "e2e" });
      await choice.locator("option[value='of-end to end']").waitFor({ state: "detached" });
      assert.equal(await choice.inputValue(), "", "no other requirement is chosen");
    });
  });

  for (const script of [true, false]) {
    test(`a requirement is overridden and the override withdrawn, ${script ? "with" : "without"} script`, async () => {
      const { address } = await waiting(`gates/override-${script}`);
      await visiting({ script }, async (page) => {
        await page.goto(address);
        const gate = page.locator(".gate");
        await gate.getByText("Override…").click();
        await gate.locator("select[name=requirement]").selectOption("of-end to end");
        await gate.locator("input[name=reason]").fill("the test bench is down");
        await gate.getByRole("button", { name: "Override", exact: true }).click();
        await page.locator(".gate h2", { hasText: "Passed" }).waitFor();
        assert.match(await gate.innerText(), /the test bench is down/);
        await gate.getByRole("button", { name: "Withdraw" }).click();
        await page.locator(".gate h2", { hasText: "Pending" }).waitFor();
        assert.match(await gate.innerText(), /withdrawn/);
      });
    });
  }

  test("without a rule the page and the badge are grey", async () => {
    const repository = await makeRepository("gates/unset");
    const sha = commit();
    await report(repository, { sha, name: "unit" });
    await visiting({}, async (page) => {
      await page.goto(`/repositories/${repository}/commits/${sha}`);
      assert.match(await page.locator(".gate").innerText(), /No rule applies/);
      assert.equal(await page.locator(".gate .status-success").count(), 0);
      const badge = await page.goto(`/repositories/${repository}/gate.svg`);
      assert.ok((await badge.text()).includes("#57606a"));
    });
  });
});
