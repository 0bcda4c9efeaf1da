// The fields of the request body and the text area with its JSON. They are kept in sync; the text area is
// what is sent.

import { get, members, pathOf, put, written } from "./members.js";
import { body, hasPassword } from "./request.js";
import { faults } from "./schema.js";
import { rawOf, typedOf } from "./typed.js";

const at = (id) => document.getElementById(id);
const isLines = (definition) => definition.type === "application/x-ndjson";

// `message`, `mark` and `valueError` are functions of the form.
export function bodyForm(operation, { message, mark, valueError }) {
  const definition = operation.body;
  const box = at("body");
  if (!definition || !box)
    return { box: null, fields: new Map(), start() {}, follow() {}, check: () => [], linked: () => [] };
  const group = at("body-fields");
  const fields = new Map(definition.fields.map((field) => [at(`b-${field.name}`), field]));
  const paths = definition.fields.map(pathOf);
  // The members of the object in the text area; none if it is empty, null if it is no object.
  const bodyMembers = () => (box.value.trim() ? members(box.value) : new Map());

  function fromField(element) {
    const found = bodyMembers();
    if (!found) return;
    const field = fields.get(element);
    put(found, paths, pathOf(field), rawOf(field, element.value));
    box.value = found.size || definition.required ? written(found) : "";
  }

  function fromBox() {
    const found = bodyMembers();
    if (!group) return;
    group.disabled = !found;
    at("body-rest").hidden = Boolean(found);
    if (!found) return;
    for (const [element, field] of fields) {
      const raw = get(found, pathOf(field));
      if (rawOf(field, element.value) !== raw) element.value = typedOf(field, raw);
    }
  }

  // The error messages of the body by field name; "" is the text area.
  function errors() {
    const text = body(operation, { body: box.value });
    if (text === null) return new Map(definition.required ? [["", message("wrongRequired")]] : []);
    if (!/json/.test(definition.type)) return new Map();
    const found = new Map();
    const lines = isLines(definition) ? text.split("\n") : [text];
    for (const [i, line] of lines.entries()) {
      if (!line.trim() && lines.length > 1) continue;
      try {
        const value = JSON.parse(line);
        for (const fault of faults(definition.schema, value, lines.length > 1 ? [i + 1] : [])) addErrors(found, fault);
      } catch (error) {
        if (!found.has("")) found.set("", message("wrongJson", error.message));
      }
    }
    return found;
  }

  // The fields that show a violation: the field at its path, the required fields below a missing value, or
  // the text area.
  function owners(path, rule) {
    if (!group || group.disabled) return [""];
    const begins = (whole, part) => part.every((name, i) => name === String(whole[i]));
    const holder = definition.fields.find((field) => begins(path, pathOf(field)));
    const parts =
      rule === "required" ? definition.fields.filter((field) => field.required && begins(pathOf(field), path)) : [];
    const all = (holder ? [holder] : parts).map(({ name }) => name);
    return all.length ? all : [""];
  }

  function addErrors(found, fault) {
    for (const own of owners(fault.path, fault.rule)) addError(own, found, fault);
  }

  // Only the first violation of a field is shown.
  function addError(own, found, fault) {
    if (found.has(own)) return;
    const { path, rule, limit } = fault;
    const subPath = own ? path.slice(own.split(".").length) : path;
    const value = () =>
      subPath.length || !own ? message("wrongValue", `${rule} ${limit}`) : valueError(`b-${own}`, fault);
    const reason = rule === "required" ? message("wrongRequired") : value();
    found.set(own, subPath.length ? `/${subPath.join("/")} · ${reason}` : reason);
  }

  // Shows the errors of all fields or of one, and returns the elements with errors.
  function check(only) {
    if (only && only !== box && !fields.has(only)) return [];
    const found = errors();
    const bad = [];
    for (const [element, { name }] of fields) {
      if (!only || only === element) bad.push(...mark(element, `b-${name}`, found.get(name) ?? ""));
    }
    if (!only || only === box) bad.push(...mark(box, "body", found.get("") ?? ""));
    for (const element of bad) element.closest("details")?.setAttribute("open", "");
    return bad;
  }

  // Synchronizes after input.
  function follow(target) {
    if (target === box) fromBox();
    else if (fields.has(target)) fromField(target);
    else return;
    // An error in another field may be fixed by the change.
    for (const element of [box, ...fields.keys()])
      if (element !== target && element.getAttribute("aria-invalid")) check(element);
  }

  // The values for the address of the page: those of fields with a name that can be restored from it
  // unchanged.
  function linked() {
    const all = (group && bodyMembers()) ?? new Map();
    const fits = ([{ name, value }, field]) =>
      name && value && !hasPassword(value) && rawOf(field, value) === get(all, pathOf(field));
    return [...fields].filter(fits).map(([{ name, value }]) => [name, value]);
  }

  // `restored`: the text when the page was left.
  function start(restored, changed) {
    box.readOnly = false;
    if (typeof restored === "string") {
      box.value = restored;
      fromBox();
    } else if (group) {
      box.value = definition.required ? "{}" : "";
      for (const element of fields.keys()) if (element.value) fromField(element);
    }
    const example = at("body-example");
    example.hidden = false;
    example.addEventListener("click", () => {
      box.value = box.dataset.example;
      follow(box);
      changed();
    });
  }

  return { box, fields, start, follow, check, linked };
}
