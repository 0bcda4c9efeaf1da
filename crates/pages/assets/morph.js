// Makes what is shown like what the server sent, and keeps what the reader has: focus, selection, open details, scroll.

const key = (node) => node.id || node.dataset?.key;

/**
 * `held(list)` says of a list with `data-hold` whether its rows must stay where they are. Answers
 * `{ held, fresh, left }`: whether a list was held though it should move, how many rows a list with `data-fixed` did not take, and those
 * of its rows that the server sends no more.
 */
export function morph(from, to, held = () => false) {
  const told = { held: false, fresh: 0, left: [] };
  const focus = from.ownerDocument.activeElement;
  node(from, to);
  if (focus?.isConnected && focus !== from.ownerDocument.activeElement) focus.focus({ preventScroll: true });
  return told;

  function node(from, to) {
    // The pill says what was not taken: that is the script's own.
    if (from.isEqualNode(to) || from.dataset?.pill !== undefined) return;
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
    // An empty list takes its first rows.
    const fixed = from.hasAttribute("data-fixed") && known.size > 0;
    if (fixed || (from.hasAttribute("data-hold") && held(from))) {
      let seen = false;
      for (const next of to.children) {
        const same = known.get(key(next));
        seen ||= !!same;
        known.delete(key(next));
        if (same) node(same, next);
        else if (!fixed) from.append(copy(next));
        else if (!seen) told.fresh++;
      }
      if (fixed) told.left.push(...known.values());
      told.held ||= !fixed;
      return;
    }
    let at = from.firstChild;
    for (const next of to.childNodes) {
      const name = key(next);
      let same = name ? known.get(name) : at;
      // What has a key is not used for anything else.
      while (!name && same && key(same)) same = same.nextSibling;
      if (same?.nodeName !== next.nodeName) same = undefined;
      if (same === at && at) at = at.nextSibling;
      else from.insertBefore(same ?? copy(next), at);
      if (same) node(same, next);
    }
    while (at) {
      const gone = at;
      at = at.nextSibling;
      gone.remove();
    }
  }

  function copy(node) {
    return from.ownerDocument.importNode(node, true);
  }
}
