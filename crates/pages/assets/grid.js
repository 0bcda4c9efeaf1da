// A grid of links, or a row of them, is one stop of the Tab key: arrow keys move within. A line says what the cell
// under the pointer or the focus shows.

/** The nearest position with a link from `at` on in this direction; -1 if there is none. */
export function nearest(links, at, step) {
  let found = at;
  while (found >= 0 && found < links.length && !links[found]) found += step;
  return found < links.length ? found : -1;
}

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/** The links of each row with cells; `undefined` for an empty cell. */
const linksOf = (grid) =>
  grid.matches("table")
    ? [...grid.tBodies].flatMap((body) => [...body.rows].filter((row) => row.cells.length > 1).map(linksOfRow))
    : [[...grid.querySelectorAll("a")]];
const linksOfRow = (row) => [...row.cells].slice(1).map((cell) => cell.firstElementChild ?? undefined);

function target(grid, link, { key, ctrlKey }) {
  const rows = linksOf(grid);
  const y = rows.findIndex((row) => row.includes(link));
  const x = rows[y].indexOf(link);
  const column = () => rows.map((row) => row[x]);
  if (key === "Home" || key === "End") {
    const row = ctrlKey ? rows.at(key === "Home" ? 0 : -1) : rows[y];
    return row[key === "Home" ? nearest(row, 0, 1) : nearest(row, row.length - 1, -1)];
  }
  const [down, right] = STEPS[key] ?? [0, 0];
  if (right) return rows[y][nearest(rows[y], x + right, right)];
  if (down) return column()[nearest(column(), y + down, down)];
}

function rove(grid) {
  let current;
  const choose = (link) => {
    if (current && current !== link) current.tabIndex = -1;
    current = link;
    if (link && link.tabIndex !== 0) link.tabIndex = 0;
  };
  const links = () => linksOf(grid).flat().filter(Boolean);
  const first = () => links()[0];
  // Without this script, the Tab key reaches every link. An update of the page has the attribute.
  for (const link of links()) link.tabIndex = -1;
  choose(first());
  grid.addEventListener("focusin", ({ target: link }) => link.matches("td a, svg a") && choose(link));
  grid.addEventListener("keydown", (event) => {
    const link = event.target.closest("td a, svg a");
    if (!link || event.altKey || event.metaKey) return;
    const next = target(grid, link, event);
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
  // An update of the page changes the attribute, and perhaps removes the link.
  new MutationObserver(() => choose(current?.isConnected ? current : first())).observe(grid, {
    subtree: true,
    childList: true,
    attributeFilter: ["tabindex"],
  });
}

/** What a cell shows: stage, job, pipeline and the title of its link. */
export function describe(cell) {
  const { parentElement: row, cellIndex } = cell;
  const stage = row.parentElement.rows[0].textContent.trim();
  const job = row.cells[0].querySelector("a").title;
  const column = cell.closest("table").tHead.rows[0].cells[cellIndex].title;
  return [`${stage} / ${job}`, column, cell.firstElementChild?.title].filter(Boolean).join(" · ");
}

function read(table, line) {
  line.hidden = false;
  const show = ({ target }) => {
    const cell = target.closest("td");
    if (cell) line.textContent = describe(cell);
  };
  table.addEventListener("pointerover", show);
  table.addEventListener("focusin", show);
}

const known = new WeakSet();

/** Begins with the grids of the page. An update of an empty page adds one. */
function begin(main) {
  for (const grid of main.querySelectorAll("[data-roving]")) {
    if (known.has(grid)) continue;
    known.add(grid);
    rove(grid);
    const line = main.querySelector(".readout");
    if (line && grid.matches(".matrix table")) read(grid, line);
  }
}

const main = globalThis.document?.querySelector("main");
if (main) {
  begin(main);
  new MutationObserver(() => begin(main)).observe(main, { childList: true, subtree: true });
}
