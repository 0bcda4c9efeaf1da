"""Tests of the files that `cargo xtask dist` makes: `XTASK=path/to/xtask python3 run.py path/to/stagepost`. The last line has the
count.

`run.py --prepare` installs a Debian system in the folder BUILDS, which a later run with the same BUILDS uses.
"""

import collections
import os
import subprocess
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
        # The tests that need a system are skipped if none can be started.
        if not machine.REFUSAL:
            try:
                machine.install(built.system())
            except (RuntimeError, subprocess.TimeoutExpired) as error:
                # Without a mirror there is no system.
                print(error)
        if sys.argv[1] == "--prepare":
            return
        built.make(sys.argv[1])
        suite = unittest.defaultTestLoader.loadTestsFromNames(sys.argv[2:] or MODULES)
        result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    # A failed set-up is an error of tests that did not run, which testsRun does not count.
    failed = len(result.failures) + len(result.errors)
    failed_tests = {test.id() for test, _ in result.failures + result.errors}
    # xtask reads these lines, and the last one.
    for reason, number in collections.Counter(reason for _, reason in result.skipped).items():
        print(f"unavailable: {number} tests: {reason}")
    skipped = f", {len(result.skipped)} skipped" if result.skipped else ""
    # A skipped test is in testsRun, unless the set-up of its class skipped it.
    skipped_tests = sum(isinstance(test, unittest.TestCase) for test, _ in result.skipped)
    passed = max(result.testsRun - len(failed_tests) - skipped_tests, 0)
    print(f"{passed} passed, {failed} failed{skipped}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
