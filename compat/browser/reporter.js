// Prints the results of node's test runner like the other suites: a line for each test, the error of a failed one,
// and the count.

// The sums of the runner itself.
const OWN = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /;

export default async function* report(events) {
  let [passed, failed] = [0, 0];
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
    if (data.details.type === "suite") {
      if (data.details.error?.failureType === "hookFailed") {
        yield `${data.name}: ${data.details.error.cause?.stack}\n\n`;
      }
      continue;
    }
    const took = `${Math.round(data.details.duration_ms)} ms`;
    const skipped = data.skip !== undefined || data.todo !== undefined;
    if (type === "test:pass" && !skipped) {
      passed += 1;
      yield `${data.name} ... ok (${took})\n`;
    } else {
      failed += 1;
      yield `${data.name} ... ${skipped ? "SKIPPED, which is not allowed" : "FAILED"} (${took})\n`;
      const error = data.details.error?.cause ?? data.details.error;
      yield `${error?.stack ?? error}\n\n`;
    }
  }
  yield `\n${passed} passed, ${failed} failed\n`;
}
