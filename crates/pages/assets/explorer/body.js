// The body's fields and the box of its JSON. The box is what is sent; each follows the other.

import { get, members, pathOf, put, written } from "./members.js";
import { body, hasPassword } from "./request.js";
import { faults } from "./schema.js";
import { rawOf, typedOf } from "./typed.js";

const at = (id) => document.getElementById(id);
const isLines = (told) => told.type === "application/x-ndjson";

// `say`, `mark` and `misfit` are the form's own.
export function bodyForm(operation, { say, mark, misfit }) {
  const told = operation.body;
  const box = at("body");
  if (!told || !box)
    return { box: null, fields: new Map(), start() {}, follow() {}, check: () => [], linked: () => [] };
  const group = at("body-fields");
  const fields = new Map(told.fields.map((field) => [at(`b-${field.name}`), field]));
  const paths = told.fields.map(pathOf);
  // What the box holds, as members; an empty one may become an object.
  const held = () => (box.value.trim() ? members(box.value) : new Map());

  function fromField(element) {
    const found = held();
    if (!found) return;
    const field = fields.get(element);
    put(found, paths, pathOf(field), rawOf(field, element.value));
    box.value = found.size || told.required ? written(found) : "";
  }

  function fromBox() {
    const found = held();
    if (!group) return;
    group.disabled = !found;
    at("body-rest").hidden = Boolean(found);
    if (!found) return;
    for (const [element, field] of fields) {
      const raw = get(found, pathOf(field));
      if (rawOf(field, element.value) !== raw) element.value = typedOf(field, raw);
    }
  }

  // What is wrong with the body, by the field at which it stands; "" is the box.
  function wrong() {
    const text = body(operation, { body: box.value });
    if (text === null) return new Map(told.required ? [["", say("wrongRequired")]] : []);
    if (!/json/.test(told.type)) return new Map();
    const found = new Map();
    const lines = isLines(told) ? text.split("\n") : [text];
    for (const [i, line] of lines.entries()) {
      if (!line.trim() && lines.length > 1) continue;
      try {
        const value = JSON.parse(line);
        for (const fault of faults(told.schema, value, lines.length > 1 ? [i + 1] : [])) note(found, fault);
      } catch (error) {
        if (!found.has("")) found.set("", say("wrongJson", error.message));
      }
    }
    return found;
  }

  // At what a fault is told: the field that holds its place, those that make up what is missing, or the box.
  function owners(path, rule) {
    if (!group || group.disabled) return [""];
    const begins = (whole, part) => part.every((name, i) => name === String(whole[i]));
    const holder = told.fields.find((field) => begins(path, pathOf(field)));
    const parts =
      rule === "required" ? told.fields.filter((field) => field.required && begins(pathOf(field), path)) : [];
    const all = (holder ? [holder] : parts).map(({ name }) => name);
    return all.length ? all : [""];
  }

  function note(found, fault) {
    for (const own of owners(fault.path, fault.rule)) noteAt(own, found, fault);
  }

  // The first fault of each field is enough.
  function noteAt(own, found, fault) {
    if (found.has(own)) return;
    const { path, rule, limit } = fault;
    const place = own ? path.slice(own.split(".").length) : path;
    const value = () => (place.length || !own ? say("wrongValue", `${rule} ${limit}`) : misfit(`b-${own}`, fault));
    const message = rule === "required" ? say("wrongRequired") : value();
    found.set(own, place.length ? `/${place.join("/")} · ${message}` : message);
  }

  // Tells what is wrong, at all fields or at one; the elements at which something is.
  function check(only) {
    if (only && only !== box && !fields.has(only)) return [];
    const found = wrong();
    const bad = [];
    for (const [element, { name }] of fields) {
      if (!only || only === element) bad.push(...mark(element, `b-${name}`, found.get(name) ?? ""));
    }
    if (!only || only === box) bad.push(...mark(box, "body", found.get("") ?? ""));
    for (const element of bad) element.closest("details")?.setAttribute("open", "");
    return bad;
  }

  // After something was typed.
  function follow(target) {
    if (target === box) fromBox();
    else if (fields.has(target)) fromField(target);
    else return;
    // What was wrong may be right now, in the box or at a field.
    for (const element of [box, ...fields.keys()])
      if (element !== target && element.getAttribute("aria-invalid")) check(element);
  }

  // What an address can hold: of fields with a name the values that come back from it as they are.
  function linked() {
    const all = (group && held()) ?? new Map();
    const fits = ([{ name, value }, field]) =>
      name && value && !hasPassword(value) && rawOf(field, value) === get(all, pathOf(field));
    return [...fields].filter(fits).map(([{ name, value }]) => [name, value]);
  }

  // `kept`: what the box held when the page was left.
  function start(kept, changed) {
    box.readOnly = false;
    if (typeof kept === "string") {
      box.value = kept;
      fromBox();
    } else if (group) {
      box.value = told.required ? "{}" : "";
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
