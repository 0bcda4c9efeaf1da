// curl with a signature: a script for bash and openssl.

import { sample as withToken } from "./curl.js";
import { shell as quote } from "./quote.js";
import { address, endpoint, headers, printed, printedBody, signable } from "./request.js";

export const kind = (operation) => (signable(operation) ? "signed" : "http");

export function sample(operation, filled, settings) {
  if (!signable(operation)) {
    const why = operation.anonymous
      ? "This call needs no credential."
      : "Calls of the GitLab API are not signed: it takes a token.";
    return `# ${why}\n${withToken(operation, filled, settings)}`;
  }
  const parameters = printed(operation, filled);
  const { path, query } = address(operation, parameters);
  const body = printedBody(operation, filled);
  const signed = [
    ["host", "$host"],
    ["x-sdk-date", "$date"],
  ];
  if (body !== null) signed.push(["content-type", operation.body.type]);
  signed.sort(([a], [b]) => (a < b ? -1 : 1));
  const words = ['curl -X "$method"', '-H "X-Sdk-Date: $date"', '-H "Authorization: $authorization"'];
  for (const [name, text] of headers(parameters)) words.push(`-H ${quote(`${name}: ${text}`)}`);
  if (body !== null) words.push(`-H ${quote(`Content-Type: ${operation.body.type}`)}`, '--data-raw "$body"');
  words.push((operation.streams ? "-N " : "") + '-g "$base$path${query:+?$query}"');
  return `#!/usr/bin/env bash
# Signs a request with SDK-HMAC-SHA256 and sends it. The access key is in the environment: CLOUD_SDK_AK and CLOUD_SDK_SK.
set -euo pipefail

base=${quote(endpoint(settings))}
method=${operation.method}
# Path and query are percent-encoded, the parameters of the query in order of their names.
path=${quote(settings.base.slice(endpoint(settings).length) + path)}
query=${quote(sorted(query)) || "''"}
body=${body === null ? "''" : quote(body)}

host=\${base#*://}
date=$(date -u +%Y%m%dT%H%M%SZ)
hash() { openssl dgst -sha256 "$@" | sed 's/^.* //'; }

canonical_request="$method
\${path%/}/
$query
${signed.map(([name, text]) => `${name}:${text}\n`).join("")}
${signed.map(([name]) => name).join(";")}
$(printf %s "$body" | hash)"
string_to_sign="SDK-HMAC-SHA256
$date
$(printf %s "$canonical_request" | hash)"
# Other users of this machine may see the secret key while openssl runs, as an argument of it.
signature=$(printf %s "$string_to_sign" | hash -hmac "$CLOUD_SDK_SK")
authorization="SDK-HMAC-SHA256 Access=$CLOUD_SDK_AK, SignedHeaders=${signed.map(([name]) => name).join(";")}, Signature=$signature"

${words.join(" \\\n  ")}
`;
}

// By name, then by value, as they are before they are encoded: what is encoded sorts the same but for '{'.
export const sorted = (query) =>
  query
    ? query
        .split("&")
        .map((pair) => [pair.replace("=", "\0"), pair])
        .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
        .map(([, pair]) => pair)
        .join("&")
    : "";
