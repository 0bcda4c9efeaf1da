// Starts Debian's Chromium without windows once: it resolves no host but this one, and sends no requests of its own.

import { createRequire } from "node:module";
import { join } from "node:path";
import { packages } from "./settings.js";

const { chromium } = createRequire(join(packages, "package.json"))("playwright-core");

let started;

/** The browser of this run. */
export function browser() {
  started ??= chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium-headless-shell",
    // Chromium has no sandbox for root.
    chromiumSandbox: process.getuid() !== 0,
    args: [
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-domain-reliability",
      "--disable-sync",
      "--no-pings",
      // Text is drawn the same on every machine.
      "--font-render-hinting=none",
      "--force-color-profile=srgb",
    ],
  });
  return started;
}

export async function close() {
  await (await started)?.close();
}
