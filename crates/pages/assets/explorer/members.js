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
    const between =
      depth === 1 && (piece === "," || (piece === ":" && name === null) || (piece === "{" && !raw && name === null));
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

// The members of a member stand deeper by two.
const outdented = (raw) => raw.replaceAll("\n  ", "\n");
const within = (found, name) => members(outdented(found.get(name) ?? "{}")) ?? new Map();

// The names that lead to a field.
export const pathOf = ({ name }) => name.split(".");

// What stands at a path of names; undefined for nothing.
export function get(found, [name, ...rest]) {
  return rest.length ? get(within(found, name), rest) : found.get(name);
}

// Sets what stands at a path, undefined for nothing; what is new stands before those that `paths` has after it. An object is there while
// something is in it.
export function put(found, paths, [name, ...rest], raw) {
  if (rest.length) {
    const inner = within(found, name);
    put(
      inner,
      paths.filter(([first]) => first === name).map(([, ...more]) => more),
      rest,
      raw,
    );
    raw = inner.size ? written(inner).replaceAll("\n", "\n  ") : undefined;
  }
  if (raw === undefined) return void found.delete(name);
  const names = paths.map(([first]) => first);
  const before = found.has(name) ? [] : names.slice(names.lastIndexOf(name) + 1);
  const at = [...found.keys()].findIndex((other) => before.includes(other));
  const behind = at < 0 ? [] : [...found].slice(at);
  for (const [other] of behind) found.delete(other);
  found.set(name, raw);
  for (const [other, known] of behind) found.set(other, known);
}
