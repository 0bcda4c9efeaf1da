// The text of the samples: that of the documentation where it has one, and every typed value unchanged.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";
import { sample as cli, command } from "../../../crates/pages/assets/explorer/cli.js";
import { sample as csharp } from "../../../crates/pages/assets/explorer/csharp.js";
import { sample as curl } from "../../../crates/pages/assets/explorer/curl.js";
import { sample as signed } from "../../../crates/pages/assets/explorer/curl_signed.js";
import { sample as go } from "../../../crates/pages/assets/explorer/go.js";
import { sample as java } from "../../../crates/pages/assets/explorer/java.js";
import { sample as node } from "../../../crates/pages/assets/explorer/node.js";
import { sample as php } from "../../../crates/pages/assets/explorer/php.js";
import { sample as python } from "../../../crates/pages/assets/explorer/python.js";
import * as quote from "../../../crates/pages/assets/explorer/quote.js";
import { address, parameterValue, shown, target } from "../../../crates/pages/assets/explorer/request.js";
import { sign } from "../../../crates/pages/assets/explorer/signing.js";
import {
  all,
  createRepository,
  documented,
  findJobs,
  listJobs,
  listRepositories,
  report,
  setStatus,
  settings,
  signIn,
} from "./operations.js";

const LANGUAGES = { java, python, go, node, csharp, php, curl, signed, cli };
const kept = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const BELOW_PATH = "https://ci.example:8443/stagepost";
const renamed = { ...settings, package: "codeartsrepo" };

test("Java, Python and Go print the documentation's sample, which the suites run", () => {
  const solution = "src/main/java/com/huaweicloud/sdk/test/ListPipelineJobsSolution.java";
  assert.equal(java(listJobs, documented, settings), kept(`java/codehub/${solution}`));
  assert.equal(java(listJobs, documented, renamed), kept(`java/codeartsrepo/${solution}`));
  assert.equal(python(listJobs, documented, settings), kept("python/list_pipeline_jobs.py"));
  assert.equal(python(listJobs, documented, renamed), kept("python/list_pipeline_jobs_codeartsrepo.py"));
  assert.equal(go(listJobs, documented, settings), kept("go/codehub/list_pipeline_jobs/main.go"));
  assert.equal(go(listJobs, documented, renamed), kept("go/codeartsrepo/list_pipeline_jobs/main.go"));
});

test("only what is filled is printed, and a place for what is required", () => {
  const none = { parameters: {} };
  assert.ok(java(listJobs, none, settings).includes("request.withRepositoryId({repository_id});"));
  assert.ok(python(listJobs, none, settings).includes("request.pipeline_id = {pipeline_id}\n"));
  assert.ok(go(listJobs, none, settings).includes("request.PipelineId = int32({pipeline_id})"));
  assert.ok(curl(listJobs, none, settings).includes("/v4/repositories/{repository_id}/pipelines/{pipeline_id}/jobs'"));
  for (const [name, print] of Object.entries(LANGUAGES)) {
    assert.ok(!/offset|Offset|limit|Limit/.test(print(listJobs, documented, settings)), name);
    const paged = print(listJobs, { parameters: { ...documented.parameters, offset: "0", limit: "100" } }, settings);
    assert.match(paged, /limit\W+100|Limit\W+100|limitRequest := int32\(100\)/, name);
  }
});

test("every language prints every operation, with both packages", () => {
  for (const operation of all) {
    for (const [name, print] of Object.entries(LANGUAGES)) {
      for (const chosen of [settings, renamed]) {
        const text = print(operation, { parameters: {}, body: "" }, chosen);
        assert.ok(text.endsWith("\n") && !/undefined|\[object|null\)/.test(text), `${name} ${operation.id}: ${text}`);
      }
    }
  }
});

