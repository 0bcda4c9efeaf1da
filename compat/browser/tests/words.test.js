// Each page is in one language. Text that is the same in both comes from outside (names, refs, reports) or is a
// term.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ask } from "../support/native.js";
import { DETAILS, PAGES, prepare } from "../support/pages.js";
import { user } from "../support/settings.js";
import { reading } from "../support/visitor.js";

const HAN = /\p{Script=Han}/u;
const WORD = /\p{Script=Latin}{2}/u;
// Names without a Chinese form, and the names of the languages.
const LANGUAGES = ["English", "中文", "Java", "Python", "Go", "Node.js", "C#", "PHP", "curl"];
const TERMS = [
  ...LANGUAGES,
  "Stagepost",
  "stagepost",
  "API Explorer",
  "API",
  "CodeArts Repo",
  "GitLab",
  "GitHub",
  "Gitea / Forgejo",
  "Bitbucket",
  "Slack",
  "Ctrl",
  "/native/v1",
  "IAM",
  "AK/SK",
  "SDK",
  "Atom",
  "CCTray",
  "UTC",
  "UUID",
  "SHA",
  "JSON",
  "ID",
  "true",
  "false",
  user,
];

describe("words", () => {
  for (const { name, address, signedOut } of PAGES.filter(({ names }) => !names)) {
    test(`one language on the page: ${name}`, async () => {
      const prepared = await prepare();
      const said = {};
      // The description of a repository is on all its pages, and stage names are on pages whose JSON lacks them.
      const reported = await ask("GET", `repositories/${prepared.repository}/jobs?limit=100`);
      const { repository, sha } = prepared.gated;
      const gated = [
        prepared.gated,
        await ask("GET", `repositories/${repository}/jobs?limit=100`),
        await ask("GET", `repositories/${repository}/gates`),
        await ask("GET", `repositories/${repository}/gates/${sha}`),
        await ask("GET", `repositories/${repository}/merge-requests/7`),
      ];
      let outside = TERMS.concat(
        strings(await ask("GET", "repositories?limit=100")),
        strings(reported),
        strings(gated),
        strings(DETAILS),
      );
      for (const language of ["zh", "en"]) {
        await reading({ language, cookies: signedOut ? [] : undefined }, async (page, visitor) => {
          visitor.expected = /status of 404/;
          await page.goto(address(prepared), { waitUntil: "load" });
          said[language] = await texts(page);
          const data = await page.request.get(page.url(), {
            headers: { Accept: "application/json" },
            failOnStatusCode: false,
          });
          if (data.ok() && data.headers()["content-type"].includes("json")) {
            outside = outside.concat(strings(await data.json()));
          }
        });
      }
      const longestFirst = [...new Set(outside)].sort((one, other) => other.length - one.length);
      const own = (text) => longestFirst.reduce((rest, word) => rest.replaceAll(word, " "), text);
      const english = said.en.filter((text) => HAN.test(own(text)));
      assert.deepEqual(english, [], "Chinese on the English page");
      const untold = said.zh.filter((text) => said.en.includes(text) && WORD.test(own(text)));
      assert.deepEqual(untold, [], "English on the Chinese page");
    });
  }
});

/** Every visible or spoken text of a page except code and reported Markdown. */
function texts(page) {
  return page.evaluate(() => {
    const found = new Set([document.title]);
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      if (!walker.currentNode.parentElement.closest("script, style, code, pre, kbd, .mono, .markdown")) {
        found.add(walker.currentNode.data.trim());
      }
    }
    for (const name of ["title", "aria-label", "placeholder", "alt"]) {
      for (const element of document.querySelectorAll(`[${name}]:not(.mono)`)) {
        found.add(element.getAttribute(name).trim());
      }
    }
    found.delete("");
    return [...found];
  });
}

/** Every string in JSON. */
function strings(value) {
  if (typeof value === "string") {
    // The parts of a path as well.
    return [value, ...value.split("/")].filter((text) => text.length > 1);
  }
  return value !== null && typeof value === "object" ? Object.values(value).flatMap(strings) : [];
}
