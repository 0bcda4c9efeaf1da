// Java: the official SDK as in the documentation, else the HTTP client of the JDK.

import { lines, java as quote } from "./quote.js";
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
  if (field.value === null)
    return field.type === "integer" || field.type === "boolean" ? `{${field.name}}` : `"{${field.name}}"`;
  if (field.enum?.length) return `${owner}.${pascal(field.name)}Enum.fromValue(${quote(field.value)})`;
  return typeof field.value === "string" ? quote(field.value) : String(field.value);
}

const setters = (fields, on, owner) =>
  fields.map((f) => `        ${on}.with${pascal(f.name)}(${value(f, owner)});\n`).join("");

function withSdk(call, operation, filled, settings) {
  const { client, name } = call;
  const root = `com.huaweicloud.sdk.${call.package}.${call.version}`;
  const request = `${name}Request`;
  const fields = bodyFields(call, printedBody(operation, filled));
  const body = fields
    ? `        ${call.body.type} body = new ${call.body.type}();\n${setters(fields, "body", call.body.type)}        request.withBody(body);\n`
    : "";
  return `package com.huaweicloud.sdk.test;

import com.huaweicloud.sdk.core.auth.ICredential;
import com.huaweicloud.sdk.core.auth.BasicCredentials;
import com.huaweicloud.sdk.core.exception.ConnectionException;
import com.huaweicloud.sdk.core.exception.RequestTimeoutException;
import com.huaweicloud.sdk.core.exception.ServiceResponseException;
import ${root}.region.${client}Region;
import ${root}.*;
import ${root}.model.*;


public class ${name}Solution {

    public static void main(String[] args) {
${STORED.map((line) => `        // ${line}\n`).join("")}        String ak = System.getenv("CLOUD_SDK_AK");
        String sk = System.getenv("CLOUD_SDK_SK");

        ICredential auth = new BasicCredentials()
                .withAk(ak)
                .withSk(sk);

        ${client}Client client = ${client}Client.newBuilder()
                .withCredential(auth)
                .withRegion(${client}Region.valueOf(${quote(settings.region || "<YOUR REGION>")}))
                .build();
        ${request} request = new ${request}();
${setters(printed(operation, filled), "request", request)}${body}        try {
            ${name}Response response = client.${camel(name[0].toLowerCase() + name.slice(1))}(request);
            System.out.println(response.toString());
        } catch (ConnectionException e) {
            e.printStackTrace();
        } catch (RequestTimeoutException e) {
            e.printStackTrace();
        } catch (ServiceResponseException e) {
            e.printStackTrace();
            System.out.println(e.getHttpStatusCode());
            System.out.println(e.getRequestId());
            System.out.println(e.getErrorCode());
            System.out.println(e.getErrorMsg());
        }
    }
}
`;
}

function plain(operation, filled, settings) {
  const parameters = printed(operation, filled);
  const url = settings.base + target(address(operation, parameters));
  const token = credential(operation);
  const body = printedBody(operation, filled);
  const all = headers(parameters).map(([name, text]) => `                .header(${quote(name)}, ${quote(text)})\n`);
  if (token) all.push(`                .header("${token}", System.getenv("TOKEN"))\n`);
  if (body !== null) all.push(`                .header("Content-Type", ${quote(operation.body.type)})\n`);
  const publisher = body === null ? "noBody()" : "ofString(body)";
  const [type, handler] = operation.streams ? ["Stream<String>", "ofLines"] : ["String", "ofString"];
  return `import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
${operation.streams ? "import java.util.stream.Stream;\n" : ""}
public class ${operation.id}Solution {

    public static void main(String[] args) throws Exception {
${body === null ? "" : `        String body = ${lines(body, quote, "\n                + ")};\n`}        HttpRequest request = HttpRequest.newBuilder(URI.create(${quote(url)}))
${all.join("")}                .method("${operation.method}", HttpRequest.BodyPublishers.${publisher})
                .build();
        HttpResponse<${type}> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.${handler}());
        System.out.println(response.statusCode());
        ${operation.streams ? "response.body().forEach(System.out::println);" : "System.out.println(response.body());"}
    }
}
`;
}
