// How soon the samples of the API Explorer follow its form.

import assert from "node:assert/strict";
import { test } from "node:test";
import { MOMENT, open } from "../support/explorer.js";
import { visiting } from "../support/visitor.js";

for (const [what, address, field, value] of [
  ["parameter", "/explorer/ListPipelineJobs?repository_id=2111976239&pipeline_id=6", "p-repository_id", "1234567"],
  ["field of a body", "/explorer/Report?repository_id=7&ref=dev", "b-name", "编译 it's"],
]) {
  test(`changing a ${what} changes all samples within ${MOMENT} ms`, (t) =>
    visiting({}, async (page) => {
      await open(page, address);
      // Measured in the page itself, without the time of the driver.
      const took = await page.evaluate(
        async ([id, value, part, moment]) => {
          const codes = [...document.querySelectorAll("#samples pre code")];
          const late = () => codes.filter((code) => !code.textContent.includes(part));
          const field = document.getElementById(id);
          const began = performance.now();
          field.value = value;
          field.dispatchEvent(new InputEvent("input", { bubbles: true }));
          while (late().length > 0) {
            if (performance.now() - began > moment) {
              return late().map((code) => code.closest("[id]").id);
            }
            await new Promise(requestAnimationFrame);
          }
          return performance.now() - began;
        },
        [field, value, value.split(" ")[0], MOMENT],
      );
      assert.equal(typeof took, "number", `these do not follow: ${took}`);
      assert.ok(took <= MOMENT, `${took} ms`);
      t.diagnostic(`${Math.round(took)} ms`);
    }));
}
