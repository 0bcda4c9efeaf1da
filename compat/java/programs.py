"""The programs of a module, built once with the versions that its pom.xml names."""

import contextlib
import functools
import glob
import hashlib
import os
import re
import shutil
import unittest

import commands
import context
from suite import UNAVAILABLE

HERE = os.path.dirname(os.path.abspath(__file__))
# The first build fetches plugins and packages.
BUILD_SECONDS = 1200
# Maven asks the registry once, and caches that an artefact is missing.
NOT_SERVED = re.compile(
    r"Could not find artifact ((?:com\.huaweicloud\.sdk|org\.kohsuke|org\.apache\.groovy):\S+)|"
    r"((?:com\.huaweicloud\.sdk|org\.kohsuke|org\.apache\.groovy):\S+) was not found in"
)
# For programs that run for a second: less compiling while they run, and fewer threads.
QUICK = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
MODULES = ("core", "codehub", "codeartsrepo", "github", "jenkinsfile")


def prepare():
    for module in MODULES:
        # Each run asks the registry again.
        with contextlib.suppress(FileNotFoundError):
            os.remove(lacking_file(module))
        build(module)


def lacking_file(module):
    """The file that names the package which the registry does not have, after the digest of the sources."""
    return os.path.join(context.folder, "java", f"{module}.lacking")


@functools.cache
def build(module):
    """Builds a module. Returns its folder and None, or None and the package that the registry does not have."""
    folder = os.path.join(context.folder, "java")
    for module_sources in glob.glob(os.path.join(folder, "*", "src")):
        # Removes sources that were deleted since the last build.
        shutil.rmtree(module_sources)
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("*.py", "target"), dirs_exist_ok=True)
    # Maven takes seconds to find that nothing changed, and the suite runs once for each store.
    complete, sources = os.path.join(folder, module, "target", "complete"), digest()
    if read(complete) == sources:
        return os.path.join(folder, module, "target"), None
    known, _, lacking = (read(lacking_file(module)) or "").partition("\n")
    if known == sources:
        return None, lacking
    command = ["mvn", "-q", "-B", "-pl", module, "-am", "package"]
    options = " ".join(filter(None, [os.environ.get("MAVEN_OPTS"), *QUICK]))
    done = commands.build(command, folder, BUILD_SECONDS, os.environ | {"MAVEN_OPTS": options})
    if done.returncode == 0:
        with open(complete, "w") as file:
            file.write(sources)
        return os.path.join(folder, module, "target"), None
    found = NOT_SERVED.search(done.stdout)
    if found:
        lacking = found[1] or found[2]
        with open(lacking_file(module), "w") as file:
            file.write(f"{sources}\n{lacking}")
        return None, lacking
    raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")


def read(path):
    if not os.path.exists(path):
        return None
    with open(path) as file:
        return file.read()


def digest():
    """The digest of the sources of all modules."""
    content = hashlib.sha256()
    for path in sorted(glob.glob(os.path.join(HERE, "**", "*.*"), recursive=True)):
        if path.endswith((".java", ".xml")):
            with open(path, "rb") as file:
                content.update(path.encode() + b"\0" + file.read())
    return content.hexdigest()


def served(tests):
    """The tests. Those of modules whose package the registry does not have are skipped: it cannot be replaced here."""
    tests = list(tests)
    for test in tests:
        lacking = build(test.module)[1] if test.module else None
        if lacking:
            unittest.skip(UNAVAILABLE + lacking)(type(test))
    return tests


def require(module):
    """Skips the tests of such a module where they were named on the command line."""
    _, lacking = build(module)
    if lacking:
        raise unittest.SkipTest(UNAVAILABLE + lacking)


def class_path(module):
    """That of the module's programs."""
    target, _ = build(module)
    return os.pathsep.join((os.path.join(target, "classes"), os.path.join(target, "lib", "*")))


def run(module, program, *args, server=None, **changed):
    """Runs a program with the variables of `stagepost env java` of a server; `None` removes one."""
    # The samples print Chinese, which Java writes only in such a locale.
    environment = (server or context.server).printed_environment("java") | {"LC_ALL": "C.UTF-8"} | changed
    # The SDK writes a file there, and would read settings from there.
    command = ["java", *QUICK, f"-Duser.home={commands.home()}", "-cp", class_path(module), program, *args]
    return commands.run(command, environment)
