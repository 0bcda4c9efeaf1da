// Prints a sample of the explorer of a server: `node print_sample.mjs SERVER OPERATION LANGUAGE PACKAGE [NAME=VALUE
// ...]`. LANGUAGE is a sample's module, PACKAGE codehub or codeartsrepo; the value of `body` is the request body,
// that of `base` the address in the sample.

const [server, name, language, sdkPackage, ...given] = process.argv.slice(2);
const { sample } = await import(`../../crates/pages/assets/explorer/${language}.js`);
const answer = await fetch(`${server}/explorer/${encodeURIComponent(name)}.json`);
if (!answer.ok) throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
const parameters = Object.fromEntries(
  given.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
);
const { body, base = server, ...others } = parameters;
process.stdout.write(
  sample(await answer.json(), { parameters: others, body }, { base, region: "cn-north-4", package: sdkPackage }),
);
