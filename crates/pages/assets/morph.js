// Changes the page to what the server sent, and keeps the state of the user: focus, selection, open details,
// scroll position.

const key = (node) => node.id || node.dataset?.key;

/**
 * `held(list)` returns whether the rows of a list with `data-hold` must keep their positions. Returns `{ held,
 * fresh, left }`: whether the update of a list was held back, the number of new rows that a list with
 * `data-fixed` did not add, and the rows of that list that the server no longer sends.
 */
export function morph(from, to, held = () => false) {
  const result = { held: false, fresh: 0, left: [] };
  const focus = from.ownerDocument.activeElement;
  node(from, to);
  if (focus?.isConnected && focus !== from.ownerDocument.activeElement) focus.focus({ preventScroll: true });
  return result;

  function node(from, to) {
    // The script itself sets the text of the pill, and of an element with `data-keep`.
    if (from.isEqualNode(to) || from.dataset?.pill !== undefined || from.dataset?.keep !== undefined) return;
    if (from.nodeType !== 1) {
      from.data = to.data;
      return;
    }
    for (const { name, value } of to.attributes)
      if (from.getAttribute(name) !== value && name !== "open") from.setAttribute(name, value);
    for (const { name } of [...from.attributes])
      if (!to.hasAttribute(name) && name !== "open") from.removeAttribute(name);
    children(from, to);
  }

  function children(from, to) {
    const known = new Map();
    for (const child of from.children) if (key(child)) known.set(key(child), child);
    // An empty list adds its first rows.
    const fixed = from.hasAttribute("data-fixed") && known.size > 0;
    if (fixed || (from.hasAttribute("data-hold") && held(from))) {
      let seen = false;
      for (const next of to.children) {
        const same = known.get(key(next));
        seen ||= !!same;
        known.delete(key(next));
        if (same) node(same, next);
        else if (!fixed) from.append(copy(next));
        else if (!seen) result.fresh++;
      }
      if (fixed) result.left.push(...known.values());
      result.held ||= !fixed;
      return;
    }
    let at = from.firstChild;
    for (const next of to.childNodes) {
      const name = key(next);
      let same = name ? known.get(name) : at;
      // An element with a key is not reused for another element.
      while (!name && same && key(same)) same = same.nextSibling;
      if (same?.nodeName !== next.nodeName) same = undefined;
      if (same === at && at) at = at.nextSibling;
      else from.insertBefore(same ?? copy(next), at);
      if (same) node(same, next);
    }
    while (at) {
      const removed = at;
      at = at.nextSibling;
      removed.remove();
    }
  }

  function copy(node) {
    return from.ownerDocument.importNode(node, true);
  }
}
