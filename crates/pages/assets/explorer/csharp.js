// C#: the official .NET SDK, else HttpClient. The calls were verified once with the source of the SDK: codehub
// 3.1.170 (the last version) and codeartsrepo 3.1.207.

import { lines, csharp as quote } from "./quote.js";
import { address, credential, endpoint, headers, printed, printedBody, target } from "./request.js";
import { bodyFields, pascal, STORED, sdk } from "./sdk.js";

export function kind(operation, settings) {
  return sdk(operation, settings) ? "untried" : "http";
}

export function sample(operation, filled, settings) {
  const call = sdk(operation, settings);
  return call ? withSdk(call, operation, filled, settings) : plain(operation, filled, settings);
}

function value(field, owner) {
  if (field.value === null)
    return field.type === "integer" || field.type === "boolean" ? `{${field.name}}` : `"{${field.name}}"`;
  if (field.enum?.length) return `${owner}.${pascal(field.name)}Enum.FromValue(${quote(field.value)})`;
  return typeof field.value === "string" ? quote(field.value) : String(field.value);
}

function withSdk(call, operation, filled, settings) {
  const { client, name } = call;
  const root = `HuaweiCloud.SDK.${client}.${call.version.toUpperCase()}`;
  const set = (fields, owner, indent) =>
    fields.map((f) => `${indent}${pascal(f.name)} = ${value(f, owner)},\n`).join("");
  const fields = bodyFields(call, printedBody(operation, filled));
  const body = fields
    ? `                Body = new ${call.body.type}\n                {\n${set(fields, call.body.type, "                    ")}                },\n`
    : "";
  return `using System;
using HuaweiCloud.SDK.Core;
using HuaweiCloud.SDK.Core.Auth;
using ${root};
using ${root}.Model;

namespace ${name}Solution
{
    class Program
    {
        static void Main(string[] args)
        {
${STORED.map((line) => `            // ${line}\n`).join("")}            var ak = Environment.GetEnvironmentVariable("CLOUD_SDK_AK");
            var sk = Environment.GetEnvironmentVariable("CLOUD_SDK_SK");
            // Any project ID is accepted.
            var projectId = "0123456789abcdef0123456789abcdef";

            var client = ${client}Client.NewBuilder()
                .WithCredential(new BasicCredentials(ak, sk, projectId))
                .WithEndPoint(${quote(endpoint(settings))})
                .Build();
            var request = new ${name}Request
            {
${set(printed(operation, filled), `${name}Request`, "                ")}${body}            };
            try
            {
                var response = client.${name}(request);
                Console.WriteLine(response.HttpBody);
            }
            catch (ServiceResponseException e)
            {
                Console.WriteLine(e.HttpStatusCode);
                Console.WriteLine(e.RequestId);
                Console.WriteLine(e.ErrorCode);
                Console.WriteLine(e.ErrorMsg);
            }
        }
    }
}
`;
}

const WHOLE = `                Console.WriteLine(await response.Content.ReadAsStringAsync());
`;
const STREAM = `                using (var reader = new System.IO.StreamReader(await response.Content.ReadAsStreamAsync()))
                {
                    string line;
                    while ((line = await reader.ReadLineAsync()) != null) Console.WriteLine(line);
                }
`;

// As older compilers read it too: without statements outside of a class.
function plain(operation, filled, settings) {
  const parameters = printed(operation, filled);
  const url = settings.base + target(address(operation, parameters));
  const token = credential(operation);
  const body = printedBody(operation, filled);
  const indent = "                ";
  const all = headers(parameters).map(
    ([name, text]) => `${indent}request.Headers.Add(${quote(name)}, ${quote(text)});\n`,
  );
  if (token) all.push(`${indent}request.Headers.Add("${token}", Environment.GetEnvironmentVariable("TOKEN"));\n`);
  if (body !== null) {
    const text = lines(body, quote, ` +\n${indent}    `);
    all.push(
      `${indent}request.Content = new StringContent(\n${indent}    ${text},\n${indent}    Encoding.UTF8, ${quote(operation.body.type)});\n`,
    );
  }
  return `using System;
using System.Net.Http;
${body === null ? "" : "using System.Text;\n"}using System.Threading.Tasks;

namespace ${operation.id}Solution
{
    class Program
    {
        static void Main(string[] args)
        {
            Call().Wait();
        }

        static async Task Call()
        {
            using (var client = new HttpClient())
            using (var request = new HttpRequestMessage(new HttpMethod("${operation.method}"), ${quote(url)}))
            {
${all.join("")}                var response = await client.SendAsync(request${operation.streams ? ", HttpCompletionOption.ResponseHeadersRead" : ""});
                Console.WriteLine((int)response.StatusCode);
${operation.streams ? STREAM : WHOLE}            }
        }
    }
}
`;
}
