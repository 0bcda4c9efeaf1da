// How soon an open page shows what is reported.

import assert from "node:assert/strict";
import { test } from "node:test";
import { commit, makeRepository, report } from "../support/native.js";
import { openAndFollow, visiting } from "../support/visitor.js";

const SECOND = 1000;
// One report may be slow because the machine is busy.
const REPORTS = 3;

test("a job reported while its pipeline is open appears within a second", async (t) => {
  const repository = await makeRepository("live/timed");
  const sha = commit();
  const { pipeline_id } = await report(repository, { sha, name: "first", status: "running" });
  await visiting({}, async (page) => {
    await openAndFollow(page, `/repositories/${repository}/pipelines/${pipeline_id}`);
    const times = [];
    for (let number = 1; number <= REPORTS; number += 1) {
      await report(repository, { sha, name: `reported meanwhile ${number}`, status: "failed" });
      const acknowledged = performance.now();
      await page.getByText(`reported meanwhile ${number}`).first().waitFor();
      times.push(Math.round(performance.now() - acknowledged));
    }
    t.diagnostic(`after ${times.join(", ")} ms`);
    assert.ok(Math.min(...times) <= SECOND, `after ${times} ms`);
  });
});
