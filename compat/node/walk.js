"use strict";

// The core package's client, used as the service packages use it: the project is looked up, then every request is signed.
// One JSON object a line: the call, and its answer or its error in the SDK's own words.

const { BasicCredentials, Region } = require("@huaweicloud/huaweicloud-sdk-core");
const { ClientBuilder } = require("@huaweicloud/huaweicloud-sdk-core/ClientBuilder");

const repository = 2111976239;
const pipeline = 6;
const unknown = 2147483647;
const pageSize = 50;
const region = new Region("cn-north-4", process.env.HUAWEICLOUD_SDK_REGION_CODEARTSREPO_CN_NORTH_4);

function connect(sk) {
  const credentials = new BasicCredentials()
    .withAk(process.env.CLOUD_SDK_AK)
    .withSk(sk)
    .withIamEndpoint(process.env.HUAWEICLOUD_SDK_IAM_ENDPOINT);
  return new ClientBuilder((client) => client).withCredential(credentials).withRegion(region).build();
}

async function get(call, client, url, pathParams, queryParams = {}) {
  const options = {
    method: "GET",
    url,
    contentType: "application/json",
    queryParams,
    pathParams,
    headers: {},
    data: {},
    responseHeaders: ["X-Total"],
  };
  const said = { call };
  try {
    // The SDK hangs headers and status on the answer itself, which JSON leaves out of a list.
    const answer = await client.sendRequest(options);
    Object.assign(said, { answer, status: answer.httpStatusCode, "X-Total": answer["X-Total"] });
  } catch (error) {
    const { name, httpStatusCode, requestId, errorCode, errorMsg } = error;
    said.error = { name, httpStatusCode, requestId, errorCode, errorMsg };
  }
  console.log(JSON.stringify(said));
}

async function listJobs(call, client, repository_id, pipeline_id, queryParams) {
  const url = "/v4/repositories/{repository_id}/pipelines/{pipeline_id}/jobs";
  await get(call, client, url, { repository_id, pipeline_id }, queryParams);
}

async function main(long, jobs) {
  // Before the right one: the SDK remembers a key's project, and would skip the lookup.
  await listJobs("wrong secret key", connect("wrong"), repository, pipeline);
  const client = connect(process.env.CLOUD_SDK_SK);
  for (let offset = 0; offset < jobs; offset += pageSize) {
    await listJobs(`page at ${offset}`, client, repository, long, { offset, limit: pageSize });
  }
  await listJobs("default page", client, repository, long);
  await listJobs("empty page", client, repository, pipeline, { offset: 1 });
  await listJobs("limit 101", client, repository, pipeline, { limit: 101 });
  await listJobs("unknown repository", client, unknown, pipeline);
  await listJobs("unknown pipeline", client, repository, unknown);
  const path = "/v4/repositories/{repository_id}";
  await get("latest jobs", client, path + "/pipelines/{pipeline_id}/latest-jobs", {
    repository_id: repository,
    pipeline_id: pipeline,
  });
  await get("repository", client, path, { repository_id: repository });
  await get("repositories found", client, "/v4/user/repositories", {}, { search: "cicd" });
}

main(Number(process.argv[2]), Number(process.argv[3]));
