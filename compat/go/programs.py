"""The programs of a module, built with exactly the versions it names; one module cannot hold two versions of the SDK."""

import functools
import os

import commands
import stand

HERE = os.path.dirname(os.path.abspath(__file__))
# The SDK's packages are large, and compiled here the first time.
BUILD_SECONDS = 1800


MODULES = ("codehub", "codeartsrepo")


def prepare():
    for module in MODULES:
        build(module)


@functools.cache
def build(module):
    """The folder of the module's programs."""
    folder = os.path.join(stand.folder, module)
    os.makedirs(folder, exist_ok=True)
    # The module and build caches stay where Go keeps them: outside the source tree.
    environment = os.environ | {"GOFLAGS": "-mod=readonly -buildvcs=false", "GOWORK": "off"}
    command = ["go", "build", "-o", folder + os.sep, "./..."]
    done = commands.build(command, os.path.join(HERE, module), BUILD_SECONDS, environment)
    if done.returncode != 0:
        raise RuntimeError(f"{module}: {' '.join(command)}: exit code {done.returncode}\n{done.stderr}")
    return folder


def run(module, program, *args, **changed):
    """Runs a program with what `stagepost env go` prints and no other; `None` takes a setting away."""
    environment = stand.server.printed_environment("go") | changed
    # The SDK keeps a file in HOME, and would read settings from there.
    environment["HOME"] = commands.home()
    return commands.run([os.path.join(build(module), program), *args], environment)
