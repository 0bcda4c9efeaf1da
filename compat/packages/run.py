"""Tests of the files that `cargo xtask dist` makes: `XTASK=path/to/xtask python3 run.py path/to/stagepost`. The last line has the
count.

`run.py --prepare` installs a Debian system in the folder BUILDS, which a later run with the same BUILDS uses.
"""

import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "support"))

import built
import machine

MODULES = ["files", "image", "package"]


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: run.py path/to/stagepost [TEST ...]")
    with tempfile.TemporaryDirectory(prefix="stagepost-builds-") as folder:
        built.folder = os.path.join(os.environ.get("BUILDS", folder), "packages")
        os.makedirs(built.folder, exist_ok=True)
        # Only root installs and starts systems; the tests that need one are skipped.
        if os.geteuid() == 0:
            machine.install(built.system())
        if sys.argv[1] == "--prepare":
            return
        built.make(sys.argv[1])
        suite = unittest.defaultTestLoader.loadTestsFromNames(sys.argv[2:] or MODULES)
        result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    # A failed set-up is an error of tests that did not run, which testsRun does not count.
    failed = len(result.failures) + len(result.errors)
    failed_tests = {test.id() for test, _ in result.failures + result.errors}
    skipped = f", {len(result.skipped)} skipped" if result.skipped else ""
    passed = max(result.testsRun - len(failed_tests) - len(result.skipped), 0)
    print(f"{passed} passed, {failed} failed{skipped}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
