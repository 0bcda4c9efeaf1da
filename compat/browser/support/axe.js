// The violations that axe-core finds on a page.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { packages } from "./settings.js";

const source = readFileSync(createRequire(join(packages, "package.json")).resolve("axe-core/axe.min.js"), "utf8");

/** The rules that a theme can break, as it changes nothing but colours (`unit/themes.test.js`). */
export const COLOURS = ["color-contrast", "link-in-text-block"];

/** The violations of all rules, or of these: one line for each node. */
export async function violations(page, rules) {
  if (!(await page.evaluate(() => "axe" in globalThis))) {
    await page.evaluate(source);
  }
  return page.evaluate(async (rules) => {
    const some = rules && { runOnly: { type: "rule", values: rules } };
    const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"], ...some });
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(
        ({ target, html, any }) =>
          `${id}: ${help}: ${target} ${html.slice(0, 160)} ${any
            .map((one) => one.message)
            .join("; ")
            .slice(0, 200)}`,
      ),
    );
  }, rules);
}