test("a value that cannot be sent is a place to fill in, never code", () => {
  const evil = [
    "6); System.exit(1",
    "6;rm -rf /",
    "0x10",
    "1e3",
    "1.5",
    "2147483648",
    "-1",
    "0",
    "٣",
    "6\n7",
    "NaN",
    "__import__('os')",
  ];
  for (const typed of evil) {
    const filled = { parameters: { repository_id: "1", pipeline_id: typed } };
    for (const [name, print] of Object.entries(LANGUAGES)) {
      assert.equal(
        print(listJobs, filled, settings),
        print(listJobs, { parameters: { repository_id: "1" } }, settings),
        `${name} ${typed}`,
      );
    }
  }
  assert.equal(parameterValue(listJobs.parameters[0], " 007 "), 7);
  assert.ok(
    python(listRepositories, { parameters: { order_by: "name" } }, settings).includes(
      'request.order_by = "{order_by}"',
    ),
  );
  assert.equal(parameterValue(setStatus.parameters[0], ".."), null);
});

const ODD = [
  "plain",
  "it's",
  'say "so"',
  "back\\slash \\u0041 \\n",
  "$HOME ${HOME} $(id) `id` {$a} #{a}",
  "%s %d %41",
  "a\nb\r\n\tc",
  "任务1 🚀 é",
  "!important !!",
  "*?[a]~",
  "@/etc/passwd",
  "-x",
  "a=b&c=d#e",
  "</script><!--",
  "\u2028\u2029",
  "\u202eesrever\u202c",
  "\u0000\u0001\u001b[31m\u007f\u0085",
  "\ufeffbom",
  "\u{e0041}tag",
  "'''\"\"\"",
  "\\",
  "\\'",
  "end\\",
  "  spaces  ",
  "",
  "??/ ??'",
  "*/ // --",
  "a\u200bb",
];

test("texts stay what they are in Python, JavaScript and the shell", () => {
  const words = ODD.map(quote.python).join(",\n");
  const script = `# coding: utf-8\nimport json, sys\nsys.stdout.write(json.dumps([\n${words}\n]))\n`;
  assert.deepEqual(JSON.parse(execFileSync("python3", ["-"], { input: script, encoding: "utf8" })), ODD);
  assert.deepEqual([...vm.runInNewContext(`[${ODD.map(quote.node).join(",")}]`)], ODD);
  const shellWords = ODD.filter((text) => !text.includes("\0"));
  const told = execFileSync("bash", ["--norc", "-c", `printf '%s\\0' ${shellWords.map(quote.shell).join(" ")}`], {
    encoding: "utf8",
    env: { LC_ALL: "C.UTF-8" },
  });
  assert.deepEqual(told.split("\0").slice(0, -1), shellWords);
});

test("what a language cannot run here is written by its rules", () => {
  assert.equal(quote.java('a"b\\u0041\n\u0001\u202e任'), '"a\\"b\\\\u0041\\n\\001\\u202e任"');
  assert.equal(quote.go("\u0000\u{e0041}"), '"\\u0000\\U000e0041"');
  assert.equal(quote.csharp('"\\\u0000'), '"\\"\\\\\\u0000"');
  assert.equal(quote.php("it's $a \\"), "'it\\'s $a \\\\'");
  assert.equal(quote.php('$a {$b}\n"'), '"\\$a {\\$b}\\n\\""');
  for (const text of ODD) {
    for (const [name, write] of Object.entries(quote)) {
      if (name === "lines" || name === "shell") continue;
      assert.ok(!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(write(text)), `${name}: ${write(text)}`);
    }
  }
  assert.equal(quote.go("half \ud83d"), '"half \ufffd"');
});

test("a query says what was typed, in every language", () => {
  for (const typed of ODD.filter((text) => text !== "")) {
    const filled = { parameters: { repository_id: "1", q: typed } };
    const url = settings.base + target(address(findJobs, shown(findJobs, filled)));
    assert.equal(new URL(url).searchParams.get("q"), typed);
    for (const print of [java, python, go, node, csharp, php, curl])
      assert.ok(print(findJobs, filled, settings).includes(url.split("?")[1]));
  }
  assert.equal(
    target(address(findJobs, shown(findJobs, { parameters: { repository_id: "1", scope: "failed, success" } }))).split(
      "?",
    )[1],
    "scope=failed&scope=success",
  );
  const slash = shown(setStatus, { parameters: { project: "acme/demo", sha: "abc" } });
  assert.equal(target(address(setStatus, slash)), "/api/v4/projects/acme%2Fdemo/statuses/abc");
});

