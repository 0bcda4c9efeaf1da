// Prints samples of the explorer of a server: `node print_sample.mjs SERVER`. Each line of the input is JSON with
// `operation`, `language`, `package` and `values`, and is answered with a line of JSON that has `sample` or `error`.
// `language` is a sample's module, `package` codehub or codeartsrepo; the value of `body` is the request body.

import { createInterface } from "node:readline";

const [base] = process.argv.slice(2);

async function print({ operation, language, package: sdkPackage, values: { body, ...parameters } }) {
  const { sample } = await import(`../../crates/pages/assets/explorer/${language}.js`);
  const answer = await fetch(`${base}/explorer/${encodeURIComponent(operation)}.json`);
  if (!answer.ok) throw new Error(`${operation}: ${answer.status} ${await answer.text()}`);
  return sample(await answer.json(), { parameters, body }, { base, region: "cn-north-4", package: sdkPackage });
}

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await print(JSON.parse(line)).then(
    (sample) => ({ sample }),
    (error) => ({ error: String(error) }),
  );
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
