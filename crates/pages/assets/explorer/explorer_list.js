// The list of operations narrows as one types.

const search = document.getElementById("operations-q");
const items = [...document.querySelectorAll(".operations li")].map((item) => [item, item.textContent.toLowerCase()]);

function narrow() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const [item, text] of items) item.hidden = !words.every((word) => text.includes(word));
  for (const group of document.querySelectorAll(".operations, .dialect"))
    group.hidden = !group.querySelector("li:not([hidden])");
  document.getElementById("operations-none").hidden = items.some(([item]) => !item.hidden);
}
// What the server did not send cannot be shown again: then its search answers.
if (!new URLSearchParams(location.search).get("q")) search.addEventListener("input", narrow);
