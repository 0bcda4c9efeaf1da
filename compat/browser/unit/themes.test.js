// The dark theme changes nothing but colours. So a page has the same layout and text in both themes.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const ASSETS = new URL("../../../crates/pages/assets/", import.meta.url);
const STYLES = readdirSync(ASSETS, { recursive: true }).filter((name) => name.endsWith(".css"));
const RULE = /([^{}]+)\{([^{}]*)\}/g;

/** The declarations of every rule that is only for a theme. */
function declarations(style) {
  const print = style.indexOf("@media print");
  const shown = print < 0 ? style : style.slice(0, print);
  const ofTheme = [...shown.matchAll(RULE)].filter(([, selector]) => selector.includes("data-theme"));
  return ofTheme.flatMap(([, , body]) => body.split(";").map((declaration) => declaration.trim())).filter(Boolean);
}

test("a theme sets colours only", () => {
  const all = STYLES.map((name) => readFileSync(new URL(name, ASSETS), "utf8"));
  const found = all.flatMap(declarations);
  assert.ok(found.length > 20, `${found.length}`);
  const others = found.filter(
    (declaration) => !/^(--[\w-]+: (#[0-9a-f]{3,8}|0 4px 16px #[0-9a-f]{8})|color-scheme: dark)$/.test(declaration),
  );
  assert.deepEqual(others, []);
  // Every media query of a theme is around a rule with its attribute.
  const queries = all.flatMap((style) => [...style.matchAll(/prefers-color-scheme: dark\) \{\s*([^{]*)\{/g)]);
  assert.deepEqual([...new Set(queries.map(([, selector]) => selector.trim()))], [':root:not([data-theme="light"])']);
});
