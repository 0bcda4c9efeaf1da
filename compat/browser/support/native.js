// Calls of build systems and operators, by the native API.

import { randomBytes } from "node:crypto";
import { server, token } from "./settings.js";

/** A new commit. */
export const commit = () => randomBytes(20).toString("hex");

/** Sends a request; returns the body, or throws. */
export async function ask(method, path, body) {
  const answer = await fetch(`${server}/native/v1/${path}`, {
    method,
    headers: { "X-Auth-Token": token, "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) {
    throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  }
  return text === "" ? null : JSON.parse(text);
}

/** Creates a repository; returns its id. */
export async function makeRepository(path, more = {}) {
  return (await ask("POST", "repositories", { path, default_branch: "main", visibility: "internal", ...more })).id;
}

/** Reports one job; returns the receipt. */
export function report(repository, fields) {
  return ask("POST", `repositories/${repository}/reports`, { ref: "main", status: "success", ...fields });
}

/** Reports jobs in batches of the largest size; returns the pipeline of the last. */
export async function reportAll(repository, reports) {
  let pipeline;
  for (let at = 0; at < reports.length; at += 1000) {
    const answers = await ask("POST", `repositories/${repository}/reports`, reports.slice(at, at + 1000));
    const refused = answers.find((answer) => answer.error);
    if (refused) {
      throw new Error(JSON.stringify(refused));
    }
    pipeline = answers.at(-1).receipt.pipeline_id;
  }
  return pipeline;
}

const STATUSES = [
  "success",
  "success",
  "success",
  "failed",
  "running",
  "pending",
  "skipped",
  "canceled",
  "timedout",
  "success",
];

/** Reports a pipeline with jobs of every status in five stages; returns its id. */
export function reportPipeline(repository, jobs, fields = {}) {
  const sha = commit();
  const began = Date.now() - 600_000;
  const reports = Array.from({ length: jobs }, (_, number) => {
    const status = STATUSES[number % STATUSES.length];
    const started = began + (number % 20) * 15_000;
    const times = status === "pending" || status === "skipped" ? {} : { started_at: time(started) };
    if (!["pending", "running", "skipped"].includes(status)) {
      times.finished_at = time(started + 5_000 + (number % 7) * 20_000);
    }
    return {
      sha,
      ref: "main",
      stage: `stage ${(number % 5) + 1}`,
      stage_order: (number % 5) + 1,
      name: `job ${number + 1}`,
      third_build_id: String(number + 1),
      target_url: `https://ci.example.com/builds/${number + 1}`,
      status,
      ...times,
      ...fields,
    };
  });
  return reportAll(repository, reports);
}

const time = (milliseconds) => new Date(milliseconds).toISOString();
