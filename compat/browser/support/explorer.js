// Reads the page of an operation in the explorer.

import { LOADED } from "./visitor.js";

/** The time in which a sample follows its form, in milliseconds. */
export const MOMENT = 100;

/** The JSON in the box of the body. */
export const json = async (page) => JSON.parse(await page.locator("#body").inputValue());

/** The samples, by the ids of their panels. */
export const samples = (page) =>
  page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll("#samples pre code")].map((code) => [code.closest("[id]").id, code.textContent]),
    ),
  );

/** The current address of the page; the driver learns of changes later. */
export const address = (page) => page.evaluate(() => location.href);

/** Waits until the response of a call is shown: its status appears before its body. */
export const responded = (page) => page.locator("#answer-body", { hasText: /\S/ }).waitFor();

/** Opens an operation's page; returns once its script has made the samples. */
export async function open(page, operation) {
  await page.goto(operation);
  await page.locator("#samples").waitFor(LOADED);
}
