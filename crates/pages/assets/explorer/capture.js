// Parses a captured request: raw HTTP, or the output of `curl -v`.

const START = /^([A-Z]+) (\S+)(?: HTTP\/[\d.]+)?$/;

// Method, target, headers and body; null without a complete request with an Authorization header.
export function parse(text) {
  let lines = text.replace(/\r\n?/g, "\n").split("\n");
  // curl marks the lines of the request with '>'.
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

/** The value of the Authorization header, if the text is only that header; else null. */
export function authorization(text) {
  const found =
    /^\s*(?:>\s*)?(?:-H\s+['"]?)?(?:authorization\s*:\s*)?((?:V11-HMAC-SHA256|SDK-[A-Z0-9-]+)\s+(?:Access|Credential)=[^\r\n]*?)['"]?\s*$/i.exec(
      text,
    );
  return found?.[1] ?? null;
}
