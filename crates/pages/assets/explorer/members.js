// The members of a JSON object as they are written: what nobody touched stays as it was typed, numbers of any length too.

const PIECES = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s"[\]{},:]+|\s+/g;

// Names with the text of their values; null for what is no object.
export function members(text) {
  try {
    const value = JSON.parse(text);
    if (value === null || typeof value !== "object" || Array.isArray(value)) return null;
  } catch {
    return null;
  }
  const found = new Map();
  let [depth, name, raw] = [0, null, ""];
  const keep = () => name !== null && found.set(name, raw.trim());
  for (const [piece] of text.matchAll(PIECES)) {
    if (piece === "{" || piece === "[") depth++;
    if (piece === "}" || piece === "]") depth--;
    const between = depth === 1 && (piece === "," || (piece === ":" && name === null) || (piece === "{" && !raw && name === null));
    if (depth === 0 && piece === "}") keep();
    if (depth === 0) continue;
    if (!between) raw += piece;
    else if (piece === ":") [name, raw] = [JSON.parse(raw), ""];
    else if (piece === ",") {
      keep();
      [name, raw] = [null, ""];
    }
  }
  return found;
}

// The object, a member a line.
export function written(found) {
  if (!found.size) return "{}";
  return `{\n${[...found].map(([name, raw]) => `  ${JSON.stringify(name)}: ${raw}`).join(",\n")}\n}`;
}

// Sets a member; a new one stands before those that `names` has after it.
export function put(found, names, name, raw) {
  const before = found.has(name) ? [] : names.slice(names.indexOf(name) + 1);
  const at = [...found.keys()].findIndex((other) => before.includes(other));
  const behind = at < 0 ? [] : [...found].slice(at);
  for (const [other] of behind) found.delete(other);
  found.set(name, raw);
  for (const [other, known] of behind) found.set(other, known);
}
