// The list of operations narrows as one types; and the box for a signature that does not fit.

import { key } from "./app.js";
import { parse } from "./capture.js";

const search = document.getElementById("operations-q");
const items = [...document.querySelectorAll(".operations li")].map((item) => [item, item.textContent.toLowerCase()]);

function narrow() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const [item, text] of items) item.hidden = !words.every((word) => text.includes(word));
  for (const group of document.querySelectorAll(".operations, .dialect")) group.hidden = !group.querySelector("li:not([hidden])");
  document.getElementById("operations-none").hidden = items.some(([item]) => !item.hidden);
}
// What the server did not send cannot be shown again: then its search answers.
if (!new URLSearchParams(location.search).get("q")) search.addEventListener("input", narrow);
key("/", () => search.focus());

const form = document.getElementById("explain");
const at = (id) => document.getElementById(id);

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  at("explained-more").hidden = true;
  const request = parse(at("explain-request").value);
  if (!request) return (at("explained").textContent = form.dataset.incomplete);
  try {
    const minted = await fetch("/explorer/token", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: '{"writes":false}',
    });
    const { token, detail } = await minted.json();
    if (!token) throw new Error(detail ?? minted.status);
    const answer = await fetch("/native/v1/signature-explanations", {
      method: "POST",
      credentials: "omit",
      headers: { "Content-Type": "application/json", "X-Auth-Token": token, "Accept-Language": document.documentElement.lang },
      body: JSON.stringify(request),
    });
    show(await answer.json());
  } catch (error) {
    at("explained").textContent = form.dataset.unreachable.replace("{0}", () => error.message);
  }
});

function show(told) {
  at("explained").textContent = told.findings ? "" : `${told.code ?? ""} ${told.detail ?? told.title ?? ""}`;
  if (!told.findings) return;
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
  const lines = (text ?? "").split("\n").map((content, i) => (i + 1 === line ? Object.assign(document.createElement("mark"), { textContent: content || " " }) : content));
  place.replaceChildren(...lines.flatMap((content) => [content, "\n"]));
}
