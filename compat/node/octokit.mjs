// Reports and reads the statuses of commits with the official client of GitHub's REST API. Prints one JSON object a
// line: the call, and its result or the client's error.

import { Octokit } from "@octokit/rest";

const { URL: base, TOKEN: token, OWNER: owner, REPO: repo, LINK: link, BRANCH: branch, MANY, RACING } = process.env;
const { SHA_ONE: one, SHA_MANY: many, SHA_RACE: race, SHA_CHECKS: checked } = process.env;
// The tests expect the errors that it would log.
const log = { debug() {}, info() {}, warn: console.warn, error() {} };
const connect = (auth) => new Octokit({ auth, baseUrl: `${base}/api/v3`, log }).rest.repos;
const repos = connect(token);

async function say(call, promise) {
  const line = { call };
  try {
    line.result = await promise;
  } catch (error) {
    Object.assign(line, { error: error.message, status: error.status });
  }
  console.log(JSON.stringify(line));
}

async function report(sha, state, context, more = {}, client = repos, name = repo) {
  const { data } = await client.createCommitStatus({ owner, repo: name, sha, state, context, ...more });
  const { id, target_url, description } = data;
  return { id, state: data.state, context: data.context, target_url, description };
}

async function commit(ref) {
  const { data } = await repos.getCombinedStatusForRef({ owner, repo, ref });
  return { state: data.state, total: data.total_count };
}

async function everyStatus(ref, perPage) {
  const octokit = new Octokit({ auth: token, baseUrl: `${base}/api/v3`, log });
  return octokit.paginate(octokit.rest.repos.listCommitStatusesForRef, { owner, repo, ref, per_page: perPage });
}

async function checkRun() {
  const octokit = new Octokit({ auth: token, baseUrl: `${base}/api/v3`, log });
  const { checks } = octokit.rest;
  const shown = ({ data: { id, status, conclusion, output } }) => {
    return { id, status, conclusion, title: output.title, annotations: output.annotations_count };
  };
  const created = await checks.create({ owner, repo, name: "lint", head_sha: checked, status: "in_progress" });
  await say("check run created", shown(created));
  const annotations = [1, 2, 3].map((line) => {
    const message = `line ${line}`;
    return { path: "src/main.rs", start_line: line, end_line: line, annotation_level: "warning", message };
  });
  const output = { title: "三处", summary: "**3**", annotations };
  const named = { owner, repo, check_run_id: created.data.id };
  await say("check run completed", checks.update({ ...named, conclusion: "neutral", output }).then(shown));
  await say(
    "annotations",
    octokit.paginate(checks.listAnnotations, { ...named, per_page: 2 }).then((all) => all.map((one) => one.message)),
  );
  await say(
    "check runs",
    octokit.paginate(checks.listForRef, { owner, repo, ref: checked }).then((all) => all.map(({ id }) => id)),
  );
  await say("check run without a conclusion", checks.update({ ...named, status: "completed" }));
}

await say(
  "repository",
  repos.get({ owner, repo }).then(({ data }) => data.full_name),
);
for (const [state, build] of [
  ["pending", 1],
  ["failure", 1],
  ["pending", 2],
  ["success", 2],
]) {
  const more = { target_url: link + build, description: "构建 100%" };
  await say(`${state} ${build}`, report(one, state, "ci/build", more));
  await say(`commit after ${state} ${build}`, commit(one));
}
await say(
  "listed",
  everyStatus(one, 100).then((all) => all.map(({ id, state }) => [id, state])),
);
for (let number = 0; number < Number(MANY); number++) {
  await report(many, "success", `job ${number}`);
}
await say(
  "all pages",
  everyStatus(many, 50).then((all) => all.map((status) => status.context)),
);
await say("commit of many", commit(many));
// Repeated, and in any order.
const racing = Array.from({ length: Number(RACING) }, (_, number) =>
  report(race, number % 2 ? "success" : "pending", "race", { target_url: `${link}race` }),
);
await say(
  "race",
  Promise.all(racing).then((all) => all.map(({ id }) => id)),
);
await say("branch", commit(branch));
await checkRun();
await say("wrong token", report(one, "success", "refused", {}, connect("wrong")));
await say("unknown repository", report(one, "success", "refused", {}, repos, "absent"));
await say("unknown state", report(one, "bogus", "refused"));
