"""The programs of a module, built once with exactly the versions that its pom.xml names."""

import collections
import functools
import glob
import hashlib
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


MODULES = ("codehub", "codeartsrepo")


def prepare():
    for module in MODULES:
        build(module)


@functools.cache
def build(module):
    """The module's folder with all that its programs need, or None and the package that the registry lacks."""
    folder = os.path.join(stand.folder, "java")
    for module_sources in glob.glob(os.path.join(folder, "*", "src")):
        # What was deleted since the last build must not stay.
        shutil.rmtree(module_sources)
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("*.py", "target"), dirs_exist_ok=True)
    # Maven takes seconds to find that nothing changed, and the suite runs once for each store.
    complete, sources = os.path.join(folder, module, "target", "complete"), digest()
    if read(complete) == sources:
        return os.path.join(folder, module, "target"), None
    command = ["mvn", "-q", "-B", "-pl", module, "-am", "package"]
    done = commands.build(command, folder, BUILD_SECONDS)
    if done.returncode == 0:
        with open(complete, "w") as file:
            file.write(sources)
        return os.path.join(folder, module, "target"), None
    lacking = NOT_SERVED.search(done.stdout)
    if lacking:
        return None, lacking[1] or lacking[2]
    raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")


def read(path):
    if not os.path.exists(path):
        return None
    with open(path) as file:
        return file.read()


def digest():
    """Of the sources of all modules."""
    content = hashlib.sha256()
    for path in sorted(glob.glob(os.path.join(HERE, "**", "*.*"), recursive=True)):
        if path.endswith((".java", ".xml")):
            with open(path, "rb") as file:
                content.update(path.encode() + b"\0" + file.read())
    return content.hexdigest()


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
