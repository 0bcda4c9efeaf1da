// Text from outside is shown as text everywhere.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { before, describe, test } from "node:test";
import { ask, commit, makeRepository, report } from "../support/native.js";
import { binary, configHome, server, token } from "../support/settings.js";
import { openAndFollow, visiting } from "../support/visitor.js";

const RUN = "globalThis.hacked=1";
const NAME = `<img src=x onerror=${RUN}>`;
const STAGE = `"><script>${RUN}</script>`;
const REF = `main'"><svg/onload=${RUN}>`;
const DESCRIPTION = `</textarea></title></style><iframe srcdoc="<script>parent.${RUN}</script>"> {{7*7}} \${${RUN}}`;
const URL = `https://ci.example.com/"onmouseover="${RUN}"'><b>?q=<i>&amp;`;
const USER = `<a href="javascript:${RUN}">who</a>`;
// Control sequences of a terminal: a colour, a title, an erased line.
const ESCAPES = ["\u001b[31mred", "\u001b]0;title\u0007", "wiped\u001b[2K\r", "\u009b1m"];

describe("escaping", () => {
  const sha = commit();
  let repository;
  let job;
  before(async () => {
    repository = await makeRepository("escaping/repository", { description: NAME });
    const fields = {
      sha,
      ref: REF,
      stage: STAGE,
      description: DESCRIPTION,
      target_url: URL,
      source: NAME,
      web_url: URL,
    };
    const details = {
      title: NAME,
      summary: `[x](javascript:${RUN}) ${DESCRIPTION}`,
      text: NAME,
      annotations: [{ path: NAME, start_line: 1, level: "failure", message: STAGE, raw_details: DESCRIPTION }],
    };
    const more = { details, trigger_user: USER, third_build_id: NAME, pipeline_key: NAME };
    job = await report(repository, { ...fields, ...more, name: NAME, status: "failed" });
    await report(repository, { ...fields, ...more, third_build_id: "2", name: "second", status: "running" });
  });

  test("an address that is a script is dropped", async () => {
    for (const target_url of [
      `javascript:${RUN}`,
      " javascript:1",
      "data:text/html,x",
      "vbscript:1",
      "//example.com",
    ]) {
      const receipt = await report(repository, { sha: "f".repeat(40), name: "x", target_url });
      assert.deepEqual(receipt.adjusted, [{ field: "target_url", change: "dropped" }], target_url);
    }
  });

  test("a name with what a terminal obeys is refused", async () => {
    for (const name of ESCAPES) {
      await assert.rejects(report(repository, { sha, name }), /: 400 .*"field":"name"/, JSON.stringify(name));
    }
  });

  const of = (address) => () => `/repositories/${repository}${address()}`;
  const pages = {
    repositories: [() => "/repositories?q=escaping", []],
    pipelines: [of(() => "/pipelines"), [REF]],
    "pipelines by ref": [
      of(
        () =>
          `/pipelines?ref=${encodeURIComponent(REF)}&q=${encodeURIComponent(NAME)}&source=${encodeURIComponent(STAGE)}`,
      ),
      [],
    ],
    pipeline: [of(() => `/pipelines/${job.pipeline_id}`), [NAME, STAGE, REF]],
    job: [of(() => `/pipelines/${job.pipeline_id}/jobs/${job.job_id}`), [NAME, STAGE, REF, DESCRIPTION]],
    commit: [of(() => `/commits/${sha}`), [NAME, REF]],
    insights: [of(() => "/insights"), [NAME]],
    grid: [of(() => `/grid?ref=${encodeURIComponent(REF)}`), [NAME, STAGE]],
    "job across pipelines": [
      of(() => `/jobs?stage=${encodeURIComponent(STAGE)}&name=${encodeURIComponent(NAME)}`),
      [NAME, STAGE, REF],
    ],
    comparison: [of(() => `/compare/${job.pipeline_id}...${job.pipeline_id}`), [NAME, STAGE, REF]],
    settings: [of(() => "/settings"), []],
    "explorer with a form": [
      () =>
        `/explorer/ListPipelineJobs?repository_id=${encodeURIComponent(NAME)}&pipeline_id=${encodeURIComponent(STAGE)}`,
      [],
    ],
    errors: [() => `/errors?q=${encodeURIComponent(NAME)}`, []],
  };
  for (const [name, [address, shown]] of Object.entries(pages)) {
    test(`text stays text on the page: ${name}`, () =>
      visiting({}, async (page, visitor) => {
        page.on("dialog", (dialog) => visitor.wrong.push(`dialog: ${dialog.message()}`));
        visitor.expected = /status of 4\d\d/;
        await page.goto(address(), { waitUntil: "load" });
        for (const text of shown) {
          await page.getByText(text, { exact: false }).first().waitFor({ state: "attached" });
        }
        await assertHarmless(page);
      }));
  }

  test("text stays text when it arrives live", () =>
    visiting({}, async (page) => {
      await openAndFollow(page, `/repositories/${repository}/pipelines/${job.pipeline_id}`);
      const late = `live ${NAME}`;
      await report(repository, {
        sha,
        ref: REF,
        pipeline_id: job.pipeline_id,
        stage: `${STAGE}2`,
        name: late,
        status: "failed",
      });
      await page.getByText(late).first().waitFor();
      await assertHarmless(page);
    }));

  test("a badge is a picture without script", () =>
    visiting({}, async (page) => {
      const answer = await page.goto(`/repositories/${repository}/badge.svg?ref=${encodeURIComponent(REF)}`);
      assert.match(answer.headers()["content-type"], /^image\/svg\+xml/);
      assert.match(answer.headers()["content-security-policy"], /default-src 'none'/);
      await assertHarmless(page);
    }));

  test("a terminal is told nothing that it would obey", () => {
    for (const args of [["jobs"], ["pipelines"], ["watch", String(job.pipeline_id), "--timeout", "1s"]]) {
      const said = command(...args, "--repo", String(repository));
      assert.doesNotMatch(said, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/, args[0]);
    }
    assert.ok(command("jobs", "--repo", String(repository)).includes(NAME));
  });

  test("a spreadsheet runs nothing of a CSV", async () => {
    const formula = '=HYPERLINK("http://example.com","x")';
    await report(repository, { sha, ref: REF, name: formula, status: "success" });
    const said = command("--csv", "jobs", "--repo", String(repository));
    assert.match(said, /^id,status,pipeline,commit,ref,stage,name,attempt,heard\n/);
    assert.ok(said.includes(`"'${formula.replaceAll('"', '""')}"`), said);
    assert.ok(said.includes(NAME.replaceAll('"', '""')), "the rest is as it is");
    assert.doesNotMatch(said, /(^|,)"?[=+@-]/m);
  });

  test("what is stored is what was said", async () => {
    const { jobs } = await ask("GET", `repositories/${repository}/pipelines/${job.pipeline_id}/jobs`);
    assert.equal(jobs[0].name, NAME);
  });
});

/** Checks that no payload has run or become an element, and that no link leads to a script. */
async function assertHarmless(page) {
  const found = await page.evaluate(() => ({
    hacked: "hacked" in globalThis,
    elements: [
      ...document.querySelectorAll("img[src=x], iframe, [onerror], [onload], [onmouseover], script:not([src])"),
    ].map((element) => element.outerHTML),
    links: [...document.querySelectorAll("[href], [src], [action]")]
      .flatMap((element) => ["href", "src", "action"].map((name) => element.getAttribute(name) ?? ""))
      .filter((address) => /^\s*(javascript|data:text|vbscript):/i.test(address)),
    outward: [...document.querySelectorAll("a[href^=http]")]
      .filter(
        (link) =>
          link.host !== location.host &&
          !["noopener", "noreferrer", "nofollow"].every((word) => link.relList.contains(word)),
      )
      .map((link) => link.outerHTML),
  }));
  assert.deepEqual(found, { hacked: false, elements: [], links: [], outward: [] });
}

/** The output of a command to a pipe, whatever its exit code. */
function command(...args) {
  const env = {
    PATH: process.env.PATH,
    STAGEPOST_SERVER: server,
    STAGEPOST_TOKEN: token,
    STAGEPOST_LANG: "en",
    XDG_CONFIG_HOME: configHome,
  };
  try {
    return execFileSync(binary, args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    return `${error.stdout}`;
  }
}
