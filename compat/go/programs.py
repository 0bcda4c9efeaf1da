"""The programs of a module, built with the versions that it names; one module cannot have two versions of the SDK."""

import functools
import os

import commands
import context

HERE = os.path.dirname(os.path.abspath(__file__))
# The first build compiles the packages of the SDK, which are large.
BUILD_SECONDS = 1800


MODULES = ("codehub", "codeartsrepo", "gitea", "argo")


def prepare():
    for module in MODULES:
        build(module)


@functools.cache
def build(module):
    """The folder of the module's programs."""
    folder = os.path.join(context.folder, module)
    os.makedirs(folder, exist_ok=True)
    # The module and build caches stay where Go keeps them: outside the source tree.
    environment = os.environ | {"GOFLAGS": "-mod=readonly -buildvcs=false", "GOWORK": "off"}
    command = ["go", "build", "-o", folder + os.sep, "./..."]
    done = commands.build(command, os.path.join(HERE, module), BUILD_SECONDS, environment)
    if done.returncode != 0:
        raise RuntimeError(f"{module}: {' '.join(command)}: exit code {done.returncode}\n{done.stderr}")
    return folder


def run(module, program, *args, server=None, **changed):
    """Runs a program with only the variables of `stagepost env go` of a server; `None` removes one."""
    environment = (server or context.server).printed_environment("go") | changed
    # The SDK writes a file to HOME, and would read settings from there.
    environment["HOME"] = commands.home()
    return commands.run([os.path.join(build(module), program), *args], environment)
