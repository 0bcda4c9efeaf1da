// A few operations in the form that the page gets.

const id = (name) => ({ name, in: "path", type: "integer", required: true, minimum: 1, maximum: 2147483647 });
const text = (name, where = "query", required = false) => ({ name, in: where, type: "string", required });
const number = (name, minimum, maximum) => ({ name, in: "query", type: "integer", required: false, minimum, maximum });

export const listJobs = {
  id: "ListPipelineJobs",
  dialect: "codearts",
  method: "GET",
  path: "/v4/repositories/{repository_id}/pipelines/{pipeline_id}/jobs",
  parameters: [id("repository_id"), id("pipeline_id"), number("offset", 0, 2147483647), number("limit", 1, 100)],
  body: null,
};

export const listRepositories = {
  id: "ListCurrentUserRepositories",
  dialect: "codearts",
  method: "GET",
  path: "/v4/user/repositories",
  parameters: [
    text("search"),
    { ...text("order_by"), enum: ["created_at", "updated_at"] },
    { name: "archived", in: "query", type: "boolean", required: false },
    number("limit", 1, 100),
  ],
  body: null,
};

export const createRepository = {
  id: "CreateRepository",
  dialect: "codearts-v2",
  method: "POST",
  path: "/v1/repositories",
  parameters: [],
  body: { required: true, type: "application/json" },
};

export const signIn = {
  id: "KeystoneCreateUserTokenByPassword",
  dialect: "iam",
  method: "POST",
  path: "/v3/auth/tokens",
  anonymous: true,
  parameters: [text("nocatalog")],
  body: { required: true, type: "application/json" },
};

export const setStatus = {
  id: "SetCommitStatus",
  dialect: "gitlab",
  method: "POST",
  path: "/api/v4/projects/{project}/statuses/{sha}",
  parameters: [text("project", "path", true), text("sha", "path", true)],
  body: { required: false, type: "application/json" },
};

export const report = {
  id: "Report",
  dialect: "native",
  method: "POST",
  path: "/native/v1/repositories/{repository_id}/reports",
  parameters: [id("repository_id"), text("Idempotency-Key", "header")],
  body: { required: true, type: "application/json" },
};

export const findJobs = {
  id: "FindJobs",
  dialect: "native",
  method: "GET",
  path: "/native/v1/repositories/{repository_id}/jobs",
  parameters: [
    id("repository_id"),
    text("name"),
    text("q"),
    text("before"),
    { name: "scope", in: "query", type: "array", required: false },
  ],
  body: null,
};

export const all = [listJobs, listRepositories, createRepository, signIn, setStatus, report, findJobs];
export const documented = { parameters: { repository_id: "2111976239", pipeline_id: "6" } };
export const settings = { base: "https://127.0.0.1:8443", region: "cn-north-4", package: "codehub" };
