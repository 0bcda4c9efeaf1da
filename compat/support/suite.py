"""Runs the modules of a suite against servers of their own, on both stores, or on the one that STORE names. After each
store a line has the count.

`run.py --prepare` builds the programs of the suite in the folder BUILDS, which a later run with the same BUILDS uses.
"""

import collections
import os
import subprocess
import sys
import tempfile
import unittest

import context
from server import Server

STORES = ("sqlite", "postgres")
# How the reason begins for which a test is skipped whose package cannot be had. Any other skipped test fails in CI.
UNAVAILABLE = "the registry does not have "


def run(modules, choose=list, prepare=None):
    """`choose` takes the tests, unless the command line names some, and returns those to run or to skip.
    `prepare` builds programs.
    """
    if len(sys.argv) < 2:
        sys.exit("usage: [STORE=sqlite|postgres] run.py path/to/stagepost [TEST ...]")
    if sys.argv[1] == "--prepare":
        context.folder = os.environ["BUILDS"]
        os.makedirs(context.folder, exist_ok=True)
        prepare()
        return
    store = os.environ.get("STORE")
    if store in STORES:
        with tempfile.TemporaryDirectory(prefix="stagepost-builds-") as folder:
            context.folder = os.environ.get("BUILDS", folder)
            run_on(store, modules, choose)
    elif store:
        sys.exit(f"STORE={store}: one of {', '.join(STORES)}")
    with tempfile.TemporaryDirectory(prefix="stagepost-builds-") as folder:
        # Each in a process of its own, so that nothing is cached of the other's server; they share what they build.
        builds = os.environ.get("BUILDS", folder)
        codes = [run_again(STORE=store, BUILDS=builds) for store in STORES]
    # A process that a signal ends has a negative code.
    sys.exit(1 if any(codes) else 0)


def run_again(**settings):
    return subprocess.run([sys.executable, "-u", *sys.argv], env=os.environ | settings).returncode


def run_on(store, modules, choose):
    print(f"--- on {store}", flush=True)
    named = sys.argv[2:]
    context.server = Server(sys.argv[1], store)
    try:
        context.server.wait_until_ready()
        suite = unittest.defaultTestLoader.loadTestsFromNames(named or modules)
        if not named:
            suite = unittest.TestSuite(choose(each(suite)))
        if not suite.countTestCases():
            raise RuntimeError("there is no test to run")
        result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
        ended = context.server.stop()
    finally:
        context.server.remove()

    # A failed set-up is an error of tests that did not run, which testsRun does not count.
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    failed_tests = {getattr(test, "test_case", test).id() for test, _ in result.failures + result.errors}
    # A skipped test is in testsRun, unless the set-up of its class skipped it.
    skipped_tests = sum(isinstance(test, unittest.TestCase) for test, _ in result.skipped)
    passed = max(result.testsRun - len(failed_tests) - skipped_tests, 0)
    if ended == 0:
        passed += 1
        print("the server ended on SIGTERM with exit code 0")
    else:
        failed += 1
        print(f"the server ended on SIGTERM with exit code {ended}; the end of its output:")
    if failed:
        print("".join(context.server.lines[-50:]))
    # xtask reads these lines, and the last one.
    unavailable = collections.Counter(reason for _, reason in result.skipped if reason.startswith(UNAVAILABLE))
    for reason, number in unavailable.items():
        print(f"unavailable: {number} tests: {reason}")
    skipped = f", {len(result.skipped)} skipped" if result.skipped else ""
    print(f"{passed} passed, {failed} failed{skipped}")
    sys.exit(1 if failed else 0)


def each(suite):
    """The tests of a suite."""
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from each(test)
        else:
            yield test
