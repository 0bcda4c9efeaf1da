// Fields of a body: conversion of values to JSON and back, members of the JSON, and errors of the schema.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sample as curl } from "../../../crates/pages/assets/explorer/curl.js";
import { get, members, put, written } from "../../../crates/pages/assets/explorer/members.js";
import { sample as python } from "../../../crates/pages/assets/explorer/python.js";
import { printedBody } from "../../../crates/pages/assets/explorer/request.js";
import { faults } from "../../../crates/pages/assets/explorer/schema.js";
import { rawOf, typedOf } from "../../../crates/pages/assets/explorer/typed.js";
import { createRepository, report, settings } from "./operations.js";

const field = (type, more = {}) => ({ name: "x", type, ...more });

test("what is typed is written as its type has it", () => {
  const cases = [
    [field("string"), "007", '"007"'],
    [field("string"), "null", '"null"'],
    [field("string"), 'say "so"\u2028', '"say \\"so\\"\u2028"'],
    [field("integer"), " 007 ", "7"],
    [field("integer"), "12345678901234567890", "12345678901234567890"],
    [field("integer"), "1.5", '"1.5"'],
    [field("integer"), "null", "null"],
    [field("number"), "1.50", "1.5"],
    [field("number"), "0x10", '"0x10"'],
    [field("boolean"), "true", "true"],
    [field("array", { items: "string" }), "job, pipeline ,", '["job", "pipeline"]'],
    [field("array", { items: "integer" }), "1,2", "[1, 2]"],
    [field("array", { items: "string" }), '["a,b"]', '["a,b"]'],
    [field("object"), '{"a": 1.0}', '{"a": 1.0}'],
    [field("object"), '{\n  "a": 1\n}', '{\n    "a": 1\n  }'],
    [field("object"), "{a", '"{a"'],
  ];
  for (const [told, typed, raw] of cases) {
    assert.equal(rawOf(told, typed), raw, `${told.type} ${typed}`);
    // The conversion back gives the same.
    assert.equal(rawOf(told, typedOf(told, raw)), raw, `${told.type} ${typed}`);
  }
  for (const told of ["string", "integer", "boolean", "array", "object"])
    assert.equal(rawOf(field(told), ""), undefined);
  assert.equal(rawOf(field("integer"), "  "), undefined);
  assert.equal(typedOf(field("string"), undefined), "");
});

test("members stay as they are written", () => {
  const text = ' {"a": {"b": [1, {"c": "}"}]}, "big" : 12345678901234567890,"f":1.0, "\\u0041": "x,:{", "e": {}}\n';
  const found = members(text);
  assert.deepEqual(
    [...found],
    [
      ["a", '{"b": [1, {"c": "}"}]}'],
      ["big", "12345678901234567890"],
      ["f", "1.0"],
      ["A", '"x,:{"'],
      ["e", "{}"],
    ],
  );
  assert.deepEqual(JSON.parse(written(found)), JSON.parse(text));
  assert.deepEqual([...members(written(found))], [...found]);
  assert.equal(written(members("{}")), "{}");
  for (const other of ["", "[]", "null", "1", '"{}"', "{", '{"a"}', null]) assert.equal(members(other), null, other);
});

test("a new member stands where the form has it", () => {
  const found = members('{"c": 3, "own": 0, "a": 1}');
  const order = () => [...found.keys()].join(" ");
  const paths = [["a"], ["b"], ["c"], ["d"]];
  put(found, paths, ["b"], "2");
  assert.equal(order(), "b c own a");
  put(found, paths, ["d"], "4");
  put(found, paths, ["c"], "5");
  assert.equal(order(), "b c own a d");
  assert.equal(found.get("c"), "5");
});

test("members of members are read and set by their path", () => {
  const paths = ["a.x", "a.in.y", "a.in.z", "b"].map((name) => name.split("."));
  const found = members('{"own": {"big": 12345678901234567890}, "b": 1}');
  put(found, paths, ["a", "in", "z"], '"text"');
  put(found, paths, ["a", "in", "y"], '{\n    "deep": 1.0\n  }');
  put(found, paths, ["a", "x"], "2");
  const text = written(found);
  assert.equal(
    text,
    '{\n  "own": {"big": 12345678901234567890},\n  "a": {\n    "x": 2,\n    "in": {\n      "y": {\n        "deep": 1.0\n      },\n      "z": "text"\n    }\n  },\n  "b": 1\n}',
  );
  const again = members(text);
  assert.equal(get(again, ["a", "in", "z"]), '"text"');
  assert.equal(typedOf(field("object"), get(again, ["a", "in", "y"])), '{\n  "deep": 1.0\n}');
  assert.equal(get(again, ["b", "in"]), undefined);
  assert.equal(get(again, ["none", "at", "all"]), undefined);
  // Serialized again it is the same, without empty members.
  put(again, paths, ["a", "x"], "2");
  assert.equal(written(again), text);
  for (const path of [
    ["a", "in", "y"],
    ["a", "in", "z"],
  ])
    put(again, paths, path, undefined);
  assert.equal(again.get("a"), '{\n    "x": 2\n  }');
  put(again, paths, ["a", "x"], undefined);
  assert.deepEqual([...again.keys()], ["own", "b"]);
  // A value that is not an object is replaced.
  put(again, paths, ["b", "in"], "true");
  assert.deepEqual(JSON.parse(written(again)).b, { in: true });
});

