// The page of an operation: the form and its validation, the samples and the call.

import { key, toClipboard } from "./app.js";
import { bodyForm } from "./body.js";
import { send } from "./call.js";
import { environment } from "./environment.js";
import { operate, select, showAnswer, start } from "./panes.js";
import { body, hasSecret, parameterValue, shown } from "./request.js";
import { faults } from "./schema.js";
import { sdk } from "./sdk.js";

const form = document.getElementById("call");
const operation = JSON.parse(form.dataset.operation);
const fields = new Map(
  operation.parameters.map((parameter) => [parameter.name, document.getElementById(`p-${parameter.name}`)]),
);
const chosenPackage = document.getElementById("package");
const region = document.getElementById("region");
const allow = document.getElementById("allow-writes");
const message = (word, ...values) =>
  values.reduce((text, value, i) => text.replace(`{${i}}`, () => value), form.dataset[word]);

const bodyPart = bodyForm(operation, { message, mark, valueError });

const settings = () => ({ base: form.dataset.base, region: region.value.trim(), package: chosenPackage.value });
const filled = () => ({
  parameters: Object.fromEntries([...fields].map(([name, field]) => [name, field.value])),
  body: bodyPart.box?.value ?? "",
});

// The error message of the value of a parameter; empty if it is valid.
function parameterError(parameter, typed) {
  const value = parameterValue(parameter, typed);
  if (value === undefined) return parameter.required ? message("wrongRequired") : "";
  const { minLength, maxLength, pattern, format } = parameter;
  // The last violation is that of the pattern or the format.
  const fault = value === null ? {} : faults({ minLength, maxLength, pattern, format }, value).at(-1);
  return fault ? valueError(`p-${parameter.name}`, fault) : "";
}

// The error message of an invalid value: the limits in the hint of the field, and the pattern or format.
function valueError(id, { rule, limit }) {
  const limits = document.getElementById(`${id}-hint`).querySelector(".limits").textContent;
  return message("wrongValue", rule === "pattern" || rule === "format" ? `${limits} · ${limit}` : limits);
}

function mark(field, id, error) {
  const output = document.getElementById(`${id}-wrong`);
  output.textContent = error;
  output.hidden = !error;
  field.toggleAttribute("aria-invalid", Boolean(error));
  if (error) field.setAttribute("aria-invalid", "true");
  return error ? [field] : [];
}

function check(only) {
  const bad = operation.parameters.flatMap((parameter) => {
    const field = fields.get(parameter.name);
    return only && only !== field ? [] : mark(field, `p-${parameter.name}`, parameterError(parameter, field.value));
  });
  return [...bad, ...bodyPart.check(only)];
}

// Samples. All tabs are updated at every change. The modules are loaded after the page.
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
const PACKAGES = [...chosenPackage.options].map((option) => option.value);
const KINDS = { sdk: "kindSdk", untried: "kindUntried", http: "kindHttp", signed: "kindSigned", cli: "kindCli" };

function write() {
  const [values, chosen] = [filled(), settings()];
  modules.forEach((module, i) => {
    const panel = document.getElementById(`panel-${NAMES[i]}`);
    panel.querySelector("code").textContent = module.sample(operation, values, chosen);
    const exact = module.kind(operation, chosen);
    const kind = KINDS[exact];
    const lines = environment(exact, operation, chosen, {
      ak: form.dataset.yourAk,
      sk: form.dataset.yourSk,
      token: form.dataset.yourToken,
    });
    panel.querySelector("[data-environment]").hidden = !lines;
    panel.querySelector("[data-environment] pre").textContent = lines;
    panel.querySelector("[data-kind]").textContent = message(
      kind === KINDS.http && operation.anonymous ? "kindFree" : kind,
      NAMES[i],
    );
  });
}

const tabs = [...document.querySelectorAll("[data-sample]")];
function choose(tab, focus) {
  select(tabs, tab, focus);
  localStorage.setItem("sample", tab.dataset.sample);
  // Package and region change only the samples of an SDK.
  const module = modules[NAMES.indexOf(tab.dataset.sample)];
  const kinds = PACKAGES.map((name) => sdk(operation, { package: name }) && module.kind(operation, { package: name }));
  document.getElementById("sdk-settings").hidden = !kinds.some((kind) => kind === "sdk" || kind === "untried");
}
operate(tabs, choose);
start();

