// The page of one operation: the form, what is wrong with it, the samples that follow it, the call.

import { key, toClipboard } from "./app.js";
import { bodyForm } from "./body.js";
import { send } from "./call.js";
import { body, hasSecret, parameterValue, shown } from "./request.js";
import { faults } from "./schema.js";

const form = document.getElementById("call");
const operation = JSON.parse(form.dataset.operation);
const fields = new Map(
  operation.parameters.map((parameter) => [parameter.name, document.getElementById(`p-${parameter.name}`)]),
);
const chosenPackage = document.getElementById("package");
const region = document.getElementById("region");
const allow = document.getElementById("allow-writes");
const say = (word, ...values) =>
  values.reduce((text, value, i) => text.replace(`{${i}}`, () => value), form.dataset[word]);

const bodyPart = bodyForm(operation, { say, mark, misfit });

const settings = () => ({ base: form.dataset.base, region: region.value.trim(), package: chosenPackage.value });
const filled = () => ({
  parameters: Object.fromEntries([...fields].map(([name, field]) => [name, field.value])),
  body: bodyPart.box?.value ?? "",
});

// What is wrong with a parameter's value, in the reader's language; empty: nothing.
function wrong(parameter, typed) {
  const value = parameterValue(parameter, typed);
  if (value === undefined) return parameter.required ? say("wrongRequired") : "";
  const { minLength, maxLength, pattern, format } = parameter;
  // The last one says what a text looks like.
  const fault = value === null ? {} : faults({ minLength, maxLength, pattern, format }, value).at(-1);
  return fault ? misfit(`p-${parameter.name}`, fault) : "";
}

// Of a value that does not fit its field: the field's hint, and what a hint has not, what a text looks like.
function misfit(id, { rule, limit }) {
  const limits = document.getElementById(`${id}-hint`).querySelector(".limits").textContent;
  return say("wrongValue", rule === "pattern" || rule === "format" ? `${limits} · ${limit}` : limits);
}

function mark(field, id, message) {
  const place = document.getElementById(`${id}-wrong`);
  place.textContent = message;
  place.hidden = !message;
  field.toggleAttribute("aria-invalid", Boolean(message));
  if (message) field.setAttribute("aria-invalid", "true");
  return message ? [field] : [];
}

function check(only) {
  const bad = operation.parameters.flatMap((parameter) => {
    const field = fields.get(parameter.name);
    return only && only !== field ? [] : mark(field, `p-${parameter.name}`, wrong(parameter, field.value));
  });
  return [...bad, ...bodyPart.check(only)];
}

// Samples. Every tab is written again at every change; the modules come once the page is there.
const NAMES = ["java", "python", "go", "node", "csharp", "php", "curl", "curl_signed", "cli"];
const modules = await Promise.all([
  import("./java.js"),
  import("./python.js"),
  import("./go.js"),
  import("./node.js"),
  import("./csharp.js"),
  import("./php.js"),
  import("./curl.js"),
  import("./curl_signed.js"),
  import("./cli.js"),
]);
const WORDS = { sdk: "kindSdk", untried: "kindUntried", http: "kindHttp", signed: "kindSigned", cli: "kindCli" };

function write() {
  const [values, chosen] = [filled(), settings()];
  modules.forEach((module, i) => {
    const panel = document.getElementById(`panel-${NAMES[i]}`);
    panel.querySelector("code").textContent = module.sample(operation, values, chosen);
    const kind = WORDS[module.kind(operation, chosen)];
    panel.querySelector("[data-kind]").textContent = say(
      kind === WORDS.http && operation.anonymous ? "kindFree" : kind,
      NAMES[i],
    );
  });
}

const tabs = [...document.querySelectorAll("[data-sample]")];
function choose(tab, focus) {
  for (const other of tabs) {
    const here = other === tab;
    other.setAttribute("aria-selected", here);
    other.tabIndex = here ? 0 : -1;
    document.getElementById(other.getAttribute("aria-controls")).hidden = !here;
  }
  localStorage.setItem("sample", tab.dataset.sample);
  if (focus) tab.focus();
}
for (const [i, tab] of tabs.entries()) {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", ({ key: pressed }) => {
    const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: -1 }[pressed];
    if (to !== undefined) choose(tabs.at(to % tabs.length), true);
  });
}

