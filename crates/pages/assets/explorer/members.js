// The members of a JSON object as source text, so that unchanged members stay as they were typed, including
// long numbers.

const PIECES = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s"[\]{},:]+|\s+/g;

// Maps names to the source text of the values; null if the text is no JSON object.
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

// The object as text, one member per line.
export function written(found) {
  if (!found.size) return "{}";
  return `{\n${[...found].map(([name, raw]) => `  ${JSON.stringify(name)}: ${raw}`).join(",\n")}\n}`;
}

// Members of a member are indented by two more spaces.
const outdented = (raw) => raw.replaceAll("\n  ", "\n");
const within = (found, name) => members(outdented(found.get(name) ?? "{}")) ?? new Map();

// The path of a field, as names.
export const pathOf = ({ name }) => name.split(".");

// The text at a path; undefined if there is none.
export function get(found, [name, ...rest]) {
  return rest.length ? get(within(found, name), rest) : found.get(name);
}

// Sets the text at a path; undefined removes it. A new member is inserted in the order of `paths`. An empty
// object is removed.
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
