// The form for rejected signatures: it takes a captured request, or its Authorization header if the server
// has a record of it.

import { authorization, parse } from "./capture.js";
import { NoToken, token } from "./token.js";

const at = (id) => document.getElementById(id);
const form = at("explain");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  at("explained-more").hidden = true;
  at("explained").textContent = "";
  const text = at("explain-request").value;
  const alone = authorization(text);
  const request = parse(text) ?? (alone && { headers: [["Authorization", alone]] });
  if (!request) {
    at("explained").textContent = form.dataset.incomplete;
    return;
  }
  try {
    // The server explains a key only to users who may change it, so the token has all permissions of the
    // user.
    const sessionToken = await token(true, form.dataset.signIn);
    const response = await fetch(`${document.documentElement.dataset.base}/native/v1/signature-explanations`, {
      method: "POST",
      credentials: "omit",
      headers: {
        "Content-Type": "application/json",
        "X-Auth-Token": sessionToken,
        "Accept-Language": document.documentElement.lang,
      },
      body: JSON.stringify(request),
    });
    show(await response.json(), alone && !request.method);
  } catch (error) {
    at("explained").textContent =
      error instanceof NoToken ? error.message : form.dataset.unreachable.replace("{0}", () => error.message);
  }
});

function show(result, alone) {
  if (!result.findings) {
    // Without a record of the signature, the whole request is required.
    const notRecorded = alone && result.field === "method";
    at("explained").textContent = notRecorded
      ? form.dataset.forgotten
      : `${result.code ?? ""} ${result.detail ?? result.title ?? ""}`;
    return;
  }
  at("explained-more").hidden = false;
  at("explained-findings").replaceChildren(
    ...result.findings.map(({ code, text }) => {
      const item = document.createElement("li");
      item.append(Object.assign(document.createElement("code"), { textContent: code }), ` ${text}`);
      return item;
    }),
  );
  const line = result.difference?.line;
  showRequest(at("explained-yours"), result.signer_canonical_request, line);
  showRequest(at("explained-servers"), result.canonical_request, line);
}

// Shows a canonical request with the first different line marked.
function showRequest(output, text, line) {
  output.parentElement.hidden = !text;
  const lines = (text ?? "")
    .split("\n")
    .map((content, i) =>
      i + 1 === line ? Object.assign(document.createElement("mark"), { textContent: content || " " }) : content,
    );
  output.replaceChildren(...lines.flatMap((content) => [content, "\n"]));
}
