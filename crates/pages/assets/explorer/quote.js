// Texts as each language writes them. Whatever a text holds, the program says just that text; what cannot be seen is escaped.

import { whole } from "./request.js";

// Controls, line and paragraph separators, and what turns the order of writing around.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}]/u;
const SHORT = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
const hex = (number, width) => number.toString(16).padStart(width, "0");

const pairs = (c) => Array.from({ length: c.length }, (_, i) => "\\u" + hex(c.charCodeAt(i), 4)).join("");
const long = (c) => (c.length > 1 ? "\\U" + hex(c.codePointAt(0), 8) : pairs(c));
// Java reads \u before it reads strings.
const octal = (c) => (c < "\u0100" ? "\\" + c.charCodeAt(0).toString(8).padStart(3, "0") : pairs(c));

function quoted(text, special, escaped) {
  let out = "";
  for (const c of whole(text)) {
    if (special.includes(c)) out += "\\" + c;
    else if (SHORT[c]) out += SHORT[c];
    else out += UNSEEN.test(c) ? escaped(c) : c;
  }
  return `"${out}"`;
}

export const java = (text) => quoted(text, '"\\', octal);
export const python = (text) => quoted(text, '"\\', long);
export const go = (text) => quoted(text, '"\\', long);
export const csharp = (text) => quoted(text, '"\\', long);
export const node = (text) => quoted(text, '"\\', (c) => `\\u{${c.codePointAt(0).toString(16)}}`);

export function php(text) {
  if (!UNSEEN.test(whole(text))) return `'${whole(text).replace(/[\\']/g, "\\$&")}'`;
  return quoted(text, '"\\$', (c) => `\\u{${c.codePointAt(0).toString(16)}}`);
}

// One word of a POSIX shell; of bash, where it holds what cannot be seen.
export function shell(text) {
  const seen = whole(text);
  if (/^[\w@%+=:,./-]+$/.test(seen)) return seen;
  if (!UNSEEN.test(seen.replaceAll("\n", ""))) return `'${seen.replaceAll("'", "'\\''")}'`;
  const bytes = (c) =>
    Array.from(new TextEncoder().encode(c), (byte) => "\\" + byte.toString(8).padStart(3, "0")).join("");
  const inner = Array.from(seen, (c) =>
    c === "\0" ? "" : "'\\".includes(c) ? "\\" + c : (SHORT[c] ?? (UNSEEN.test(c) ? bytes(c) : c)),
  );
  return `$'${inner.join("")}'`;
}

// A text of many lines, a string each, with `join` between them.
export function lines(text, quote, join) {
  const all = whole(text).split("\n");
  return all.map((line, i) => quote(i + 1 < all.length ? line + "\n" : line)).join(join);
}
