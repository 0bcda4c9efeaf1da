"""Runs the tests of the pages in Debian's Chromium: `python3 run.py path/to/stagepost [FILE ...]`. A file is named by
a part of its path, as `./timed/` or `explorer`. The last line has the count.

On SQLite alone: what a page shows of the other store is the same, and the stores' own suite says so. Pictures are
left in `screenshots` beside the folder that the binary is in (for one that cargo built: target/screenshots), or
where SCREENSHOTS says.
"""

import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(HERE, os.pardir, "support"))

import context
import node_packages
from server import Server, clean_environment

SUITE_SECONDS = 900
LINK_SECONDS = 60
# The tests that measure time run after the others, which have left pictures.
TIMED = "./timed/"
LINK = re.compile(r"sign in once: (\S+)")


def main(binary, files):
    beside = os.path.dirname(os.path.dirname(os.path.abspath(binary)))
    context.folder = os.path.join(beside, "compat")
    packages = node_packages.install(HERE)
    screenshots = os.environ.get("SCREENSHOTS", os.path.join(beside, "screenshots"))
    if TIMED not in files:
        shutil.rmtree(screenshots, ignore_errors=True)
    os.makedirs(screenshots, exist_ok=True)
    # A test receives a webhook itself.
    server = Server(binary, "sqlite", ["--webhook-allow", "127.0.0.0/8"])
    try:
        server.wait_until_ready()
        failed = run(server, files, PACKAGES=packages, SCREENSHOTS=screenshots)
        ended = server.stop()
    finally:
        server.remove()
    if ended != 0:
        print(f"the server ended on SIGTERM with exit code {ended}")
    if ended != 0 or failed:
        print("".join(server.lines[-50:]))
    # The suite has printed its own count.
    print("1 passed, 0 failed" if ended == 0 else "0 passed, 1 failed")
    return 1 if failed or ended != 0 else 0


def run(server, files, **settings):
    """Runs the tests; whether one failed."""

    def links():
        return [found[1] for found in map(LINK.search, server.lines) if found]

    # The link is printed after the addresses. Without it the test that uses it fails.
    server.process.wait_for(links, LINK_SECONDS)
    environment = clean_environment(
        STAGEPOST_BINARY=server.binary,
        STAGEPOST_SERVER=server.urls["http"],
        STAGEPOST_TOKEN=server.token,
        STAGEPOST_CONFIG_HOME=server.dir,
        STAGEPOST_USER=server.user,
        STAGEPOST_PASSWORD=server.password,
        STAGEPOST_LINK="".join(links()[:1]),
        **settings,
    )
    command = ["node", "--test-reporter", os.path.join(HERE, "reporter.js"), os.path.join(HERE, "suite.js"), *files]
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, timeout=SUITE_SECONDS)
    return done.returncode != 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: run.py path/to/stagepost [FILE ...]")
    sys.exit(main(sys.argv[1], sys.argv[2:]))
