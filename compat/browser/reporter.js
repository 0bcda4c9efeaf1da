// Prints the results of node's test runner like the other suites: a line for each test, the error of a failed one,
// the failed tests again with their errors, and the count.

// The sums of the runner itself.
const OWN = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /;

/** An error as it is printed below the line of its test: xtask takes indented lines as the error of the test. */
function indented(error) {
  const lines = `${error?.stack ?? error}`.split("\n").filter((line) => !/^ +at .*\bnode:internal\//.test(line));
  return lines.map((line) => line && `      ${line}\n`).join("");
}

export default async function* report(events) {
  let passed = 0;
  const failures = [];
  for await (const { type, data } of events) {
    if (type === "test:stdout" || type === "test:stderr" || type === "test:diagnostic") {
      if (!OWN.test(data.message)) {
        yield `      ${(data.message ?? "").trimEnd()}\n`;
      }
    }
    if (type !== "test:pass" && type !== "test:fail") {
      continue;
    }
    // The tests of a suite are counted, not the suite; unless it cannot start.
    if (data.details.type === "suite" && data.details.error?.failureType !== "hookFailed") {
      continue;
    }
    const took = `${Math.round(data.details.duration_ms)} ms`;
    const skipped = data.skip !== undefined || data.todo !== undefined;
    if (type === "test:pass" && !skipped) {
      passed += 1;
      yield `${data.name} ... ok (${took})\n`;
    } else {
      const error = skipped ? "it is skipped, which is not allowed" : (data.details.error?.cause ?? data.details.error);
      failures.push(`failed: ${data.name}\n${indented(error)}`);
      yield `${data.name} ... FAILED (${took})\n${indented(error)}\n`;
    }
  }
  // Again, because the output may be long.
  yield `\n${failures.join("\n")}\n${passed} passed, ${failures.length} failed\n`;
}
