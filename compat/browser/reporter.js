// What node's test runner saw, in the words of the neighbouring suites: a line a test, what failed at the end, the count last.

export default async function* report(events) {
  const failed = [];
  let passed = 0;
  for await (const { type, data } of events) {
    if (type === "test:stdout" || type === "test:stderr" || type === "test:diagnostic") {
      if (data.nesting > 0 || type !== "test:diagnostic") {
        yield `      ${(data.message ?? "").trimEnd()}\n`;
      }
    }
    // A suite passes and fails with its tests, which are counted.
    if ((type !== "test:pass" && type !== "test:fail") || data.details.type === "suite") {
      continue;
    }
    const took = `${Math.round(data.details.duration_ms)} ms`;
    const skipped = data.skip !== undefined || data.todo !== undefined;
    if (type === "test:pass" && !skipped) {
      passed += 1;
      yield `${data.name} ... ok (${took})\n`;
    } else {
      failed.push(data);
      yield `${data.name} ... ${skipped ? "SKIPPED, and nothing may be" : "FAILED"} (${took})\n`;
    }
  }
  for (const { name, details } of failed) {
    const error = details.error?.cause ?? details.error;
    yield `\n=== ${name}\n${error?.stack ?? error}\n`;
  }
  yield `\n${passed} passed, ${failed.length} failed\n`;
}
