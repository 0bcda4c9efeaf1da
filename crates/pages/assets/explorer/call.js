// The call itself: a token or a signature for it, then what came back.

import { address, credential, headers as parameterHeaders, target, printed as withoutSecrets } from "./request.js";
import { sdkDate, sign } from "./signing.js";
import { forget, NoToken, token } from "./token.js";

const MOST = 1 << 20;
const STREAM_MS = 10_000;
const at = (id) => document.getElementById(id);

export async function send(operation, parameters, body, { pair, writes, say, link }) {
  const where = target(address(operation, parameters));
  const headers = parameterHeaders(parameters);
  headers.push(["Accept-Language", document.documentElement.lang]);
  if (body !== null) headers.push(["Content-Type", operation.body.type]);
  const status = at("answer-status");
  status.textContent = say("sending");
  at("answer").hidden = at("steps").hidden = true;
  let began;
  try {
    if (pair) headers.push(...signed(operation, where, headers, body, pair));
    else if (credential(operation)) headers.push([credential(operation), await token(writes, say("signIn"))]);
    began = performance.now();
    const response = await fetch(where, {
      method: operation.method,
      headers,
      body: body ?? undefined,
      credentials: "omit",
      redirect: "manual",
    });
    const ms = Math.round(performance.now() - began);
    if (response.status === 401 && !pair) forget();
    show(response, ms, say);
    const place = at("answer-body");
    place.textContent = "";
    const { text, cut } = await read(response, (text) => {
      if (operation.streams) place.textContent = text;
    });
    const kind = response.headers.get("Content-Type") ?? "";
    place.textContent = (text ? pretty(text, kind) : say("noBody")) + (cut ? `\n${say("cutOff")}` : "");
    explain(response.ok ? null : codeOf(text));
    remember(operation, parameters, response.status, ms, link);
  } catch (error) {
    status.textContent = say(error instanceof NoToken ? "failed" : "unreachable", error.message);
  }
}

function signed(operation, where, headers, body, { access, secret }) {
  // The browser adds Host by itself, as it stands in the address. Accept-Language may be changed on the way.
  const request = {
    method: operation.method,
    target: where,
    body,
    headers: [["Host", location.host], ...headers.filter(([name]) => name !== "Accept-Language")],
  };
  const steps = sign(request, access, secret, sdkDate(new Date()));
  at("step-canonical").textContent = steps.canonicalRequest;
  at("step-string").textContent = steps.stringToSign;
  at("step-signature").textContent = steps.signature;
  at("step-authorization").textContent = steps.authorization;
  at("steps").hidden = false;
  return [
    ["X-Sdk-Date", steps.date],
    ["Authorization", steps.authorization],
  ];
}

// The body as text, as far as it is worth showing: a stream of events has no end.
async function read(response, came) {
  const reader = response.body?.getReader();
  if (!reader) return { text: "", cut: false };
  const decoder = new TextDecoder();
  let text = "";
  let cut = false;
  const stop = setTimeout(() => {
    cut = true;
    reader.cancel();
  }, STREAM_MS);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
      came(text);
      if (text.length > MOST) {
        cut = true;
        await reader.cancel();
      }
    }
  } catch {
    // What came stays.
    cut = true;
  } finally {
    clearTimeout(stop);
  }
  return { text: text.slice(0, MOST), cut };
}

// Written by hand as it came: numbers and the order of keys stay.
function pretty(text, kind) {
  if (!/[/+]json/.test(kind)) return text;
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  let out = "";
  let depth = 0;
  for (const [piece] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s"[\]{},:]+/g)) {
    const line = () => "\n" + "  ".repeat(depth);
    if ("[{".includes(piece)) {
      depth++;
      out += piece + line();
    } else if ("]}".includes(piece)) {
      depth--;
      out = /[[{]\s*$/.test(out) ? out.trimEnd() + piece : out + line() + piece;
    } else out += piece === "," ? piece + line() : piece === ":" ? ": " : piece;
  }
  return out;
}

function show(response, ms, say) {
  at("answer").hidden = false;
  at("answer-status").textContent = [
    `HTTP ${response.status}`,
    say("milliseconds", ms),
    ...["X-Total", "X-Request-Id"].map(
      (name) => response.headers.get(name) && `${name}: ${response.headers.get(name)}`,
    ),
  ]
    .filter(Boolean)
    .join(" · ");
  at("answer-headers").textContent = [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  explain(null);
}

// The code of an error, in whichever dialect.
function codeOf(text) {
  try {
    const said = JSON.parse(text);
    return said.error_code ?? said.code ?? said.error?.code ?? null;
  } catch {
    return null;
  }
}

function explain(code) {
  const place = at("answer-error");
  const known = [...at("errors").content.querySelectorAll("[data-code]")].find((entry) => entry.dataset.code === code);
  place.hidden = !known;
  place.replaceChildren(
    ...(known ? [Object.assign(document.createElement("strong"), { textContent: code }), known.cloneNode(true)] : []),
  );
}

// The calls of this tab, the newest first, without bodies and secrets.
const KEPT = 20;

function remember(operation, parameters, status, ms, link) {
  const path = target(
    address(
      operation,
      withoutSecrets(operation, { parameters: Object.fromEntries(parameters.map((p) => [p.name, String(p.value)])) }),
    ),
  );
  const all = [{ at: Date.now(), method: operation.method, path, status, ms, link }, ...remembered()].slice(0, KEPT);
  sessionStorage.setItem("calls", JSON.stringify(all));
  list(all);
}

function remembered() {
  try {
    return JSON.parse(sessionStorage.getItem("calls")) ?? [];
  } catch {
    return [];
  }
}

function list(calls) {
  at("history").hidden = !calls.length;
  at("history-list").replaceChildren(
    ...calls.map((call) => {
      const item = document.createElement("li");
      const again = Object.assign(document.createElement("a"), {
        href: call.link,
        textContent: `${call.method} ${call.path}`,
      });
      item.append(
        again,
        ` ${call.status} · ${call.ms} ms · ${new Date(call.at).toLocaleTimeString(document.documentElement.lang)}`,
      );
      return item;
    }),
  );
}
list(remembered());
