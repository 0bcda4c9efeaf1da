"use strict";

// Signs with the SDK's signer and sends with Node.js itself. Prints the jobs and the total as JSON.

const https = require("node:https");
const { BasicCredentials } = require("@huaweicloud/huaweicloud-sdk-core");
const { AKSKSigner } = require("@huaweicloud/huaweicloud-sdk-core/auth/AKSKSigner");

const credentials = new BasicCredentials()
  .withAk(process.env.CLOUD_SDK_AK)
  .withSk(process.env.CLOUD_SDK_SK);

const endpoint =
  process.env.HUAWEICLOUD_SDK_REGION_CODEARTSREPO_CN_NORTH_4 + "/v4/repositories/2111976239/pipelines/6/jobs";
const queryParams = { offset: 0, limit: 20 };
const headers = AKSKSigner.sign({ endpoint, method: "GET", headers: {}, queryParams }, credentials);

https
  .get(endpoint + "?" + new URLSearchParams(queryParams), { headers }, async (response) => {
    const chunks = [];
    for await (const chunk of response) {
      chunks.push(chunk);
    }
    const body = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    if (response.statusCode === 200) {
      console.log(JSON.stringify({ body, "X-Total": response.headers["x-total"] }));
    } else {
      const { error_code, error_msg } = body;
      const request_id = response.headers["x-request-id"];
      console.log(JSON.stringify({ status_code: response.statusCode, request_id, error_code, error_msg }));
      process.exitCode = 1;
    }
  })
  .on("error", (error) => {
    console.error(error);
    process.exitCode = 1;
  });
