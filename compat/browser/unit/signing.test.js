// The page's signatures against those of the official Python SDK, and its SHA-256 against Node's.

import assert from "node:assert/strict";
import crypto from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  canonicalQuery,
  canonicalUri,
  hex,
  hmac,
  sdkDate,
  sha256,
  sign,
} from "../../../crates/pages/assets/explorer/signing.js";

const { vectors } = JSON.parse(
  readFileSync(new URL("../../../crates/wire/fixtures/aksk_vectors.json", import.meta.url), "utf8"),
);
// Python sorts numbers as numbers in one, and signs another hash than it sends in the other; see
// crates/wire/tests/formats/signing_vectors.rs.
const OTHER = ["py-7-int-list-numeric-order", "py-9-unsigned-payload-empty-body"];

test("SHA-256 of every length around its blocks", () => {
  for (let length = 0; length < 260; length++) {
    const bytes = crypto.randomBytes(length);
    assert.equal(hex(sha256(bytes)), crypto.createHash("sha256").update(bytes).digest("hex"), `${length}`);
  }
  const large = crypto.randomBytes(1 << 20);
  assert.equal(hex(sha256(large)), crypto.createHash("sha256").update(large).digest("hex"));
});

test("HMAC with keys of every length", () => {
  for (let length = 0; length < 140; length++) {
    const [key, message] = [crypto.randomBytes(length), crypto.randomBytes(77)];
    assert.equal(hex(hmac(key, message)), crypto.createHmac("sha256", key).update(message).digest("hex"), `${length}`);
  }
});

test("the official signatures", () => {
  const own = vectors.filter((vector) => vector.algorithm === "SDK-HMAC-SHA256");
  assert.equal(own.length, 9);
  for (const vector of own) {
    const headers = Object.entries(vector.final_headers).filter(
      ([name]) => !["Authorization", "X-Sdk-Date"].includes(name),
    );
    const request = {
      method: vector.request.method,
      target: vector.request_target_on_wire,
      headers,
      body: vector.request.body,
    };
    const signed = sign(request, vector.access_key, vector.secret_key, vector.x_sdk_date);
    if (OTHER.includes(vector.name)) {
      assert.notEqual(signed.authorization, vector.authorization, vector.name);
      continue;
    }
    assert.equal(signed.canonicalRequest, vector.canonical_request, vector.name);
    assert.equal(signed.authorization, vector.authorization, vector.name);
    assert.ok(signed.authorization.endsWith(signed.signature));
    assert.ok(signed.stringToSign.startsWith(`SDK-HMAC-SHA256\n${vector.x_sdk_date}\n`));
  }
});

test("paths and queries in the one spelling of the signature", () => {
  for (const [path, uri] of [
    ["/v4/jobs", "/v4/jobs/"],
    ["/", "/"],
    ["/a%2Fb%20c", "/a/b%20c/"],
    ["/a:b@c;d,e", "/a%3Ab%40c%3Bd%2Ce/"],
    ["/%e4%BB%BB/任", "/%E4%BB%BB/%E4%BB%BB/"],
  ]) {
    assert.equal(canonicalUri(path), uri);
  }
  for (const [query, canonical] of [
    ["", ""],
    ["a", "a="],
    ["offset=20&limit=100", "limit=100&offset=20"],
    ["b=1&a=+%20x", "a=%2B%20x&b=1"],
    ["ids=9&ids=10", "ids=10&ids=9"],
    ["a=x&%7B=y", "a=x&%7B=y"],
    ["a=b=c", "a=b%3Dc"],
  ]) {
    assert.equal(canonicalQuery(query), canonical);
  }
  assert.equal(sdkDate(new Date("2026-11-23T19:31:10.123Z")), "20261123T193110Z");
});
