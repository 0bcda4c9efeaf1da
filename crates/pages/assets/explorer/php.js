// PHP: the official SDK, else its own curl.

import { STORED, bodyFields, camel, pascal, sdk } from "./sdk.js";
import { lines, php as quote } from "./quote.js";
import { address, credential, headers, printed, printedBody, target } from "./request.js";

export function kind(operation, settings) {
  return sdk(operation, settings) ? "untried" : "http";
}

export function sample(operation, filled, settings) {
  const call = sdk(operation, settings);
  return call ? withSdk(call, operation, filled, settings) : plain(operation, filled, settings);
}

function value(field) {
  if (field.value === null) return field.type === "integer" || field.type === "boolean" ? `{${field.name}}` : `'{${field.name}}'`;
  return typeof field.value === "string" ? quote(field.value) : String(field.value);
}

function withSdk(call, operation, filled, settings) {
  const { client, name } = call;
  const root = `HuaweiCloud\\SDK\\${client}\\${call.version.toUpperCase()}`;
  const set = (fields, on) => fields.map((f) => `$${on}->set${pascal(f.name)}(${value(f)});\n`).join("");
  const fields = bodyFields(call, printedBody(operation, filled));
  const body = fields ? `$body = new ${call.body.type}();\n${set(fields, "body")}$request->setBody($body);\n` : "";
  return `<?php

require_once 'vendor/autoload.php';

use HuaweiCloud\\SDK\\Core\\Auth\\BasicCredentials;
use HuaweiCloud\\SDK\\Core\\Exceptions\\ConnectionException;
use HuaweiCloud\\SDK\\Core\\Exceptions\\RequestTimeoutException;
use HuaweiCloud\\SDK\\Core\\Exceptions\\ServiceResponseException;
use HuaweiCloud\\SDK\\Core\\Http\\HttpConfig;
use ${root}\\${client}Client;
use ${root}\\Model\\${name}Request;
${fields ? `use ${root}\\Model\\${call.body.type};\n` : ""}
${STORED.map((line) => `// ${line}\n`).join("")}$ak = getenv('CLOUD_SDK_AK');
$sk = getenv('CLOUD_SDK_SK');
// Any project id will do here.
$projectId = '0123456789abcdef0123456789abcdef';

$client = ${client}Client::newBuilder()
    ->withHttpConfig(HttpConfig::getDefaultConfig())
    ->withEndpoint(${quote(settings.base)})
    ->withCredentials(new BasicCredentials($ak, $sk, $projectId))
    ->build();
$request = new ${name}Request();
${set(printed(operation, filled), "request")}${body}try {
    $response = $client->${camel(name[0].toLowerCase() + name.slice(1))}($request);
    echo $response;
} catch (ConnectionException | RequestTimeoutException $e) {
    echo $e->getMessage(), "\\n";
} catch (ServiceResponseException $e) {
    echo $e->getHttpStatusCode(), "\\n";
    echo $e->getRequestId(), "\\n";
    echo $e->getErrorCode(), "\\n";
    echo $e->getErrorMsg(), "\\n";
}
`;
}

function plain(operation, filled, settings) {
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
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_HTTPHEADER => [
${all.join("")}    ],
${body === null ? "" : `    CURLOPT_POSTFIELDS => ${lines(body, quote, "\n        . ")},\n`}]);
$answer = curl_exec($curl);
echo curl_getinfo($curl, CURLINFO_RESPONSE_CODE), "\\n";
echo $answer, "\\n";
`;
}
