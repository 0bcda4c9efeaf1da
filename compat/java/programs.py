"""The programs of a module, built once with exactly the versions that its pom.xml names."""

import collections
import functools
import os
import re
import shutil
import unittest

import commands
import stand

HERE = os.path.dirname(os.path.abspath(__file__))
# The first build fetches plugins and packages.
BUILD_SECONDS = 1200
# Maven asks the registry the first time and remembers a no.
NOT_SERVED = re.compile(
    r"Could not find artifact (com\.huaweicloud\.sdk:\S+)|(com\.huaweicloud\.sdk:\S+) was not found in"
)


@functools.cache
def build(module):
    """The module's folder with all that its programs need, or None and the package that the registry lacks."""
    folder = os.path.join(stand.folder, "java")
    if not os.path.exists(folder):
        shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("*.py", "target"))
    command = ["mvn", "-q", "-B", "-pl", module, "-am", "package"]
    done = commands.build(command, folder, BUILD_SECONDS)
    if done.returncode == 0:
        return os.path.join(folder, module, "target"), None
    lacking = NOT_SERVED.search(done.stdout)
    if lacking:
        return None, lacking[1] or lacking[2]
    raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")


def served(tests):
    """The tests without those of modules whose package the registry does not serve: nothing here can make up for it."""
    kept, left_out = [], collections.Counter()
    for test in tests:
        _, lacking = build(test.module) if test.module else (None, None)
        if lacking:
            left_out[lacking] += 1
        else:
            kept.append(test)
    for package, number in left_out.items():
        print(f"the registry does not serve {package}: its {number} tests are left out", flush=True)
    return kept


def require(module):
    """Skips the tests of a module that was asked for by name, for the same reason."""
    _, lacking = build(module)
    if lacking:
        raise unittest.SkipTest(f"the registry does not serve {lacking}")


def run(module, program, *args, **changed):
    """Runs a program with what `stagepost env java` prints; `None` takes a setting away."""
    target, _ = build(module)
    # The samples print Chinese, and Java writes what the locale can.
    environment = stand.server.printed_environment("java") | {"LC_ALL": "C.UTF-8"} | changed
    class_path = os.pathsep.join((os.path.join(target, "classes"), os.path.join(target, "lib", "*")))
    # The SDK keeps a file there, and would read settings.
    return commands.run(["java", f"-Duser.home={commands.home()}", "-cp", class_path, program, *args], environment)
