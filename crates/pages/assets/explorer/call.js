// Sends a call with a token or a signature, and shows the response.

import { showTimes } from "./app.js";
import { address, credential, headers as parameterHeaders, target, printed as withoutSecrets } from "./request.js";
import { sdkDate, sign } from "./signing.js";
import { absolute } from "./times.js";
import { forget, NoToken, token } from "./token.js";

const TEXT_MAX = 1 << 20; // characters that are shown
const STREAM_MS = 10_000; // a response is read for at most this time
const at = (id) => document.getElementById(id);

export async function send(operation, parameters, body, { pair, writes, message, link }) {
  const requestTarget = document.documentElement.dataset.base + target(address(operation, parameters));
  const headers = parameterHeaders(parameters);
  headers.push(["Accept-Language", document.documentElement.lang]);
  if (body !== null) headers.push(["Content-Type", operation.body.type]);
  const status = at("answer-status");
  status.textContent = message("sending");
  at("answer").hidden = at("steps").hidden = at("explain-call").hidden = true;
  let began;
  try {
    if (pair) headers.push(...signed(operation, requestTarget, headers, body, pair));
    else if (credential(operation)) headers.push([credential(operation), await token(writes, message("signIn"))]);
    began = performance.now();
    const response = await fetch(requestTarget, {
      method: operation.method,
      headers,
      body: body ?? undefined,
      credentials: "omit",
      redirect: "manual",
    });
    const ms = Math.round(performance.now() - began);
    if (response.status === 401 && !pair) forget();
    show(response, ms, message);
    const output = at("answer-body");
    output.textContent = "";
    const { text, cut } = await read(response, (text) => {
      if (operation.streams) output.textContent = text;
    });
    const kind = response.headers.get("Content-Type") ?? "";
    output.textContent = (text ? pretty(text, kind) : message("noBody")) + (cut ? `\n${message("cutOff")}` : "");
    explain(response.ok ? null : codeOf(text));
    offerExplanation(response, pair);
    remember(operation, parameters, response.status, ms, link);
  } catch (error) {
    status.textContent = message(error instanceof NoToken ? "failed" : "unreachable", error.message);
  }
}

function signed(operation, requestTarget, headers, body, { access, secret }) {
  // The browser adds Host from the address. Proxies may change Accept-Language, so it is not signed.
  const request = {
    method: operation.method,
    target: requestTarget,
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

// Reads the body as text, up to the limits of size and time, because an event stream has no end.
async function read(response, onText) {
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
      onText(text);
      if (text.length > TEXT_MAX) {
        cut = true;
        await reader.cancel();
      }
    }
  } catch {
    // Keep what was received.
    cut = true;
  } finally {
    clearTimeout(stop);
  }
  return { text: text.slice(0, TEXT_MAX), cut };
}

// Formats JSON without parsing its values, so that numbers and the order of keys do not change.
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

function show(response, ms, message) {
  at("answer").hidden = false;
  at("answer-status").textContent = [
    `HTTP ${response.status}`,
    message("milliseconds", ms),
    ...["X-Total", "X-Request-Id"].map(
      (name) => response.headers.get(name) && `${name}: ${response.headers.get(name)}`,
    ),
  ]
    .filter(Boolean)
    .join(" · ");
  at("answer-headers").textContent = [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  explain(null);
}

// The error code of a response, in any dialect.
function codeOf(text) {
  try {
    const error = JSON.parse(text);
    return error.error_code ?? error.code ?? error.error?.code ?? null;
  } catch {
    return null;
  }
}

function explain(code) {
  const panel = at("answer-error");
  const known = [...at("errors").content.querySelectorAll("[data-code]")].find((entry) => entry.dataset.code === code);
  panel.hidden = !known;
  panel.replaceChildren(
    ...(known ? [Object.assign(document.createElement("strong"), { textContent: code }), known.cloneNode(true)] : []),
  );
}

// For a failed call: compares a refused signature, else shows the errors of the status.
function offerExplanation(response, pair) {
  const refused = pair && response.status === 401 && at("explain-request");
  const errors = at(`status-${response.status}`);
  at("explain-call").hidden = response.ok || !(refused || errors);
  at("explain-call").firstElementChild.onclick = () => {
    if (refused) {
      at("explain-request").value = `Authorization: ${at("step-authorization").textContent}`;
      at("explain").requestSubmit();
      at("signature").scrollIntoView({ block: "start" });
      at("explain-request").focus({ preventScroll: true });
    } else {
      errors.open = true;
      errors.scrollIntoView({ block: "start" });
      errors.querySelector("summary").focus({ preventScroll: true });
    }
  };
}

// The calls of this tab, newest first, without bodies and secrets.
const HISTORY_MAX = 20;

function remember(operation, parameters, status, ms, link) {
  const path = target(
    address(
      operation,
      withoutSecrets(operation, { parameters: Object.fromEntries(parameters.map((p) => [p.name, String(p.value)])) }),
    ),
  );
  const all = [{ at: Date.now(), method: operation.method, path, status, ms, link }, ...remembered()].slice(
    0,
    HISTORY_MAX,
  );
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
      const link = Object.assign(document.createElement("a"), {
        href: call.link,
        textContent: `${call.method} ${call.path}`,
      });
      const time = Object.assign(document.createElement("time"), {
        dateTime: new Date(call.at).toISOString(),
        title: absolute(call.at, at("call").dataset.zone),
      });
      item.append(link, ` ${call.status} · ${call.ms} ms · `, time);
      return item;
    }),
  );
  showTimes(at("history-list"));
}
list(remembered());
