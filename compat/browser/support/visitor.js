// A browser context of its own: language, theme, width, with scripts or without. It records what pages must never
// do.

import assert from "node:assert/strict";
import { browser } from "./chromium.js";
import { session } from "./session.js";
import { host, server } from "./settings.js";

export const LANGUAGES = ["zh", "en"];
export const THEMES = ["light", "dark"];
export const WIDTHS = [360, 1280];

const LOCALES = { zh: "zh-CN", en: "en-US" };
const WIDTH = 1280;
export const HEIGHT = 800;
// Shorter than the 30 s after which an open page requests itself again without an event, in milliseconds.
const WAIT = 15_000;
/** No test asserts how soon a page is loaded, with its scripts. */
export const LOADED = { timeout: 4 * WAIT };

/**
 * Opens a context without history; `cookies` are those of a session. Its `page` is the first tab. Close it with
 * `leave`.
 */
export async function visit({ language = "en", theme = "light", width = WIDTH, script = true, cookies = [] } = {}) {
  const context = await (await browser()).newContext({
    baseURL: server,
    locale: LOCALES[language],
    timezoneId: "Asia/Shanghai",
    colorScheme: theme,
    viewport: { width, height: HEIGHT },
    reducedMotion: "reduce",
    javaScriptEnabled: script,
  });
  context.setDefaultTimeout(WAIT);
  context.setDefaultNavigationTimeout(LOADED.timeout);
  const visitor = new Visitor(context);
  await visitor.watch();
  await context.addCookies(cookies);
  visitor.page = await context.newPage();
  return visitor;
}

class Visitor {
  constructor(context) {
    this.context = context;
    this.wrong = [];
  }

  /** Records errors of scripts and of the console, violations of the content policy, and requests to other hosts. */
  async watch() {
    this.context.on("request", (request) => {
      const { protocol, host: asked } = new URL(request.url());
      if (protocol !== "data:" && protocol !== "about:" && asked !== host) {
        this.wrong.push(`request to another host: ${request.url()}`);
      }
    });
    this.context.on("console", (message) => {
      if (message.type() === "error" && !this.expects(message)) {
        this.wrong.push(`console: ${message.text()} (${message.location().url})`);
      }
    });
    this.context.on("weberror", (found) => this.wrong.push(`script: ${found.error().stack}`));
    await this.context.exposeBinding("refusedByPolicy", (_, what) => this.wrong.push(`content policy: ${what}`));
    await this.context.addInitScript(() => {
      document.addEventListener(
        "securitypolicyviolation",
        ({ violatedDirective, blockedURI, sourceFile, lineNumber, sample }) => {
          globalThis.refusedByPolicy(`${violatedDirective} ${blockedURI} at ${sourceFile}:${lineNumber} ${sample}`);
        },
      );
    });
  }

  /** The browser logs every error response; a test that expects one says so. */
  expects(message) {
    return this.expected?.test(message.text()) ?? false;
  }

  /** Closes the context; what was recorded fails the test. */
  async leave() {
    await this.context.close();
    assert.deepEqual(this.wrong, []);
  }
}

/** Runs `work` in a context that is signed in unless `cookies` are given, and closes it in any case. */
export async function visiting(options, work) {
  const visitor = await visit({ ...options, cookies: options.cookies ?? (await session()) });
  try {
    await work(visitor.page, visitor);
  } catch (error) {
    await visitor.context.close();
    if (visitor.wrong.length > 0) {
      error.message += `\nbefore that: ${visitor.wrong.join("\n")}`;
    }
    throw error;
  }
  await visitor.leave();
}

/** Visitors that no test uses now, by language, script and session. */
const idle = new Map();

/**
 * Like `visiting`, for work that only opens pages and reads them: the context is one that other tests have used so,
 * because starting one takes longer than loading a page. It is in the light theme and has the usual width again.
 */
export async function reading({ language = "en", script = true, cookies }, work) {
  const kind = `${language} ${script} ${cookies === undefined}`;
  const visitor = idle.get(kind)?.pop() ?? (await visit({ language, script, cookies: cookies ?? (await session()) }));
  const { page } = visitor;
  try {
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize({ width: WIDTH, height: HEIGHT });
    await work(page, visitor);
    assert.deepEqual(visitor.wrong, []);
  } catch (error) {
    await visitor.context.close();
    throw error;
  }
  idle.set(kind, [...(idle.get(kind) ?? []), visitor]);
}

/** Waits until the page receives events: it shows what is reported afterwards. */
export const following = (page) => page.locator("html[data-live=on]").waitFor(LOADED);

export async function openAndFollow(page, address) {
  await page.goto(address);
  await following(page);
}
