// The box for a signature that does not fit: a request as it was captured, or its Authorization alone where the server remembers it.

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
    // Of a key the server tells to who could also change it, so this token is no narrower than the person.
    const word = await token(true, form.dataset.signIn);
    const answer = await fetch("/native/v1/signature-explanations", {
      method: "POST",
      credentials: "omit",
      headers: {
        "Content-Type": "application/json",
        "X-Auth-Token": word,
        "Accept-Language": document.documentElement.lang,
      },
      body: JSON.stringify(request),
    });
    show(await answer.json(), alone && !request.method);
  } catch (error) {
    at("explained").textContent =
      error instanceof NoToken ? error.message : form.dataset.unreachable.replace("{0}", () => error.message);
  }
});

function show(told, alone) {
  if (!told.findings) {
    // Of one that is not remembered the rest is wanted.
    const forgotten = alone && told.field === "method";
    at("explained").textContent = forgotten
      ? form.dataset.forgotten
      : `${told.code ?? ""} ${told.detail ?? told.title ?? ""}`;
    return;
  }
  at("explained-more").hidden = false;
  at("explained-findings").replaceChildren(
    ...told.findings.map(({ code, text }) => {
      const item = document.createElement("li");
      item.append(Object.assign(document.createElement("code"), { textContent: code }), ` ${text}`);
      return item;
    }),
  );
  const line = told.difference?.line;
  marked(at("explained-yours"), told.signer_canonical_request, line);
  marked(at("explained-servers"), told.canonical_request, line);
}

// The first line that differs stands out.
function marked(place, text, line) {
  place.parentElement.hidden = !text;
  const lines = (text ?? "")
    .split("\n")
    .map((content, i) =>
      i + 1 === line ? Object.assign(document.createElement("mark"), { textContent: content || " " }) : content,
    );
  place.replaceChildren(...lines.flatMap((content) => [content, "\n"]));
}
