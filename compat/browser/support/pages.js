// All pages, and the data that they show.

import { ask, commit, makeRepository, report, reportPipeline } from "./native.js";

const DEMO = 2111976240;

// Pages with wide tables and forms are also shown at the width of a tablet.
const THREE_WIDTHS = [360, 768, 1280];

/** By name: the address, whether it is for users who are not signed in, and widths other than the usual ones. */
export const PAGES = [
  { name: "sign-in", address: () => "/sign-in", signedOut: true },
  { name: "repositories", address: () => "/repositories", widths: THREE_WIDTHS },
  { name: "wall", address: () => "/wall", widths: [360, 768, 1280, 1920] },
  { name: "pipelines", address: () => `/repositories/${DEMO}/pipelines` },
  { name: "pipelines-none", address: () => `/repositories/${DEMO}/pipelines?q=nothing-has-this-name` },
  {
    name: "pipeline",
    address: ({ repository, pipeline }) => `/repositories/${repository}/pipelines/${pipeline}`,
    widths: THREE_WIDTHS,
  },
  {
    name: "job",
    address: ({ repository, job }) => `/repositories/${repository}/pipelines/${job.pipeline_id}/jobs/${job.job_id}`,
  },
  { name: "commit", address: ({ repository, sha }) => `/repositories/${repository}/commits/${sha}` },
  {
    name: "commit-gate",
    address: ({ gated }) => `/repositories/${gated.repository}/commits/${gated.sha}`,
    widths: THREE_WIDTHS,
  },
  {
    name: "merge-requests",
    address: ({ gated }) => `/repositories/${gated.repository}/merge-requests`,
    widths: THREE_WIDTHS,
  },
  {
    name: "merge-request",
    address: ({ gated }) => `/repositories/${gated.repository}/merge-requests/7`,
    widths: THREE_WIDTHS,
  },
  {
    name: "gate-rules",
    address: ({ gated }) => `/repositories/${gated.repository}/settings/gates`,
    widths: THREE_WIDTHS,
  },
  {
    name: "destinations",
    address: ({ gated }) => `/repositories/${gated.repository}/settings/destinations`,
    widths: THREE_WIDTHS,
  },
  {
    name: "destination",
    address: ({ gated }) => `/repositories/${gated.repository}/settings/destinations/${gated.destination}`,
    widths: THREE_WIDTHS,
  },
  { name: "insights", address: ({ repository }) => `/repositories/${repository}/insights` },
  { name: "grid", address: ({ repository }) => `/repositories/${repository}/grid?ref=main`, widths: THREE_WIDTHS },
  {
    name: "job-runs",
    address: ({ repository }) => `/repositories/${repository}/jobs?stage=stage%201&name=job%201`,
    widths: THREE_WIDTHS,
  },
  {
    name: "comparison",
    address: ({ repository, pipeline }) => `/repositories/${repository}/compare/${pipeline - 1}...${pipeline}`,
    widths: THREE_WIDTHS,
  },
  { name: "search", address: () => "/search?q=job", widths: THREE_WIDTHS },
  { name: "settings", address: ({ repository }) => `/repositories/${repository}/settings`, widths: THREE_WIDTHS },
  { name: "settings-members", address: ({ repository }) => `/repositories/${repository}/settings/members` },
  { name: "settings-retention", address: ({ repository }) => `/repositories/${repository}/settings/policies` },
  { name: "settings-webhooks", address: ({ repository }) => `/repositories/${repository}/settings/webhooks` },
  // Names of build systems are the same in both languages.
  { name: "connect", address: ({ repository }) => `/repositories/${repository}/connect`, names: true },
  { name: "new-repository", address: () => "/repositories/new" },
  { name: "docs", address: () => "/docs" },
  { name: "docs-page", address: () => "/docs/pages" },
  {
    name: "pipeline-filtered",
    address: ({ repository, pipeline }) => `/repositories/${repository}/pipelines/${pipeline}?failed=1&q=job`,
  },
  { name: "errors", address: () => "/errors" },
  { name: "administration", address: () => "/administration" },
  { name: "account", address: () => "/account" },
  { name: "subscriptions", address: () => "/account/subscriptions", widths: THREE_WIDTHS },
  { name: "explorer", address: () => "/explorer" },
  {
    name: "explorer-operation",
    address: () => "/explorer/ListPipelineJobs?repository_id=2111976239&pipeline_id=6",
    widths: THREE_WIDTHS,
  },
  { name: "explorer-body", address: () => "/explorer/Report?repository_id=2111976239&ref=dev&stage=构建" },
  { name: "not-found", address: () => "/repositories/2147483647/pipelines" },
];

const long = "very-long-path-segment/".repeat(8);
const annotation = (level, path, start_line, message, more) => ({ level, path, start_line, message, ...more });

