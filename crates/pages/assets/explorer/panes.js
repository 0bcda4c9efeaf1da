// The panes of an operation's page: the response and the sample code, as tabs.

const panes = [...document.querySelectorAll("[data-pane]")];
const list = document.getElementById("operations-list");
const results = document.getElementById("results");
// On such screens the panes are below each other.
const narrow = matchMedia("(max-width: 860px)");

/** Selects a tab of a list: shows its panel and hides the others. */
export function select(tabs, tab, focus) {
  for (const other of tabs) {
    const here = other === tab;
    other.setAttribute("aria-selected", here);
    other.tabIndex = here ? 0 : -1;
    document.getElementById(other.getAttribute("aria-controls")).hidden = !here;
  }
  if (focus) tab.focus();
}

/** Selects tabs by a click and by the arrow keys; `choose(tab, focus)` selects one. */
export function operate(tabs, choose) {
  for (const [i, tab] of tabs.entries()) {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", ({ key: pressed }) => {
      const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: -1 }[pressed];
      if (to !== undefined) choose(tabs.at(to % tabs.length), true);
    });
  }
}

/** Shows the response. On a narrow screen, scrolls to it and moves the focus. */
export function showAnswer() {
  select(panes, document.getElementById("tab-answer"));
  if (!narrow.matches) return;
  results.scrollIntoView({ block: "start" });
  document.getElementById("answer-title").focus({ preventScroll: true });
}

export function start() {
  for (const { id, attributes } of panes) {
    const panel = document.getElementById(attributes["aria-controls"].value);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", id);
  }
  document.getElementById("panes").hidden = false;
  operate(panes, (tab, focus) => select(panes, tab, focus));
  select(panes, document.getElementById("tab-code"));
  const fold = () => (list.open = !narrow.matches);
  narrow.addEventListener("change", fold);
  fold();
  const current = list.querySelector("[aria-current]");
  if (current && list.open) list.scrollTop = current.offsetTop - list.clientHeight / 2;
}