// The address contains the form values, so that users can copy and bookmark it.
const SECRET = /token|secret|password/i;
function link() {
  const url = new URL(location.pathname, location.origin);
  for (const [name, field] of fields) if (field.value && !SECRET.test(name)) url.searchParams.set(name, field.value);
  for (const [name, value] of bodyPart.linked()) url.searchParams.set(name, value);
  return url;
}

// Saves the form: the address and the body for going back, the address for signing in and for changing the
// language.
function save() {
  const typed = bodyPart.box?.value ?? "";
  const url = link();
  history.replaceState(hasSecret(typed) ? null : { body: typed }, "", url);
  // The server adds the path that it has behind a reverse proxy.
  const { base } = document.documentElement.dataset;
  const here = (url.pathname.startsWith(`${base}/`) ? url.pathname.slice(base.length) : url.pathname) + url.search;
  for (const next of document.querySelectorAll("input[name=next]")) next.value = here;
  for (const way of document.querySelectorAll("a[data-sign-in]"))
    way.href = `${base}/sign-in?next=${encodeURIComponent(here)}`;
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
  if (target.name || target === bodyPart.box || bodyPart.fields.has(target)) save();
  if (target.getAttribute("aria-invalid")) check(target);
});
// An error message moves the content below. While the pointer is pressed, wait, so that a button does not
// move away.
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
  button.addEventListener("click", () => copy(button, button.parentElement.querySelector("pre").textContent));
}
const copyLink = document.getElementById("copy-link");
copyLink.hidden = false;
copyLink.addEventListener("click", () => copy(copyLink, link().href));

// The credential.
const asKey = document.getElementById("as-key");
const keys = document.getElementById("keys-typed");
const showKeys = () => {
  if (keys) keys.hidden = !asKey.checked;
};
for (const radio of document.querySelectorAll("[data-as]")) radio.addEventListener("change", showKeys);
showKeys();

const callError = document.getElementById("call-wrong");
function showError(error) {
  callError.textContent = error;
  callError.hidden = !error;
  return Boolean(error);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = document.getElementById("send");
  // Keyboard shortcuts send as well. Allow only one call at a time.
  if (button.disabled) return;
  showError("");
  const [first] = check();
  if (first) return first.focus();
  const pair = asKey?.checked && {
    access: document.getElementById("ak").value.trim(),
    secret: document.getElementById("sk").value,
  };
  // With an access key, the checkbox is only required for writes, because a key has its own permissions.
  if (allow && !allow.checked && (operation.method !== "GET" || !pair))
    return showError(message("wrongWrites")) && allow.focus();
  if (pair && !(pair.access && pair.secret)) return showError(message("wrongKeys"));
  if (!pair && !operation.anonymous && form.dataset.signedIn !== "true") return showError(message("signIn"));
  button.disabled = true;
  showAnswer();
  try {
    await send(operation, shown(operation, filled()), body(operation, filled()), {
      pair,
      writes: Boolean(allow?.checked),
      message,
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
// For writes, the shortcut only moves the focus to the button.
key("s", () => (operation.method === "GET" ? form.requestSubmit() : document.getElementById("send").focus()));

try {
  [chosenPackage.value, region.value] = JSON.parse(localStorage.getItem("sdk")) ?? [chosenPackage.value, region.value];
} catch {
  // Stored by another version.
}
bodyPart.start(history.state?.body, () => {
  write();
  save();
});
document.getElementById("samples").hidden = false;
choose(tabs.find((tab) => tab.dataset.sample === localStorage.getItem("sample")) ?? tabs[0]);
write();
// Values from the address are validated at once; empty fields only when the form is sent.
for (const field of [...fields.values(), ...bodyPart.fields.keys()]) if (field.value) check(field);
document.getElementById("send").disabled = false;
