// Signs in as the administrator: by the form once, and then by its cookies.

import { password, server, user } from "./settings.js";
import { visit } from "./visitor.js";

/** Fills in the form of a page at /sign-in, and sends it. */
export async function signIn(page, name = user, secret = password) {
  await page.locator("input[name=name]").fill(name);
  await page.locator("input[name=password]").fill(secret);
  await page.locator("form:has(input[name=password]) button").click();
}

let kept;

/** The cookies of a session, signed in once for this run. */
export function session() {
  kept ??= begin();
  return kept;
}

async function begin() {
  const visitor = await visit();
  await visitor.page.goto("/sign-in");
  await signIn(visitor.page);
  await visitor.page.waitForURL("**/repositories");
  const cookies = await visitor.context.cookies();
  await visitor.leave();
  // The one for browsers that keep no Secure cookie here; the other cannot be given to one from outside.
  return cookies.filter(({ secure }) => !secure).map(({ name, value }) => ({ name, value, url: server }));
}
