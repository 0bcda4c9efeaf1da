"""The programs, beside the packages that the lock file names."""

import functools
import os
import shutil
import subprocess

import stand

HERE = os.path.dirname(os.path.abspath(__file__))
INSTALL_SECONDS = 600
RUN_SECONDS = 120


@functools.cache
def install():
    """A copy of this folder with node_modules: the source tree gets none."""
    folder = os.path.join(stand.server.dir, "node")
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("*.py", "node_modules"), dirs_exist_ok=True)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--no-update-notifier"]
    done = subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return folder


def run(program, *args, **changed):
    """Runs a program with what `stagepost env node` prints; `None` takes a setting away."""
    settings = stand.server.printed_environment("node")
    # The SDK would read settings from HOME.
    settings["HOME"] = os.path.join(stand.server.dir, "home")
    os.makedirs(settings["HOME"], exist_ok=True)
    settings |= changed
    return subprocess.run(
        ["node", os.path.join(install(), program), *args],
        env={name: value for name, value in settings.items() if value is not None},
        cwd=settings["HOME"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=RUN_SECONDS,
    )
