// curl with a token.

import { shell as quote } from "./quote.js";
import { address, credential, headers, printed, printedBody, target } from "./request.js";

export const kind = () => "http";

export function sample(operation, filled, settings) {
  const parameters = printed(operation, filled);
  const token = credential(operation);
  const body = printedBody(operation, filled);
  const words = [operation.method === "GET" ? "curl" : `curl -X ${operation.method}`];
  if (token) words.push(`-H "${token}: $TOKEN"`);
  for (const [name, text] of headers(parameters)) words.push(`-H ${quote(`${name}: ${text}`)}`);
  if (body !== null) words.push(`-H ${quote(`Content-Type: ${operation.body.type}`)}`, `--data-raw ${quote(body)}`);
  words.push(`${operation.streams ? "-N " : ""}-g ${quote(settings.base + target(address(operation, parameters)))}`);
  return words.join(" \\\n  ") + "\n";
}
