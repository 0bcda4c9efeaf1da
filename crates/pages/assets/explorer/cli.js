// The stagepost command of a call, else `stagepost api`, else curl.

import { sample as withCurl } from "./curl.js";
import { shell as quote } from "./quote.js";
import { address, headers, printed, printedBody, target } from "./request.js";

export const kind = () => "cli";

const lists = {
  status: "--status",
  ref: "--ref",
  sha: "--sha",
  source: "--source",
  since: "--since",
  until: "--until",
  updated_since: "--updated-since",
  updated_until: "--updated-until",
  limit: "--limit",
  q: "--search",
};
const report = {
  sha: "--sha",
  ref: "--ref",
  stage: "--stage",
  stage_order: "--stage-order",
  name: "--name",
  status: "--status",
  target_url: "--url",
  third_build_id: "--build-id",
  description: "--description",
  coverage: "--coverage",
  pipeline_key: "--pipeline-key",
  pipeline_id: "--pipeline-id",
  occurred_at: "--occurred-at",
  source: "--source",
};

// Words of the command: a parameter of the call is {name}, a flag's name comes before what it takes. `flags`:
// of the call's other parameters; `body`: of the body's fields. What neither names cannot be definition by
// the command.
const COMMANDS = {
  "codearts.ListPipelineJobs": { words: "jobs {pipeline_id} --repo {repository_id}", flags: { limit: "--limit" } },
  "codearts.ListLatestPipelineJobs": { words: "jobs {pipeline_id} --repo {repository_id} --latest" },
  "codearts.ShowActualHeadPipeline": { words: "mr show {merge_request_iid} --repo {repository_id}" },
  "codearts.ListCurrentUserRepositories": { words: "repo list", last: "search" },
  "codearts.ListUserAllRepositories": { words: "repo list", last: "search" },
  "codearts.ShowRepository": { words: "repo show {repository_id}" },
  "native.Jobs": { words: "jobs {pipeline_id} --repo {repository_id}", flags: { limit: "--limit" } },
  "native.FindJobs": {
    words: "jobs --repo {repository_id}",
    flags: { ...lists, stage: "--stage", name: "--name", third_build_id: "--build-id" },
  },
  "native.Job": { words: "jobs show {job_id} --repo {repository_id}" },
  "native.History": { words: "jobs history {job_id} --repo {repository_id}" },
  "native.Pipelines": { words: "pipelines --repo {repository_id}", flags: { ...lists, key: "--key", user: "--user" } },
  "native.Report": { words: "report --repo {repository_id}", body: report },
  "native.CloseJobs": {
    words: "jobs close --repo {repository_id}",
    body: { job_id: "", sha: "--sha", status: "--status", reason: "--reason" },
  },
  "native.MergeRequests": { words: "mr list --repo {repository_id}", flags: { limit: "--limit" } },
  "native.MergeRequest": { words: "mr show {merge_request_iid} --repo {repository_id}" },
  "native.SetMergeRequest": {
    words: "mr set {merge_request_iid} --repo {repository_id}",
    body: { source_branch: "--source-branch", target_branch: "--target-branch", head_sha: "--sha" },
  },
  "native.Policies": { words: "repo policy {repository_id}" },
  "native.Repositories": { words: "repo list", last: "search" },
  "native.Repository": { words: "repo show {repository_id}" },
  "native.AddRepository": {
    words: "repo add",
    body: {
      path: "",
      id: "--id",
      visibility: "--visibility",
      description: "--description",
      default_branch: "--default-branch",
      web_url: "--web-url",
    },
  },
  "native.ChangeRepository": {
    words: "repo set {repository_id}",
    body: {
      visibility: "--visibility",
      description: "--description",
      default_branch: "--default-branch",
      archived: "--archived",
    },
  },
  "native.Webhooks": { words: "webhook list --repo {repository_id}" },
  "native.Webhook": { words: "webhook show {webhook_id} --repo {repository_id}" },
  "native.Members": { words: "member list --repo {repository_id}" },
  "native.SetMember": { words: "member set {user}", body: { role: "" }, rest: "--repo {repository_id}" },
  "native.RemoveMember": { words: "member remove {user} --repo {repository_id}" },
  "native.WhoAmI": { words: "whoami" },
  "native.Users": { words: "user list" },
  "native.Keys": { words: "key list {user}" },
  "native.DeleteKey": { words: "key remove {access}" },
  "native.Tokens": { words: "token list --user {user}" },
};

export function sample(operation, filled, settings) {
  const words = command(operation, filled) ?? api(operation, filled);
  if (!words) return `# There is no command for this call. With curl:\n${withCurl(operation, filled, settings)}`;
  return `export STAGEPOST_SERVER=${quote(settings.base)}\nstagepost ${words.join(" ")}\n`;
}

// `stagepost api` supports calls without header parameters that need a credential.
function api(operation, filled) {
  const parameters = printed(operation, filled);
  if (operation.anonymous || operation.streams || headers(parameters).length) return null;
  const body = printedBody(operation, filled);
  const usual = body === null ? "GET" : "POST";
  const words = ["api"];
  if (operation.method !== usual) words.push("-X", operation.method);
  if (body !== null && operation.body.type !== "application/json")
    words.push("--content-type", quote(operation.body.type));
  if (body !== null) words.push("--body", quote(body));
  return [...words, quote(target(address(operation, parameters)))];
}

// The arguments of `stagepost`; null if there is no command for the call.
export function command(operation, filled) {
  const definition = COMMANDS[`${operation.dialect.split("-")[0]}.${operation.id}`];
  if (!definition) return null;
  const rest = new Map(printed(operation, filled).map((found) => [found.name, found]));
  const take = (name) => {
    const found = rest.get(name);
    rest.delete(name);
    return found?.value == null ? `{${name}}` : quote(String(found.value));
  };
  const fill = (text) =>
    text ? text.split(" ").map((word) => (word.startsWith("{") ? take(word.slice(1, -1)) : word)) : [];
  const words = fill(definition.words);
  const options = [];
  for (const name of [...rest.keys()]) {
    const flag = definition.flags?.[name];
    if (flag) options.push(flag, take(name));
    else if (name === definition.last) words.push(take(name));
  }
  const fields = definition.body ? fieldsOf(printedBody(operation, filled), definition.body) : [];
  if (!fields) return null;
  for (const [flag, ...text] of fields) flag ? options.push(flag, ...text) : words.splice(plain(words), 0, ...text);
  const all = [...words, ...options, ...fill(definition.rest)];
  return rest.size ? null : [...all, "--json"];
}

// The index for an argument without a flag: before the first flag.
const plain = (words) => (words.findIndex((word) => word.startsWith("--")) + 1 || words.length + 1) - 1;

function fieldsOf(text, flags) {
  let fields;
  try {
    fields = JSON.parse(text ?? "{}");
  } catch {
    return null;
  }
  if (fields === null || typeof fields !== "object" || Array.isArray(fields)) return null;
  const found = [];
  for (const [name, value] of Object.entries(fields)) {
    if (value === null) continue;
    if (name === "allow_failure" && flags.stage) {
      if (value === true) found.push(["--allow-failure"]);
      else if (value !== false) return null;
      continue;
    }
    if (flags[name] === undefined || typeof value === "object") return null;
    found.push([flags[name], quote(String(value))]);
  }
  return found;
}
