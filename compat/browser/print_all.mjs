// Writes the sample of every operation of a server to a file of its own: `node print_all.mjs SERVER LANGUAGE
// PACKAGE FOLDER ENDING`. Every parameter has a value: a placeholder in braces would not be valid code.

import { writeFileSync } from "node:fs";

const [server, language, sdkPackage, folder, ending] = process.argv.slice(2);
const { sample } = await import(`../../crates/pages/assets/explorer/${language}.js`);

async function ask(path) {
  const answer = await fetch(server + path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer;
}

function value({ type, enum: words, minimum, default: usual }) {
  if (words?.length) return words[0];
  return (
    { integer: String(Math.max(minimum ?? 1, 1)), number: "1", boolean: "true" }[type] ?? usual ?? 'it\'s $a "word"'
  );
}

const names = new Set(
  Array.from((await (await ask("/explorer")).text()).matchAll(/href="\/explorer\/([^"/?]+)"/g), (found) => found[1]),
);
for (const name of names) {
  const operation = await (await ask(`/explorer/${name}.json`)).json();
  const parameters = Object.fromEntries(operation.parameters.map((parameter) => [parameter.name, value(parameter)]));
  const body = '{"name": "it\'s $a \\"word\\"",\n"project_uuid": "25c88b23d4dc400fa7b3e2a152e4d53c", "license_id": 1}';
  const text = sample(operation, { parameters, body }, { base: server, region: "cn-north-4", package: sdkPackage });
  writeFileSync(`${folder}/${name}.${ending}`, text);
}