test("the SDKs' own kinds: enumerations, pointers, truth values, bodies", () => {
  const filled = { parameters: { search: "任务's", order_by: "updated_at", archived: "true" } };
  const javaText = java(listRepositories, filled, settings);
  assert.ok(
    javaText.includes('request.withOrderBy(ListCurrentUserRepositoriesRequest.OrderByEnum.fromValue("updated_at"));'),
  );
  assert.ok(javaText.includes("request.withArchived(true);"));
  assert.ok(python(listRepositories, filled, settings).includes("request.archived = True\n"));
  const goText = go(listRepositories, filled, settings);
  assert.ok(
    goText.includes(
      "orderByRequest := model.GetListCurrentUserRepositoriesRequestOrderByEnum().UPDATED_AT\n\trequest.OrderBy = &orderByRequest\n",
    ),
  );
  const made = {
    parameters: {},
    body: '{"name": "demo", "project_uuid": "72271b5446614062a01b8be944c9f372", "visibility_level": 20, "other": 1}',
  };
  assert.ok(
    java(createRepository, made, settings).includes("body.withVisibilityLevel(20);\n        request.withBody(body);"),
  );
  assert.ok(java(createRepository, made, settings).includes("com.huaweicloud.sdk.codehub.v3.*"));
  assert.ok(python(createRepository, made, settings).includes('name="demo",\n'));
  assert.ok(!python(createRepository, made, settings).includes("other"));
});

test("no secret is ever printed", () => {
  const secrets = {
    parameters: { "X-Subject-Token": "sps_secret" },
    body: '{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"a","password":"s3cret-pw"}},"token":{"id":"sps_secret"}}}}',
  };
  const operation = {
    ...signIn,
    parameters: [{ name: "X-Subject-Token", in: "header", type: "string", required: true }],
  };
  for (const [name, print] of Object.entries(LANGUAGES)) {
    const text = print(operation, secrets, settings);
    assert.ok(!/s3cret-pw|sps_secret/.test(text), `${name}: ${text}`);
    assert.ok(text.includes("{password}") && text.includes("{X-Subject-Token}"), `${name}: ${text}`);
    const broken = print(operation, { ...secrets, body: secrets.body + "," }, settings);
    assert.ok(!broken.includes("s3cret-pw"), name);
  }
});

test("a body is sent as it was typed", () => {
  const body = '{\n  "name": "任务\'s \\"x\\" $HOME `id` \\\\",\n  "big": 12345678901234567890\n}';
  const filled = { parameters: { repository_id: "1", "Idempotency-Key": "k'1" }, body };
  const text = curl(report, filled, { ...settings, base: "http://127.0.0.1:1" });
  const told = execFileSync("bash", ["--norc", "-c", `curl() { printf '%s\\0' "$@"; }\n${text}`], {
    encoding: "utf8",
    env: { TOKEN: "t'$" },
  }).split("\0");
  assert.equal(told[told.indexOf("--data-raw") + 1], body);
  assert.ok(told.includes("X-Auth-Token: t'$") && told.includes("Idempotency-Key: k'1"));
  const script =
    python(report, filled, settings).split("request = urllib")[0] + "\nimport sys\nsys.stdout.write(body.decode())\n";
  assert.equal(
    execFileSync("python3", ["-"], { input: script, encoding: "utf8", env: { ...process.env, TOKEN: "t" } }),
    body,
  );
});

