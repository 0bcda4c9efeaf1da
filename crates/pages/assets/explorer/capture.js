// A request as it was captured: raw HTTP, or what `curl -v` prints.

const START = /^([A-Z]+) (\S+)(?: HTTP\/[\d.]+)?$/;

// Method, target, headers and body; null where there is no whole request with its Authorization.
export function parse(text) {
  let lines = text.replace(/\r\n?/g, "\n").split("\n");
  // curl marks what it sends with '>', and says other things between.
  if (lines.some((line) => /^> [A-Z]+ \S+ HTTP\//.test(line))) {
    lines = lines.filter((line) => /^>( |$)/.test(line)).map((line) => line.slice(2));
  }
  while (lines.length && !lines[0].trim()) lines.shift();
  const start = START.exec((lines.shift() ?? "").trim());
  if (!start) return null;
  const headers = [];
  while (lines.length && lines[0].trim()) {
    const header = /^([^:\s]+):[ \t]*(.*?)[ \t]*$/.exec(lines.shift());
    if (!header) return null;
    headers.push([header[1], header[2]]);
  }
  if (!headers.some(([name]) => name.toLowerCase() === "authorization")) return null;
  lines.shift();
  const body = lines.join("\n");
  return {
    method: start[1],
    target: start[2].replace(/^https?:\/\/[^/]+/, "") || "/",
    headers,
    ...(body.trim() ? { body } : {}),
  };
}

/** What stands after `Authorization:` where nothing but that was pasted; null where it is something else. */
export function authorization(text) {
  const found =
    /^\s*(?:>\s*)?(?:-H\s+['"]?)?(?:authorization\s*:\s*)?((?:V11-HMAC-SHA256|SDK-[A-Z0-9-]+)\s+(?:Access|Credential)=[^\r\n]*?)['"]?\s*$/i.exec(
      text,
    );
  return found?.[1] ?? null;
}
