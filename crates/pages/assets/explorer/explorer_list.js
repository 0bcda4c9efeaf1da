// Filters the list of operations while the user types.

const search = document.getElementById("operations-q");
const items = [...document.querySelectorAll(".operations li")].map((item) => [item, item.textContent.toLowerCase()]);

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const [item, text] of items) item.hidden = !words.every((word) => text.includes(word));
  for (const group of document.querySelectorAll(".operations, .dialect"))
    group.hidden = !group.querySelector("li:not([hidden])");
  document.getElementById("operations-none").hidden = items.some(([item]) => !item.hidden);
}
// If the server filtered the list, the other operations are not in the page; then the search is sent to the
// server.
if (!new URLSearchParams(location.search).get("q")) search.addEventListener("input", filter);
