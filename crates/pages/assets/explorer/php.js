// PHP: the curl extension. The official SDK does not sign JSON bodies, which this server rejects. The files of
// three operations have syntax errors, and versions since 3.1.182 do not have these operations.

import { lines, php as quote } from "./quote.js";
import { address, credential, headers, printed, printedBody, target } from "./request.js";

export const kind = () => "http";

export function sample(operation, filled, settings) {
  const parameters = printed(operation, filled);
  const url = settings.base + target(address(operation, parameters));
  const token = credential(operation);
  const body = printedBody(operation, filled);
  const all = headers(parameters).map(([name, text]) => `        ${quote(`${name}: ${text}`)},\n`);
  if (token) all.push(`        '${token}: ' . getenv('TOKEN'),\n`);
  if (body !== null) all.push(`        ${quote(`Content-Type: ${operation.body.type}`)},\n`);
  return `<?php

$curl = curl_init(${quote(url)});
curl_setopt_array($curl, [
    CURLOPT_CUSTOMREQUEST => '${operation.method}',
${operation.streams ? "" : "    CURLOPT_RETURNTRANSFER => true,\n"}    CURLOPT_HTTPHEADER => [
${all.join("")}    ],
${body === null ? "" : `    CURLOPT_POSTFIELDS => ${lines(body, quote, "\n        . ")},\n`}]);
$answer = curl_exec($curl);
if ($answer === false) {
    exit(curl_error($curl) . "\\n");
}
echo curl_getinfo($curl, CURLINFO_RESPONSE_CODE), "\\n";
${operation.streams ? "" : 'echo $answer, "\\n";\n'}`;
}
