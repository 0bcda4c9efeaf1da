// Validates a value against a JSON schema of the OpenAPI documents.

const FORMATS = { "date-time": /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.*([Zz]|[+-]\d\d:?\d\d)$/, uri: /^https?:\/\/[^\s/]/i };

const kindOf = (value) => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);

function isA(kind, value) {
  if (kind === "integer") return Number.isInteger(value);
  return kindOf(value) === kind;
}

function like(pattern, text) {
  try {
    return !pattern || new RegExp(pattern, "u").test(text);
  } catch {
    return true;
  }
}

// The violations: the path of the value, the rule, and the limit of the rule. Empty if the value is valid.
export function faults(schema, value, path = []) {
  if (schema === true || schema === undefined) return [];
  const found = [];
  const fault = (rule, limit, at = path) => found.push({ path: at, rule, limit });
  const kinds = schema.type === undefined ? [] : [schema.type].flat();
  // A value of a wrong type has no other violations worth reporting.
  if (kinds.length && !kinds.some((kind) => isA(kind, value)))
    return [{ path, rule: "type", limit: kinds.join(" / ") }];
  if (schema.enum && !schema.enum.includes(value)) fault("enum", schema.enum.join(" / "));
  if (schema.const !== undefined && schema.const !== value) fault("const", schema.const);
  if (typeof value === "number") {
    if (value < schema.minimum) fault("minimum", schema.minimum);
    if (value > schema.maximum) fault("maximum", schema.maximum);
  }
  if (typeof value === "string") {
    const length = [...value].length;
    if (length < schema.minLength) fault("minLength", schema.minLength);
    if (length > schema.maxLength) fault("maxLength", schema.maxLength);
    if (!like(schema.pattern, value)) fault("pattern", schema.pattern);
    if (FORMATS[schema.format]?.test(value) === false) fault("format", schema.format);
  }
  if (Array.isArray(value)) {
    if (value.length < schema.minItems) fault("minItems", schema.minItems);
    if (value.length > schema.maxItems) fault("maxItems", schema.maxItems);
    for (const [i, item] of value.entries()) found.push(...faults(schema.items, item, [...path, i]));
  } else if (value !== null && typeof value === "object") {
    for (const name of schema.required ?? []) if (!Object.hasOwn(value, name)) fault("required", name, [...path, name]);
    for (const [name, inner] of Object.entries(value)) {
      const known = schema.properties && Object.hasOwn(schema.properties, name);
      found.push(...faults(known ? schema.properties[name] : schema.additionalProperties, inner, [...path, name]));
    }
  }
  for (const part of schema.allOf ?? []) found.push(...faults(part, value, path));
  for (const branches of [schema.anyOf, schema.oneOf])
    if (branches)
      found.push(
        ...closest(
          branches.map((branch) => faults(branch, value, path)),
          path,
        ),
      );
  return found;
}

// The violations of the branch that was probably meant: of the type of the value, with matching constants and
// the fewest violations.
function closest(all, path) {
  const weight = (found) =>
    found.reduce(
      (sum, { rule, path: at }) => sum + (rule === "const" || (rule === "type" && at.length === path.length) ? 100 : 1),
      0,
    );
  return all.reduce((best, found) => (weight(found) < weight(best) ? found : best));
}