// The address follows the form, so that it can be copied and kept.
const SECRET = /token|secret|password/i;
function link() {
  const url = new URL(location.pathname, location.origin);
  for (const [name, field] of fields) if (field.value && !SECRET.test(name)) url.searchParams.set(name, field.value);
  for (const [name, value] of bodyPart.linked()) url.searchParams.set(name, value);
  return url;
}

// So that nothing is lost by going away and coming back; by signing in and another language, nothing that an address can hold.
function keep() {
  const typed = bodyPart.box?.value ?? "";
  const url = link();
  history.replaceState(hasSecret(typed) ? null : { body: typed }, "", url);
  const here = url.pathname + url.search;
  for (const next of document.querySelectorAll("input[name=next]")) next.value = here;
  for (const way of document.querySelectorAll("a[data-sign-in]"))
    way.href = `/sign-in?next=${encodeURIComponent(here)}`;
}

async function copy(button, text) {
  await toClipboard(text);
  const before = button.textContent;
  button.textContent = form.dataset.copied;
  setTimeout(() => (button.textContent = before), 1500);
}

form.addEventListener("input", ({ target }) => {
  bodyPart.follow(target);
  write();
  if (target.name || target === bodyPart.box || bodyPart.fields.has(target)) keep();
  if (target.getAttribute("aria-invalid")) check(target);
});
// What is said moves what is below it, so not while the pointer is pressed: the button would get away from under it.
let pressed = false;
for (const type of ["pointerdown", "pointerup", "pointercancel"])
  addEventListener(type, () => (pressed = type === "pointerdown"), true);
form.addEventListener("change", ({ target }) => {
  if (!(target.name || target === bodyPart.box || bodyPart.fields.has(target)) || !target.value) return;
  if (pressed) addEventListener("pointerup", () => setTimeout(check, 0, target), { once: true });
  else check(target);
});
for (const input of [chosenPackage, region]) {
  input.addEventListener("input", () => {
    localStorage.setItem("sdk", JSON.stringify([chosenPackage.value, region.value]));
    write();
  });
}
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", () => copy(button, button.parentElement.querySelector("code").textContent));
}
const copyLink = document.getElementById("copy-link");
copyLink.hidden = false;
copyLink.addEventListener("click", () => copy(copyLink, link().href));

// Who calls.
const asKey = document.getElementById("as-key");
const keys = document.getElementById("keys-typed");
const showKeys = () => {
  if (keys) keys.hidden = !asKey.checked;
};
for (const radio of document.querySelectorAll("[data-as]")) radio.addEventListener("change", showKeys);
showKeys();

const complaint = document.getElementById("call-wrong");
function complain(message) {
  complaint.textContent = message;
  complaint.hidden = !message;
  return Boolean(message);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = document.getElementById("send");
  // Keys send as well, and one call at a time is enough.
  if (button.disabled) return;
  complain("");
  const [first] = check();
  if (first) return first.focus();
  const pair = asKey?.checked && {
    access: document.getElementById("ak").value.trim(),
    secret: document.getElementById("sk").value,
  };
  // A read that wants all rights is no write: a key has what rights it has.
  if (allow && !allow.checked && (operation.method !== "GET" || !pair))
    return complain(say("wrongWrites")) && allow.focus();
  if (pair && !(pair.access && pair.secret)) return complain(say("wrongKeys"));
  if (!pair && !operation.anonymous && form.dataset.signedIn !== "true") return complain(say("signIn"));
  button.disabled = true;
  try {
    await send(operation, shown(operation, filled()), body(operation, filled()), {
      pair,
      writes: Boolean(allow?.checked),
      say,
      link: link().href,
    });
  } finally {
    button.disabled = false;
  }
});
form.addEventListener(
  "keydown",
  (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && form.requestSubmit(),
);
// A key is soon pressed twice: what writes is only shown to.
key("s", () => (operation.method === "GET" ? form.requestSubmit() : document.getElementById("send").focus()));

try {
  [chosenPackage.value, region.value] = JSON.parse(localStorage.getItem("sdk")) ?? [chosenPackage.value, region.value];
} catch {
  // Kept by another version.
}
bodyPart.start(history.state?.body, () => {
  write();
  keep();
});
document.getElementById("samples").hidden = false;
choose(tabs.find((tab) => tab.dataset.sample === localStorage.getItem("sample")) ?? tabs[0]);
write();
// What the address brought along is checked at once; what is empty, only when it is sent.
for (const field of [...fields.values(), ...bodyPart.fields.keys()]) if (field.value) check(field);
document.getElementById("send").disabled = false;
