// Go: the official SDK as in the documentation, with the import that is missing there; else the standard
// library.

import { lines, go as quote } from "./quote.js";
import { address, credential, headers, printed, printedBody, target } from "./request.js";
import { bodyFields, camel, pascal, STORED, sdk } from "./sdk.js";

export function kind(operation, settings) {
  return sdk(operation, settings) ? "sdk" : "http";
}

export function sample(operation, filled, settings) {
  const call = sdk(operation, settings);
  return call ? withSdk(call, operation, filled, settings) : plain(operation, filled, settings);
}

function value(field, owner) {
  const { name, type } = field;
  if (field.value === null)
    return type === "integer" ? `int32({${name}})` : type === "boolean" ? `{${name}}` : `"{${name}}"`;
  if (field.enum?.length) return `model.Get${owner}${pascal(name)}Enum().${field.value.toUpperCase()}`;
  if (typeof field.value === "string") return quote(field.value);
  return type === "integer" ? `int32(${field.value})` : String(field.value);
}

// What is not required is a pointer, so it needs a name of its own.
function assignments(fields, owner, on) {
  return fields
    .map((f) => {
      if (f.required) return `\t${on}.${pascal(f.name)} = ${value(f, owner)}\n`;
      const own = `${camel(f.name)}Request`;
      return `\t${own} := ${value(f, owner)}\n\t${on}.${pascal(f.name)} = &${own}\n`;
    })
    .join("");
}

function withSdk(call, operation, filled, settings) {
  const { client, name } = call;
  const root = `github.com/huaweicloud/huaweicloud-sdk-go-v3/services/${call.package}/${call.version}`;
  const fields = bodyFields(call, printedBody(operation, filled));
  const body = fields
    ? `\tbody := &model.${call.body.type}{}\n${assignments(fields, call.body.type, "body")}\trequest.Body = body\n`
    : "";
  return `package main

import (
	"fmt"
	"os"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
    ${call.package} "${root}"
	"${root}/model"
    region "${root}/region"
)

func main() {
${STORED.map((line) => `    // ${line}\n`).join("")}    ak := os.Getenv("CLOUD_SDK_AK")
    sk := os.Getenv("CLOUD_SDK_SK")

    auth := basic.NewCredentialsBuilder().
        WithAk(ak).
        WithSk(sk).
        Build()

    client := ${call.package}.New${client}Client(
        ${call.package}.${client}ClientBuilder().
            WithRegion(region.ValueOf(${quote(settings.region || "<YOUR REGION>")})).
            WithCredential(auth).
            Build())

    request := &model.${name}Request{}
${assignments(printed(operation, filled), `${name}Request`, "request")}${body}	response, err := client.${name}(request)
	if err == nil {
        fmt.Printf("%+v\\n", response)
    } else {
        fmt.Println(err)
    }
}
`;
}

const WHOLE = `	answer, err := io.ReadAll(response.Body)
	if err != nil {
		panic(err)
	}
	fmt.Println(response.Status)
	fmt.Println(string(answer))
`;
const STREAM = `	fmt.Println(response.Status)
	if _, err := io.Copy(os.Stdout, response.Body); err != nil {
		panic(err)
	}
`;

function plain(operation, filled, settings) {
  const parameters = printed(operation, filled);
  const url = settings.base + target(address(operation, parameters));
  const token = credential(operation);
  const body = printedBody(operation, filled);
  const all = headers(parameters).map(([name, text]) => `\trequest.Header.Set(${quote(name)}, ${quote(text)})\n`);
  if (token) all.push(`\trequest.Header.Set("${token}", os.Getenv("TOKEN"))\n`);
  if (body !== null) all.push(`\trequest.Header.Set("Content-Type", ${quote(operation.body.type)})\n`);
  const imports = [
    "fmt",
    "io",
    "net/http",
    ...(token || operation.streams ? ["os"] : []),
    ...(body === null ? [] : ["strings"]),
  ];
  const declaration = body === null ? "" : `\tbody := ${lines(body, quote, " +\n\t\t")}\n`;
  const reader = body === null ? "nil" : "strings.NewReader(body)";
  return `package main

import (
${imports.map((name) => `\t"${name}"\n`).join("")})

func main() {
${declaration}	request, err := http.NewRequest("${operation.method}", ${quote(url)}, ${reader})
	if err != nil {
		panic(err)
	}
${all.join("")}	response, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	defer response.Body.Close()
${operation.streams ? STREAM : WHOLE}}
`;
}