test("the signed curl computes the signature", () => {
  const stubs = `curl() { printf '%s\\0' "$@"; }; date() { echo 20261123T193110Z; };\n`;
  const env = { PATH: process.env.PATH, CLOUD_SDK_AK: "AKEXAMPLE0000000001", CLOUD_SDK_SK: "SK'example $HOME" };
  for (const [operation, filled, base = settings.base] of [
    [listJobs, { parameters: { ...documented.parameters, offset: "20", limit: "100" } }],
    [listJobs, documented],
    [listJobs, documented, BELOW_PATH],
    [findJobs, { parameters: { repository_id: "1", q: "a b+c/~*%中'!()", name: "", scope: "b,a" } }],
    [report, { parameters: { repository_id: "1", "Idempotency-Key": "k" }, body: '{"name": "任务\'s"}' }],
  ]) {
    const told = execFileSync("bash", ["--norc", "-c", stubs + signed(operation, filled, { ...settings, base })], {
      encoding: "utf8",
      env,
    }).split("\0");
    const url = new URL(told.at(-2));
    assert.ok(url.href.startsWith(`${base}/`), url.href);
    const headers = [["host", url.host], ...(filled.body ? [["content-type", "application/json"]] : [])];
    const request = { method: operation.method, target: url.pathname + url.search, headers, body: filled.body };
    const expected = sign(request, env.CLOUD_SDK_AK, env.CLOUD_SDK_SK, "20261123T193110Z");
    assert.ok(told.includes(`Authorization: ${expected.authorization}`), `${told}\n${expected.canonicalRequest}`);
  }
  assert.ok(signed(setStatus, { parameters: {} }, settings).startsWith("# Calls of the GitLab API are not signed"));
  assert.ok(signed(signIn, { parameters: {} }, settings).startsWith("# This call needs no credential."));
});

test("a server below a path: SDKs, which take none, call its root, and everything else its path", () => {
  const below = { ...settings, base: BELOW_PATH };
  for (const sample of [node, csharp]) {
    const text = sample(listJobs, documented, below);
    assert.ok(text.includes("https://ci.example:8443") && !text.includes("stagepost/"), text);
    assert.ok(!text.includes("8443/stagepost"), text);
  }
  for (const sample of [curl, php]) {
    assert.ok(sample(findJobs, { parameters: { repository_id: "1" } }, below).includes(`${BELOW_PATH}/native/v1/`));
  }
  assert.ok(cli(listJobs, documented, below).startsWith(`export STAGEPOST_SERVER=${BELOW_PATH}\n`));
});

test("the command line, where it can say the call", () => {
  const words = (operation, parameters, body) => command(operation, { parameters, body })?.join(" ");
  assert.equal(words(listJobs, documented.parameters), "jobs 6 --repo 2111976239 --json");
  assert.equal(words(listJobs, { ...documented.parameters, limit: "5" }), "jobs 6 --repo 2111976239 --limit 5 --json");
  assert.equal(words(listJobs, { ...documented.parameters, offset: "5" }), undefined);
  assert.equal(words(findJobs, { repository_id: "1", name: "a b" }), "jobs --repo 1 --name 'a b' --json");
  assert.equal(
    words(report, { repository_id: "1" }, '{"sha": "abc", "status": "failed", "allow_failure": true}'),
    "report --repo 1 --sha abc --status failed --allow-failure --json",
  );
  assert.equal(words(report, { repository_id: "1" }, "[]"), undefined);
  assert.equal(words(report, { repository_id: "1" }, '{"unknown": 1}'), undefined);
  const said = cli(
    setStatus,
    { parameters: { project: "acme/demo", sha: "abc" }, body: '{"state": "success"}' },
    settings,
  );
  assert.ok(
    said.endsWith(`\nstagepost api --body '{"state": "success"}' /api/v4/projects/acme%2Fdemo/statuses/abc\n`),
    said,
  );
  assert.ok(
    cli(listJobs, { parameters: { ...documented.parameters, offset: "5" } }, settings).endsWith(
      "stagepost api '/v4/repositories/2111976239/pipelines/6/jobs?offset=5'\n",
    ),
  );
  assert.ok(
    cli(signIn, { parameters: {} }, settings).startsWith(
      "# There is no command for this call. With curl:\ncurl -X POST",
    ),
  );
});
