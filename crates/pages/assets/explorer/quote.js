// String literals of each language. Invisible characters are escaped.

import { whole } from "./request.js";

// Control characters, separators, and characters that change the text direction.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}]/u;
const SHORT = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
const hex = (number, width) => number.toString(16).padStart(width, "0");

const pairs = (c) => Array.from({ length: c.length }, (_, i) => "\\u" + hex(c.charCodeAt(i), 4)).join("");
const long = (c) => (c.length > 1 ? "\\U" + hex(c.codePointAt(0), 8) : pairs(c));
// Java processes \u escapes before it parses strings.
const octal = (c) => (c < "\u0100" ? "\\" + c.charCodeAt(0).toString(8).padStart(3, "0") : pairs(c));

function quoted(text, special, escaped) {
  let out = "";
  for (const c of whole(text)) {
    if (special.includes(c)) out += "\\" + c;
    else if (SHORT[c]) out += SHORT[c];
    else out += INVISIBLE.test(c) ? escaped(c) : c;
  }
  return `"${out}"`;
}

export const java = (text) => quoted(text, '"\\', octal);
export const python = (text) => quoted(text, '"\\', long);
export const go = (text) => quoted(text, '"\\', long);
export const csharp = (text) => quoted(text, '"\\', long);
export const node = (text) => quoted(text, '"\\', (c) => `\\u{${c.codePointAt(0).toString(16)}}`);

export function php(text) {
  if (!INVISIBLE.test(whole(text))) return `'${whole(text).replace(/[\\']/g, "\\$&")}'`;
  return quoted(text, '"\\$', (c) => `\\u{${c.codePointAt(0).toString(16)}}`);
}

// A word of a POSIX shell; of bash if the text has invisible characters.
export function shell(text) {
  const seen = whole(text);
  if (/^[\w@%+=:,./-]+$/.test(seen)) return seen;
  if (!INVISIBLE.test(seen.replaceAll("\n", ""))) return `'${seen.replaceAll("'", "'\\''")}'`;
  const bytes = (c) =>
    Array.from(new TextEncoder().encode(c), (byte) => "\\" + byte.toString(8).padStart(3, "0")).join("");
  const inner = Array.from(seen, (c) =>
    c === "\0" ? "" : "'\\".includes(c) ? "\\" + c : (SHORT[c] ?? (INVISIBLE.test(c) ? bytes(c) : c)),
  );
  return `$'${inner.join("")}'`;
}

// A text as one string literal per line, with `join` between them.
export function lines(text, quote, join) {
  const all = whole(text).split("\n");
  return all.map((line, i) => quote(i + 1 < all.length ? line + "\n" : line)).join(join);
}
