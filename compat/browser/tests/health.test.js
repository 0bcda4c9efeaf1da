// The browser reaches only the server, and requests to other hosts are recorded.

import assert from "node:assert/strict";
import { test } from "node:test";
import { visiting } from "../support/visitor.js";

test("the server is reached, and no other host", () =>
  visiting({ cookies: [] }, async (page, visitor) => {
    visitor.expected = /ERR_NAME_NOT_RESOLVED|status of 404/;
    assert.equal((await page.goto("/livez")).status(), 200);
    await assert.rejects(page.goto("http://example.com/"), /ERR_NAME_NOT_RESOLVED/);
    assert.deepEqual(visitor.wrong.splice(0), ["request to another host: http://example.com/"]);
  }));
