// Python: the official SDK as in the documentation, else the standard library.

import { lines, python as quote } from "./quote.js";
import { address, credential, headers, printed, printedBody, target } from "./request.js";
import { bodyFields, STORED, sdk, snake } from "./sdk.js";

export function kind(operation, settings) {
  return sdk(operation, settings) ? "sdk" : "http";
}

export function sample(operation, filled, settings) {
  const call = sdk(operation, settings);
  return call ? withSdk(call, operation, filled, settings) : plain(operation, filled, settings);
}

function value(field) {
  if (field.value === null)
    return field.type === "integer" || field.type === "boolean" ? `{${field.name}}` : `"{${field.name}}"`;
  if (typeof field.value === "boolean") return field.value ? "True" : "False";
  return typeof field.value === "string" ? quote(field.value) : String(field.value);
}

function withSdk(call, operation, filled, settings) {
  const { client, name } = call;
  const sets = printed(operation, filled)
    .map((f) => `        request.${f.name} = ${value(f)}\n`)
    .join("");
  const fields = bodyFields(call, printedBody(operation, filled));
  const body = fields
    ? `        request.body = ${call.body.type}(\n${fields.map((f) => `            ${f.name}=${value(f)}`).join(",\n")}\n        )\n`
    : "";
  return `# coding: utf-8

import os
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdk${call.package}.${call.version}.region.${call.package}_region import ${client}Region
from huaweicloudsdkcore.exceptions import exceptions
from huaweicloudsdk${call.package}.${call.version} import *

if __name__ == "__main__":
${STORED.map((line) => `    # ${line}\n`).join("")}    ak = os.environ["CLOUD_SDK_AK"]
    sk = os.environ["CLOUD_SDK_SK"]

    credentials = BasicCredentials(ak, sk)

    client = ${client}Client.new_builder() \\
        .with_credentials(credentials) \\
        .with_region(${client}Region.value_of(${quote(settings.region || "<YOUR REGION>")})) \\
        .build()

    try:
        request = ${name}Request()
${sets}${body}        response = client.${snake(name)}(request)
        print(response)
    except exceptions.ClientRequestException as e:
        print(e.status_code)
        print(e.request_id)
        print(e.error_code)
        print(e.error_msg)
`;
}

function plain(operation, filled, settings) {
  const parameters = printed(operation, filled);
  const url = settings.base + target(address(operation, parameters));
  const token = credential(operation);
  const body = printedBody(operation, filled);
  const all = headers(parameters).map(([name, text]) => `    ${quote(name)}: ${quote(text)},\n`);
  if (token) all.push(`    "${token}": os.environ["TOKEN"],\n`);
  if (body !== null) all.push(`    "Content-Type": ${quote(operation.body.type)},\n`);
  return `# coding: utf-8

import os
import urllib.error
import urllib.request

url = ${quote(url)}
headers = {
${all.join("")}}
${body === null ? "body = None" : `body = (\n    ${lines(body, quote, "\n    ")}\n).encode("utf-8")`}
request = urllib.request.Request(url, body, headers, method="${operation.method}")
try:
    answer = urllib.request.urlopen(request)
except urllib.error.HTTPError as error:
    answer = error
print(answer.status)
${
  operation.streams
    ? `for line in answer:
    print(line.decode("utf-8"), end="", flush=True)`
    : `print(answer.read().decode("utf-8"))`
}
`;
}
