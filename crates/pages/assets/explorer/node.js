// Node.js: the official service package, or the core of the SDK; else fetch. The calls with codehub were
// verified once with the source of the SDK (3.1.173, the last version), because npm does not reliably have it.

import { lines, node as quote } from "./quote.js";
import { address, credential, endpoint, headers, printed, printedBody, target } from "./request.js";
import { bodyFields, camel, pascal, STORED, sdk } from "./sdk.js";

export function kind(operation, settings) {
  const call = sdk(operation, settings);
  return !call ? "http" : call.package === "codehub" ? "untried" : "sdk";
}

export function sample(operation, filled, settings) {
  const call = sdk(operation, settings);
  if (!call) return plain(operation, filled, settings);
  return call.package === "codehub"
    ? withPackage(call, operation, filled, settings)
    : withCore(operation, filled, settings);
}

const value = (field) =>
  field.value === null
    ? typeOfText(field)
      ? `"{${field.name}}"`
      : `{${field.name}}`
    : typeof field.value === "string"
      ? quote(field.value)
      : JSON.stringify(field.value);
const typeOfText = (field) => field.type !== "integer" && field.type !== "boolean";
// With a project ID, the SDK does not query one. Stagepost accepts any ID.
const PROJECT = '"0123456789abcdef0123456789abcdef"';
const keys = `${STORED.map((line) => `// ${line}\n`).join("")}const ak = process.env.CLOUD_SDK_AK;
const sk = process.env.CLOUD_SDK_SK;
`;

function withPackage(call, operation, filled, settings) {
  const { client, name } = call;
  const sets = (fields, on) => fields.map((f) => `${on}.${camel(f.name)} = ${value(f)};\n`).join("");
  const fields = bodyFields(call, printedBody(operation, filled));
  const body = fields
    ? `const body = new ${call.package}.${call.body.type}();\n${fields.map((f) => `body.with${pascal(f.name)}(${value(f)});\n`).join("")}request.withBody(body);\n`
    : "";
  return `const core = require("@huaweicloud/huaweicloud-sdk-core");
const ${call.package} = require("@huaweicloud/huaweicloud-sdk-${call.package}/${call.version}/public-api");

${keys}const endpoint = ${quote(endpoint(settings))};
// Any project ID is accepted.
const projectId = ${PROJECT};

const credentials = new core.BasicCredentials()
  .withAk(ak)
  .withSk(sk)
  .withProjectId(projectId);
const client = ${call.package}.${client}Client.newBuilder()
  .withCredential(credentials)
  .withEndpoint(endpoint)
  .build();
const request = new ${call.package}.${name}Request();
${sets(printed(operation, filled), "request")}${body}client
  .${camel(name[0].toLowerCase() + name.slice(1))}(request)
  .then((result) => console.log(JSON.stringify(result)))
  .catch((error) => console.log(JSON.stringify(error)));
`;
}

function withCore(operation, filled, settings) {
  const parameters = printed(operation, filled);
  const params = (where) => {
    const all = parameters.filter((p) => p.in === where).map((p) => `${p.name}: ${value(p)}`);
    return all.length ? `{ ${all.join(", ")} }` : "{}";
  };
  const body = printedBody(operation, filled);
  return `const { BasicCredentials, Region } = require("@huaweicloud/huaweicloud-sdk-core");
const { ClientBuilder } = require("@huaweicloud/huaweicloud-sdk-core/ClientBuilder");

${keys}const region = new Region(${quote(settings.region || "<YOUR REGION>")}, ${quote(endpoint(settings))});
// Any project ID is accepted.
const projectId = ${PROJECT};

const credentials = new BasicCredentials()
  .withAk(ak)
  .withSk(sk)
  .withProjectId(projectId);
const client = new ClientBuilder((client) => client)
  .withCredential(credentials)
  .withRegion(region)
  .build();
client
  .sendRequest({
    method: "${operation.method}",
    url: ${quote(operation.path)},
    contentType: "application/json",
    pathParams: ${params("path")},
    queryParams: ${params("query")},
    headers: {},
    data: ${body === null ? "{}" : `JSON.parse(\n      ${lines(body, quote, " +\n      ")},\n    )`},
    responseHeaders: ["X-Total"],
  })
  .then((result) => console.log(JSON.stringify(result), result["X-Total"]))
  .catch((error) => console.log(JSON.stringify(error)));
`;
}

function plain(operation, filled, settings) {
  const parameters = printed(operation, filled);
  const url = settings.base + target(address(operation, parameters));
  const token = credential(operation);
  const body = printedBody(operation, filled);
  const all = headers(parameters).map(([name, text]) => `    ${quote(name)}: ${quote(text)},\n`);
  if (token) all.push(`    "${token}": process.env.TOKEN,\n`);
  if (body !== null) all.push(`    "Content-Type": ${quote(operation.body.type)},\n`);
  return `async function main() {
  const response = await fetch(${quote(url)}, {
    method: "${operation.method}",
    headers: {
${all.map((line) => `  ${line}`).join("")}    },
${body === null ? "" : `    body: ${lines(body, quote, " +\n      ")},\n`}  });
  console.log(response.status);
  ${operation.streams ? "for await (const chunk of response.body) process.stdout.write(chunk);" : "console.log(await response.text());"}
}

main();
`;
}
