"use strict";

// Uses the client of the core package as the service packages do: it looks the project up, and signs every request.
// Prints one JSON object a line: the call, and its response or the SDK's error. Without arguments it makes only the
// documented call.

const { BasicCredentials, Region } = require("@huaweicloud/huaweicloud-sdk-core");
const { ClientBuilder } = require("@huaweicloud/huaweicloud-sdk-core/ClientBuilder");

const repository = 2111976239;
const pipeline = 6;
const unknown = 2147483647;
const project = "72271b5446614062a01b8be944c9f372";
const pageSize = 50;
// With the project, the first request is the call itself: the SDK would look the project up.
const given = "0123456789abcdef0123456789abcdef";
const { CLOUD_SDK_AK, CLOUD_SDK_SK, TEMPORARY_AK, TEMPORARY_SK, TEMPORARY_SECURITY_TOKEN, SPECIAL_CHARACTERS, REGION } =
  process.env;
const region = new Region(REGION ?? "cn-north-4", process.env.HUAWEICLOUD_SDK_REGION_CODEARTSREPO_CN_NORTH_4);

function connect(ak, sk, projectId, securityToken) {
  const credentials = new BasicCredentials()
    .withAk(ak)
    .withSk(sk)
    .withProjectId(projectId)
    .withSecurityToken(securityToken)
    .withIamEndpoint(process.env.HUAWEICLOUD_SDK_IAM_ENDPOINT);
  return new ClientBuilder((client) => client).withCredential(credentials).withRegion(region).build();
}

async function ask(call, client, method, url, pathParams, queryParams = {}, data = {}) {
  const options = {
    method,
    url,
    contentType: "application/json",
    queryParams,
    pathParams,
    headers: {},
    data,
    responseHeaders: ["X-Total"],
  };
  const result = { call };
  try {
    // The SDK sets headers and status as properties of the response, which JSON omits for a list.
    const response = await client.sendRequest(options);
    Object.assign(result, { response, status: response.httpStatusCode, "X-Total": response["X-Total"] });
  } catch (error) {
    const { name, httpStatusCode, requestId, errorCode, errorMsg } = error;
    result.error = { name, httpStatusCode, requestId, errorCode, errorMsg };
  }
  console.log(JSON.stringify(result));
}

async function listJobs(call, client, repository_id, pipeline_id, queryParams) {
  const url = "/v4/repositories/{repository_id}/pipelines/{pipeline_id}/jobs";
  await ask(call, client, "GET", url, { repository_id, pipeline_id }, queryParams);
}

async function pages(client, long, jobs) {
  for (let offset = 0; offset < jobs; offset += pageSize) {
    await listJobs(`page at ${offset}`, client, repository, long, { offset, limit: pageSize });
  }
  await listJobs("page of one", client, repository, long, { offset: 0, limit: 1 });
  await listJobs("largest page", client, repository, long, { offset: 0, limit: 100 });
  await listJobs("default page", client, repository, long);
  await listJobs("page after the last", client, repository, long, { offset: jobs, limit: pageSize });
  await listJobs("empty page", client, repository, pipeline, { offset: 1 });
  for (const [name, value] of [
    ["limit", 0],
    ["limit", 101],
    ["limit", -1],
    ["offset", -1],
  ]) {
    await listJobs(`${name} ${value}`, client, repository, pipeline, { [name]: value });
  }
}

async function refusals(client) {
  await listJobs("wrong secret key", connect(CLOUD_SDK_AK, "wrong", given), repository, pipeline);
  await listJobs("unknown access key", connect("UNKNOWN0000000000000", CLOUD_SDK_SK, given), repository, pipeline);
  await listJobs("unknown repository", client, unknown, pipeline);
  await listJobs("unknown pipeline", client, repository, unknown);
}

async function others(client) {
  const latest = "/v4/repositories/{repository_id}/pipelines/{pipeline_id}/latest-jobs";
  for (const [call, pipeline_id] of [
    ["latest jobs", pipeline],
    ["latest jobs of an unknown pipeline", unknown],
  ]) {
    await ask(call, client, "GET", latest, { repository_id: repository, pipeline_id });
  }
  for (const [call, repository_id] of [
    ["repository", repository],
    ["an unknown repository", unknown],
  ]) {
    await ask(call, client, "GET", "/v4/repositories/{repository_id}", { repository_id });
  }
  await ask("repositories found", client, "GET", "/v4/user/repositories", {}, { search: "cicd" });
  await ask("repositories", client, "GET", "/v4/user/repositories", {});
  await ask(
    "repositories found by special characters",
    client,
    "GET",
    "/v4/user/repositories",
    {},
    { search: SPECIAL_CHARACTERS },
  );
  await ask("repositories of the project", client, "GET", "/v4/projects/{project_id}/repositories", {
    project_id: project,
  });

  const head = "/v4/repositories/{repository_id}/merge-requests/{iid}/actual-head-pipeline";
  for (const [call, iid] of [
    ["head pipeline, registered", 7],
    ["head pipeline, reported", 8],
    ["head pipeline, waiting", 9],
    ["unknown merge request", unknown],
  ]) {
    await ask(call, client, "GET", head, { repository_id: repository, iid });
  }
}

async function temporary(call, securityToken) {
  await listJobs(call, connect(TEMPORARY_AK, TEMPORARY_SK, given, securityToken), repository, pipeline);
}

async function main(long, jobs) {
  // Before the correct secret: the SDK caches the project of a key, and would skip the lookup.
  await listJobs("wrong secret key at the lookup", connect(CLOUD_SDK_AK, "wrong"), repository, pipeline);
  const client = connect(CLOUD_SDK_AK, CLOUD_SDK_SK);
  await listJobs("documented", client, repository, pipeline);
  if (long === undefined) {
    return;
  }
  await pages(client, Number(long), Number(jobs));
  await refusals(client);
  await others(client);
  await temporary("temporary key", TEMPORARY_SECURITY_TOKEN);
  await temporary("temporary key with another's security token", "x" + TEMPORARY_SECURITY_TOKEN);
  await temporary("temporary key without its security token", undefined);
  for (const [call, name] of [
    ["repository made", "made-by-node"],
    ["repository with spaces in its name", "made by node"],
  ]) {
    const body = { name, project_uuid: project, description: '<é> "\\ 任务' };
    await ask(call, client, "POST", "/v1/repositories", {}, {}, body);
  }
}

main(...process.argv.slice(2));
