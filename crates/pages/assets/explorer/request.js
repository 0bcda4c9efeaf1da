// The request of the form values, for the samples and for the call.

import { get, members, pathOf, put, written } from "./members.js";

const CREDENTIALS = [
  "x-auth-token",
  "private-token",
  "authorization",
  "x-sdk-date",
  "x-security-token",
  "private_token",
  "access_token",
];
const SECRET = /^(password|secret|sk|token|security_?token|access_token|private_token|job_token|x-subject-token)$/i;
const SECRET_HEADER = /^(cookie|private-token|x-(auth|security|subject)-token)$/i;
const IN_URL = /^([a-z][a-z0-9+.-]*:\/\/[^/@:]*:)[^/@]+@/i;
const SAFE = Number.MAX_SAFE_INTEGER;

// Scheme, host and port of the server. SDKs take no path, so the APIs that they call are also at the root.
export const endpoint = ({ base }) => /^[a-z]+:\/\/[^/]+/i.exec(base)?.[0] ?? base;

// Replaces lone surrogates, which URLs, files and programs cannot contain.
export const whole = (text) => String(text).replace(/\p{Surrogate}/gu, "\uFFFD");

// Percent-encoded as in signatures: all but A-Z a-z 0-9 - _ . ~
export const encoded = (text) =>
  encodeURIComponent(whole(text)).replace(/[!'()*]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());

// The value of a parameter: a number, a boolean, a string or a list of strings; undefined for none, null for
// an invalid one.
export function parameterValue(parameter, typed) {
  const text = whole(typed ?? "");
  if (text === "") return undefined;
  switch (parameter.type) {
    case "integer": {
      if (!/^\s*[+-]?\d{1,18}\s*$/.test(text)) return null;
      const number = BigInt(text.trim().replace("+", ""));
      return within(number, parameter) ? Number(number) : null;
    }
    case "number": {
      const number = Number(text);
      return text.trim() !== "" && Number.isFinite(number) && within(number, parameter) ? number : null;
    }
    case "boolean":
      return { true: true, false: false }[text] ?? null;
    case "array": {
      const items = text
        .split(",")
        .map((item) => item.trim())
        .filter(Boolean);
      return items.length ? items : undefined;
    }
    default:
      if (parameter.in === "path" && /^\.{1,2}$/.test(text)) return null;
      // Browsers only send these characters in a header.
      if (parameter.in === "header" && /[^\x20-\x7e\xa0-\xff]/.test(text)) return null;
      return parameter.enum?.length && !parameter.enum.includes(text) ? null : text;
  }
}

function within(number, { minimum, maximum }) {
  return number >= (minimum ?? -SAFE) && number <= (maximum ?? SAFE);
}

// The parameters of a sample: those with a value, and required ones, with the value null if it is missing or
// invalid.
export function shown(operation, filled) {
  const found = [];
  for (const parameter of operation.parameters) {
    if (CREDENTIALS.includes(parameter.name.toLowerCase())) continue;
    const value = parameterValue(parameter, filled.parameters?.[parameter.name]);
    if (value === undefined && !parameter.required) continue;
    found.push({ ...parameter, value: value ?? null });
  }
  return found;
}

// The same without the values of secrets.
export const printed = (operation, filled) =>
  shown(operation, filled).map((found) => (SECRET.test(found.name) ? { ...found, value: null } : found));

const valueOrName = (found) => (found.value === null ? `{${found.name}}` : encoded(found.value));

// The path and the query of the request, percent-encoded, in the order of the documentation.
export function address(operation, parameters) {
  const inPath = new Map(parameters.filter((p) => p.in === "path").map((p) => [p.name, valueOrName(p)]));
  const path = operation.path.replace(/\{(\w+)\}/g, (all, name) => inPath.get(name) ?? all);
  const query = [];
  for (const found of parameters.filter((p) => p.in === "query")) {
    const values = Array.isArray(found.value) ? found.value.map(encoded) : [valueOrName(found)];
    for (const value of values) query.push(`${encoded(found.name)}=${value}`);
  }
  return { path, query: query.join("&") };
}

export const target = ({ path, query }) => (query ? `${path}?${query}` : path);

// The headers that are parameters, as pairs.
export const headers = (parameters) =>
  parameters.filter((p) => p.in === "header").map((p) => [p.name, p.value === null ? `{${p.name}}` : String(p.value)]);

// The header of the credential in the dialect of the operation; null if no credential is required.
export function credential(operation) {
  if (operation.anonymous) return null;
  return operation.dialect === "gitlab" ? "PRIVATE-TOKEN" : "X-Auth-Token";
}

const UNSIGNED = ["bitbucket", "gitea", "github", "gitlab"];
export const signable = (operation) => !operation.anonymous && !UNSIGNED.includes(operation.dialect);

// The body as it is typed, or null.
export const body = (operation, filled) => (operation.body && filled.body?.trim() ? whole(filled.body) : null);

// The placeholder of a field without a value; the value itself if only one is allowed.
function placeholder(field) {
  const text = JSON.stringify(field.enum?.length === 1 ? field.enum[0] : `{${pathOf(field).at(-1)}}`);
  return field.type === "array" ? `[${text}]` : text;
}

// The body with a placeholder for each required field without a value.
function withPlaceholders(operation, typed) {
  const fields = operation.body?.fields ?? [];
  const found = typed === null && operation.body?.required ? new Map() : members(typed);
  const missing = fields.filter((field) => found && field.required && get(found, pathOf(field)) === undefined);
  if (!missing.length) return typed;
  for (const field of missing) put(found, fields.map(pathOf), pathOf(field), placeholder(field));
  return written(found);
}

// A URL with a password in it.
export const hasPassword = (text) => IN_URL.test(text);

// Whether a text contains a secret. A text that is no JSON is searched for suspicious words.
export function hasSecret(text) {
  try {
    return Boolean(text.trim()) && hidden(text).found;
  } catch {
    return /password|secret|token|cookie|authorization|"sk"|:\/\/[^/@\s]*:[^/@\s]+@/i.test(text);
  }
}

// The body of a sample, without secrets and invisible characters. A body that is no JSON becomes a
// placeholder.
export function printedBody(operation, filled) {
  const typed = withPlaceholders(operation, body(operation, filled));
  if (typed === null) return operation.body?.required ? "{body}" : null;
  const lines =
    operation.body.type === "application/x-ndjson" ? typed.split("\n").filter((l) => l.trim()) : [typed.trim()];
  try {
    return lines.map(masked).join("\n");
  } catch {
    return "{body}";
  }
}

// The value without secrets, and whether there were any.
function hidden(json) {
  let found = false;
  const hide = (value, name, within) => {
    if (
      ["string", "number"].includes(typeof value) &&
      (SECRET.test(name) || (name === "id" && /^token$/i.test(within)))
    ) {
      found = true;
      return `{${name}}`;
    }
    if (typeof value === "string" && hasPassword(value)) {
      found = true;
      return value.replace(IN_URL, "$1{password}@");
    }
    // A header as a pair of name and value.
    if (
      Array.isArray(value) &&
      value.length === 2 &&
      (SECRET_HEADER.test(value[0]) || /^(bearer|basic) /i.test(value[1]))
    ) {
      found = true;
      return [value[0], `{${value[0]}}`];
    }
    if (Array.isArray(value)) return value.map((item) => hide(item, name, within));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hide(inner, key, name)]));
  };
  return { value: hide(JSON.parse(json), "", ""), found };
}

function masked(json) {
  const { value, found } = hidden(json);
  // Without secrets, the text stays as it was typed.
  const text = found ? JSON.stringify(value, null, 2) : json;
  return text.replace(/[\p{Cf}\p{Zl}\p{Zp}\x7f-\x9f]/gu, (c) =>
    Array.from({ length: c.length }, (_, i) => "\\u" + c.charCodeAt(i).toString(16).padStart(4, "0")).join(""),
  );
}
