// With HTTP/1.1 a browser opens six connections to a host, and each stream of events occupies one.

import { test } from "node:test";
import { commit, makeRepository, report } from "../support/native.js";
import { openAndFollow, visiting } from "../support/visitor.js";

const TABS = 7;

test(`${TABS} tabs stay usable: each loads, and each follows`, async () => {
  const repository = await makeRepository("live/tabs");
  const sha = commit();
  const { pipeline_id } = await report(repository, { sha, name: "first", status: "running" });
  await visiting({}, async (first, { context }) => {
    const tabs = [first];
    while (tabs.length < TABS) {
      tabs.push(await context.newPage());
    }
    for (const tab of tabs) {
      await openAndFollow(tab, `/repositories/${repository}/pipelines/${pipeline_id}`);
      await tab.getByText("first").first().waitFor();
    }
    await report(repository, { sha, name: "seen in every tab", status: "running" });
    for (const tab of tabs) {
      await tab.getByText("seen in every tab").first().waitFor();
    }
    // With all tabs open, a link still works.
    for (const tab of tabs) {
      await tab.goto(`/repositories/${repository}/pipelines`);
    }
  });
});
