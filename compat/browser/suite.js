// Runs all tests in one process and one browser: `node suite.js [FILE ...]`, started by run.py. The tests in `timed`
// measure time, so nothing else may run beside them.

import { existsSync, readdirSync } from "node:fs";
import { after } from "node:test";
import { close } from "./support/chromium.js";

function here(folder) {
  const place = new URL(folder, import.meta.url);
  return existsSync(place) ? readdirSync(place).map((name) => `${folder}${name}`) : [];
}

const all = [...here("./unit/"), ...here("./tests/"), ...here("./timed/")]
  .filter((name) => name.endsWith(".test.js"))
  .sort();
const asked = process.argv.slice(2);
for (const file of all.filter((name) => asked.length === 0 || asked.some((word) => name.includes(word)))) {
  await import(file);
}
after(close);