/** Every element of Markdown, every level, and text that is wider than a telephone. */
export const DETAILS = {
  title: "3 of 120 tests failed: 对账单总额与明细之和不符",
  summary: `#### 结果\n\nSee the [log](https://ci.example.com/${long}) or <https://ci.example.com>, *soon* and **now**, ~~never~~.
![chart](https://ci.example.com/chart.png) <img src=x> ${"unbreakable".repeat(20)}

> quoted

1. one
2. two
   - [x] done
   - [ ] open

| suite | failed | ${"wide ".repeat(30)}|
|---|---|---|
| ReconciliationTest | 3 | \`totals\` |`,
  text: `# Output\n\n\`\`\`\n${"a line of output ".repeat(20)}\n\`\`\`\n\n---\n\n###### Small`,
  tests: { failed: 3, passed: 116, skipped: 1 },
  annotations: [
    annotation("failure", "src/test/ReconciliationTest.java", 217, "expected 1,024.00\nbut was 1,023.99", {
      title: "totals",
      raw_details: "at ReconciliationTest.totals(ReconciliationTest.java:217) ".repeat(6),
    }),
    annotation("warning", "src/test/ReconciliationTest.java", 12, "unused import", {
      start_column: 8,
      end_column: 22,
    }),
    annotation("notice", `${long}a.java`, 1, "a file of its own", { end_line: 40 }),
  ],
};

let prepared;

/** A repository with every status, texts in two scripts, long names and attempts; created once for this run. */
export function prepare() {
  prepared ??= make();
  return prepared;
}

async function make() {
  const repository = await makeRepository("支付中心/payment-gateway", {
    description: "支付网关与对账 (payments and their books)",
  });
  await ask("PUT", `repositories/${repository}/policies`, {
    silence_limit: 7200,
    stage_limits: { deploy: 21600 },
    keep_for: 7776000,
    keep_per_ref: 10,
  });
  for (let number = 0; number < 4; number += 1) {
    await reportPipeline(repository, 6 + number);
  }
  const pipeline = await reportPipeline(repository, 24, { trigger_user: "王小明" });
  const sha = commit();
  const now = Date.now();
  const at = (seconds) => new Date(now - seconds * 1000).toISOString();
  const job = (stage_order, stage, name, status, more = {}) => ({
    sha,
    ref: "feature/对账单-month-end-reconciliation-with-a-name-that-goes-on",
    stage,
    stage_order,
    name,
    status,
    source: "buildbot",
    trigger_user: "王小明",
    ...more,
  });
  await report(
    repository,
    job(1, "构建", "编译 (linux-x86_64)", "success", { started_at: at(900), finished_at: at(720) }),
  );
  await report(
    repository,
    job(2, "测试", "单元测试", "failed", {
      third_build_id: "1",
      started_at: at(700),
      finished_at: at(650),
      description: "3 tests failed",
    }),
  );
  const tried = job(2, "测试", "单元测试", "failed", {
    third_build_id: "2",
    started_at: at(640),
    finished_at: at(500),
    target_url: `https://ci.example.com/job/${"very-long-path-segment-".repeat(8)}/console`,
    description: "断言失败：对账单总额 1,024.00 与明细之和 1,023.99 不符 (ReconciliationTest.totals, line 217)",
    details: DETAILS,
  });
  await report(repository, { ...tried, status: "running", finished_at: undefined, description: undefined });
  const last = await report(repository, tried);
  await report(
    repository,
    job(2, "测试", "integration-tests-against-the-staging-database-with-replica-and-failover", "running", {
      started_at: at(630),
    }),
  );
  await report(repository, job(3, "deploy", "deploy-to-staging", "pending"));
  return { repository, pipeline, sha, job: last, gated: await makeGated() };
}

/** A repository with gate rules, a merge request whose requirements have every state, and a destination. */
async function makeGated() {
  const repository = await makeRepository("支付中心/gated");
  const at = `repositories/${repository}`;
  const requirement = (name, job, more = {}) => ({ name, job, ...more });
  await ask("PUT", `${at}/gates`, {
    rules: [
      {
        targets: ["main", "release/*"],
        requirements: [
          requirement("编译", "compile"),
          requirement("单元测试", "unit-*", { stage: "测试" }),
          requirement("end-to-end tests against the staging database", "e2e"),
          requirement("安全扫描", "scan", { absent_after: 0 }),
          requirement("许可证", "license", { absent: "not_applicable", absent_after: 0 }),
        ],
      },
    ],
  });
  const [before, sha] = [commit(), commit()];
  const branches = { source_branch: "feature/对账单", target_branch: "main" };
  const job = (of, name, status, more = {}) =>
    report(repository, { sha: of, ref: branches.source_branch, stage: "测试", name, status, ...more });
  await ask("PUT", `${at}/merge-requests/7`, { ...branches, head_sha: before });
  await job(before, "unit-1", "failed");
  await ask("PUT", `${at}/merge-requests/7`, { ...branches, head_sha: sha });
  await job(sha, "compile", "success", { stage: "构建" });
  await job(sha, "unit-1", "success");
  await job(sha, "unit-2", "failed");
  await job(sha, "e2e", "running");
  const announced = { stage: "部署", name: "预发布" };
  await ask("POST", `${at}/gates/${sha}/expect`, { jobs: [{ name: "e2e" }, announced] });
  const target = "main";
  const decision = { target, requirement: "安全扫描", reason: "扫描服务停机维护 (maintenance until Monday)" };
  await ask("POST", `${at}/gates/${sha}/overrides`, decision);
  const destination = { kind: "gitea", url: "https://gitea.example.com", project: "pay/gated", token: "t" };
  const { id } = await ask("POST", `${at}/destinations`, { ...destination, jobs: ["测试/*"] });
  await job(sha, "unit-3", "success");
  return { repository, sha, destination: id, names: { ...announced, project: destination.project } };
}
