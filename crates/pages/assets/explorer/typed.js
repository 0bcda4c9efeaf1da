// Converts between the text of a body field and the JSON of its value.

import { whole } from "./request.js";

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

// The JSON of a text; undefined for an empty text. A text that does not match the type becomes a JSON string,
// which validation rejects.
export function rawOf(field, typed) {
  const text = whole(typed);
  const word = text.trim();
  if (text === "" || (word === "" && field.type !== "string")) return undefined;
  if (field.type === "string") return JSON.stringify(text);
  if (word === "null") return word;
  switch (field.type) {
    case "integer":
      // Keep all digits; a JavaScript number has fewer.
      return /^[+-]?\d+$/.test(word) ? String(BigInt(word.replace("+", ""))) : JSON.stringify(text);
    case "number":
      return NUMBER.test(word) && Number.isFinite(Number(word)) ? String(Number(word)) : JSON.stringify(text);
    case "boolean":
      return word === "true" || word === "false" ? word : JSON.stringify(text);
    case "array": {
      if (word.startsWith("[") && isJson(word)) return word;
      const items = word
        .split(",")
        .map((item) => item.trim())
        .filter(Boolean);
      return `[${items.map((item) => rawOf({ type: field.items }, item)).join(", ")}]`;
    }
    default:
      // Indented as a member of the body.
      return isJson(word) ? word.replaceAll("\n", "\n  ") : JSON.stringify(text);
  }
}

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

// The text of the field for a JSON value.
export function typedOf(field, raw) {
  if (raw === undefined) return "";
  const value = JSON.parse(raw);
  if (typeof value === "string") return value;
  const plain = (item) => item !== null && typeof item !== "object" && !String(item).includes(",");
  return field.type === "array" && Array.isArray(value) && value.length && value.every(plain)
    ? value.join(", ")
    : raw.replaceAll("\n  ", "\n");
}
