// The page of an operation in the explorer, as a test looks at it.

/** How long a sample may take to follow its form, in milliseconds. */
export const MOMENT = 100;

/** What the box of the body holds. */
export const json = async (page) => JSON.parse(await page.locator("#body").inputValue());

/** The samples, by the ids of their panels. */
export const samples = (page) =>
  page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll("#samples pre code")].map((code) => [code.closest("[id]").id, code.textContent]),
    ),
  );

/** The address as the page has it now; what the driver knows of it comes later. */
export const address = (page) => page.evaluate(() => location.href);

/** Opens an operation's page; returns once its script has made the samples. */
export async function open(page, operation) {
  await page.goto(operation);
  await page.locator("#samples").waitFor();
}
