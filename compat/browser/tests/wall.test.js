// "How do we stand?": the first page, the wall and the feeds, with a count of clicks.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { violations } from "../support/axe.js";
import { ask, commit, makeRepository, report } from "../support/native.js";
import { password, user } from "../support/settings.js";
import { visiting } from "../support/visitor.js";

const CLICKS_MAX = 3;
// A page without a stream is read again every 5 seconds while a pipeline runs.
const SOON = { timeout: 12_000 };

/** Reports a pipeline of its own that took five minutes, or runs since one minute. */
function run(repository, status, fields = {}) {
  const running = status === "running";
  const started = Date.now() - (running ? 60_000 : 600_000);
  const times = { started_at: new Date(started).toISOString() };
  if (!running) {
    times.finished_at = new Date(started + 300_000).toISOString();
  }
  return report(repository, { sha: commit(), name: "build", status, third_build_id: "1", ...times, ...fields });
}

const row = (page, repository) => page.locator(`[data-key=repository-${repository}]`);

describe("health", () => {
  let failing, running, passing, failed;
  before(async () => {
    failing = await makeRepository("wall/z-failing");
    running = await makeRepository("wall/running");
    passing = await makeRepository("wall/a-passing");
    for (const repository of [failing, running, passing]) {
      await run(repository, "success");
    }
    failed = await run(failing, "failed");
    await run(running, "running");
  });

  test("what fails is on top of the first page, one click from its pipeline", () =>
    visiting({}, async (page) => {
      await page.goto("/");
      let clicks = 0;
      const states = await page.locator("tbody tr").evaluateAll((rows) => rows.map(({ dataset }) => dataset.health));
      const order = ["failing", "running", "passing", "unknown", "empty"];
      const ranks = states.map((state) => order.indexOf(state));
      assert.deepEqual(
        ranks,
        ranks.toSorted((a, b) => a - b),
      );
      assert.deepEqual(await violations(page), []);
      await row(page, failing).locator(".status-link").first().click();
      clicks += 1;
      await page.waitForURL(`**/repositories/${failing}/pipelines/${failed.pipeline_id}`);
      assert.ok(clicks <= CLICKS_MAX, `${clicks} clicks`);
    }));

  test("a running pipeline shows its progress against the median", () =>
    visiting({}, async (page) => {
      await page.goto("/repositories?q=wall/");
      const bar = row(page, running).locator("progress");
      const value = Number(await bar.getAttribute("value"));
      assert.ok(value >= 20 && value < 60, `${value} % of five minutes`);
      assert.match(await row(page, running).innerText(), /\d:\d\d\s*\/ 5:00/);
    }));

  test("search and the filter by health work without script", () =>
    visiting({ script: false }, async (page) => {
      // A click returns before its page is loaded.
      const loaded = (is) => page.waitForURL(({ searchParams }) => is(searchParams));
      await page.goto("/");
      await page.locator("main input[name=q]").fill("WALL/");
      await page.locator("main form.filters button").click();
      await loaded((query) => query.get("q") === "WALL/");
      assert.equal(await page.locator("tbody tr").count(), 3);
      await page.locator(".healths a", { hasText: "failing" }).click();
      await loaded((query) => query.get("health") === "failing");
      assert.equal(await page.locator("tbody tr").count(), 1);
      assert.equal(new URL(page.url()).searchParams.get("q"), "WALL/");
      await page.locator(".healths a[aria-current]").click();
      await loaded((query) => !query.get("health"));
      assert.equal(await page.locator("tbody tr").count(), 3);
    }));

  test("the first page follows what is reported", async () => {
    const repository = await makeRepository("wall/followed");
    await run(repository, "running");
    await visiting({}, async (page) => {
      await page.goto("/repositories?q=wall/followed");
      await page.evaluate(() => (globalThis.sameDocument = true));
      await run(repository, "failed");
      await page.locator(`[data-key=repository-${repository}][data-health=failing]`).waitFor(SOON);
      assert.ok(await page.evaluate(() => globalThis.sameDocument), "the page was loaded again");
    });
  });

  test("the wall is one click away, follows, and needs no session with a feed token", async () => {
    await visiting({}, async (page) => {
      await page.goto("/");
      await page.getByRole("link", { name: "Full screen" }).click();
      await page.waitForURL("**/wall");
      await page.locator(".tile.health-failing").first().waitFor();
      assert.equal(await page.locator("header.top").count(), 0);
    });
    const { token } = await ask("POST", `users/${user}/tokens`, { name: "wall", scope: "feeds" });
    await visiting({ cookies: [] }, async (page, visitor) => {
      await page.goto(`/wall?q=wall/&token=${token}`);
      assert.deepEqual(await violations(page), []);
      assert.match(await page.locator("h1").innerText(), /^\d+ failing$/);
      const tile = page.locator(`[data-key=repository-${running}]`);
      await tile.locator("progress").waitFor();
      assert.ok(await page.locator(".wall-stale").isHidden());
      // Without a connection it shows a message; with one it continues without a reload.
      visitor.expected = /ERR_INTERNET_DISCONNECTED/;
      await visitor.context.setOffline(true);
      await page.locator(".wall-stale").waitFor(SOON);
      await visitor.context.setOffline(false);
      await run(running, "failed");
      await page.locator(`[data-key=repository-${running}].health-failing`).waitFor({ timeout: 20_000 });
      await page.locator(".wall-stale").waitFor({ state: "hidden", ...SOON });
    });
  });

  test("feeds are XML with the words that readers know", () =>
    visiting({}, async (page) => {
      await page.goto("/");
      const href = await page.getByRole("link", { name: "CCTray" }).getAttribute("href");
      assert.equal(href, "/cctray.xml");
      const projects = await page.evaluate(async () => {
        const text = await (await fetch("/cctray.xml?q=wall/")).text();
        const xml = new DOMParser().parseFromString(text, "application/xml");
        if (xml.querySelector("parsererror") || xml.documentElement.nodeName !== "Projects") throw new Error(text);
        return [...xml.querySelectorAll("Project")].map((project) =>
          Object.fromEntries([...project.attributes].map(({ name, value }) => [name, value])),
        );
      });
      const of = Object.fromEntries(projects.map((project) => [project.name, project]));
      const broken = of["wall:z-failing"];
      assert.deepEqual([broken.activity, broken.lastBuildStatus], ["Sleeping", "Failure"]);
      assert.equal(of["wall:a-passing"].lastBuildStatus, "Success");
      for (const project of projects) {
        assert.match(project.name, /^[\p{L}\p{N}._:-]+$/u);
        assert.ok(["Sleeping", "Building", "CheckingModifications"].includes(project.activity), project.activity);
        assert.ok(["Success", "Failure", "Exception", "Unknown"].includes(project.lastBuildStatus));
        assert.match(project.lastBuildTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
        assert.ok(URL.canParse(project.webUrl), project.webUrl);
      }
      const entries = await page.evaluate(async (repository) => {
        const text = await (await fetch(`/repositories/${repository}/feed.atom?language=en`)).text();
        const xml = new DOMParser().parseFromString(text, "application/xml");
        const feed = xml.documentElement;
        if (xml.querySelector("parsererror") || feed.namespaceURI !== "http://www.w3.org/2005/Atom") {
          throw new Error(text);
        }
        const read = (parent) =>
          Object.fromEntries(
            ["id", "title", "updated"].map((name) => [
              name,
              [...parent.children].find(({ nodeName }) => nodeName === name)?.textContent,
            ]),
          );
        return [feed, ...feed.querySelectorAll("entry")].map(read);
      }, failing);
      assert.equal(entries.length, 3, "the feed and two finished pipelines");
      assert.equal(new Set(entries.map(({ id }) => id)).size, 3, "ids are unique");
      for (const { id, title, updated } of entries) {
        assert.match(id, /^tag:[a-z0-9.-]+,2026:/);
        assert.ok(title.length > 0 && !Number.isNaN(Date.parse(updated)), `${title} ${updated}`);
      }
      assert.match(entries[1].title, /^wall\/z-failing #\d+ Failed \(main\)$/);
    }));

  test("a feed token is made on the account page, shown once with its addresses", () =>
    visiting({}, async (page) => {
      await page.goto("/account");
      await page.getByText("New token").click();
      const form = page.locator("form[action='/account/tokens']");
      await form.locator("input[name=name]").fill("reader");
      await form.locator("input[value=feeds]").check();
      await form.locator("input[name=current_password]").fill(password);
      await form.locator("button").click();
      const address = await page.locator("pre", { hasText: "/cctray.xml?token=spf_" }).innerText();
      const answer = await fetch(address.trim());
      assert.equal(answer.status, 200);
      assert.equal(new URL(address.trim()).searchParams.get("token").startsWith("spf_"), true);
    }));
});