const one = {
  type: "object",
  required: ["sha", "status"],
  properties: {
    sha: { type: "string", pattern: "^[0-9a-f]{40}$" },
    status: { type: "string", enum: ["success", "failed"] },
    coverage: { type: ["number", "null"], minimum: 0, maximum: 100 },
    name: { type: "string", minLength: 1, maxLength: 2 },
    at: { type: ["string", "null"], format: "date-time" },
    url: { type: "string", format: "uri" },
    limits: { type: "object", additionalProperties: { type: ["integer", "null"] } },
    inner: { anyOf: [{ type: "object", required: ["id"], properties: { id: { type: "integer" } } }, { type: "null" }] },
  },
};
const many = { anyOf: [one, { type: "array", items: one, maxItems: 2 }] };
const told = (schema, value) => faults(schema, value).map(({ path, rule }) => `/${path.join("/")} ${rule}`);

test("a value is measured by the schema", () => {
  const good = { sha: "a".repeat(40), status: "success" };
  const cases = [
    [{}, ["/sha required", "/status required"]],
    [{ ...good }, []],
    [{ ...good, sha: "x" }, ["/sha pattern"]],
    [{ ...good, status: "done" }, ["/status enum"]],
    [{ ...good, coverage: 100.5 }, ["/coverage maximum"]],
    [{ ...good, coverage: "5" }, ["/coverage type"]],
    [{ ...good, coverage: null }, []],
    [{ ...good, name: "" }, ["/name minLength"]],
    // In characters, not in UTF-16 units.
    [{ ...good, name: "🚀🚀" }, []],
    [{ ...good, name: "abc" }, ["/name maxLength"]],
    [{ ...good, at: "tomorrow" }, ["/at format"]],
    [{ ...good, at: "2025-05-17T03:02:25.5+08:00", url: "HTTPS://x.test" }, []],
    [{ ...good, url: "javascript:alert(1)" }, ["/url format"]],
    [{ ...good, limits: { a: 1, b: "x" } }, ["/limits/b type"]],
    [{ ...good, inner: {} }, ["/inner/id required"]],
    [{ ...good, inner: null, other: [] }, []],
    [
      [good, {}],
      ["/1/sha required", "/1/status required"],
    ],
    [[good, good, good], ["/ maxItems"]],
    [[], []],
  ];
  for (const [value, expected] of cases) assert.deepEqual(told(many, value), expected, JSON.stringify(value));
  assert.equal(told(many, "text").length, 1);
});

test("of several kinds of line the one that was meant is told about", () => {
  const line = (type, required) => ({
    type: "object",
    properties: { type: { const: type } },
    required: ["type"],
    allOf: [{ type: "object", required }],
  });
  const schema = { oneOf: [line("repository", ["path"]), line("pipeline", ["sha", "ref", "jobs"])] };
  assert.deepEqual(told(schema, { type: "pipeline", sha: "a", ref: "b" }), ["/jobs required"]);
  assert.deepEqual(told(schema, { type: "pipeline" }).length, 3);
  assert.deepEqual(told(schema, { type: "repository", path: "a/b" }), []);
});

test("a sample has a place for each field that is required and not filled in", () => {
  const fields = [
    field("string", { name: "sha", required: true }),
    field("boolean", { name: "ok", required: true }),
    field("string", { name: "note" }),
  ];
  const operation = { ...report, body: { ...report.body, fields, schema: {} } };
  const printed = (body) => printedBody(operation, { parameters: {}, body });
  assert.deepEqual(JSON.parse(printed("{}")), { sha: "{sha}", ok: "{ok}" });
  assert.equal(printed('{"ok": false}'), '{\n  "sha": "{sha}",\n  "ok": false\n}');
  // Nothing is missing: unchanged.
  assert.equal(printed('{"sha":"a","ok":true,"n":1.0}'), '{"sha":"a","ok":true,"n":1.0}');
  assert.equal(printed("[{}]"), "[{}]");
  assert.ok(curl(operation, { parameters: {}, body: "{}" }, settings).includes('"sha": "{sha}"'));
  const deep = [field("string", { name: "auth.user.name", required: true }), field("string", { name: "auth.user.id" })];
  const signIn = { ...report, body: { ...report.body, fields: deep, schema: {} } };
  assert.deepEqual(JSON.parse(printedBody(signIn, { parameters: {}, body: '{"auth": {"user": {"id": "7"}}}' })), {
    auth: { user: { name: "{name}", id: "7" } },
  });
  // Placeholders of the SDKs stay unchanged.
  const named = {
    ...createRepository,
    body: { ...createRepository.body, fields: [field("string", { name: "name", required: true })] },
  };
  assert.equal(
    python(named, { parameters: {}, body: "{}" }, settings),
    python(createRepository, { parameters: {}, body: "{}" }, settings),
  );
});
