"""The programs of a module, built with exactly the versions it names; one module cannot hold two versions of the SDK."""

import functools
import os
import subprocess

import stand

HERE = os.path.dirname(os.path.abspath(__file__))
# The SDK's packages are large, and compiled here the first time.
BUILD_SECONDS = 1800
RUN_SECONDS = 120


@functools.cache
def build(module):
    """The folder of the module's programs."""
    folder = os.path.join(stand.server.dir, module)
    os.makedirs(folder, exist_ok=True)
    # The module and build caches stay where Go keeps them: outside the source tree.
    environment = os.environ | {"GOFLAGS": "-mod=readonly -buildvcs=false", "GOWORK": "off"}
    command = ["go", "build", "-o", folder + os.sep, "./..."]
    done = subprocess.run(
        command,
        env=environment,
        cwd=os.path.join(HERE, module),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{module}: {' '.join(command)}: exit code {done.returncode}\n{done.stderr}")
    return folder


def run(module, program, *args, **changed):
    """Runs a program with what `stagepost env go` prints and no other; `None` takes a setting away."""
    environment = stand.server.printed_environment("go") | changed
    # The SDK keeps a file in HOME, and would read settings from there.
    environment["HOME"] = os.path.join(stand.server.dir, "home")
    os.makedirs(environment["HOME"], exist_ok=True)
    return subprocess.run(
        [os.path.join(build(module), program), *args],
        env={name: value for name, value in environment.items() if value is not None},
        cwd=environment["HOME"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=RUN_SECONDS,
    )
