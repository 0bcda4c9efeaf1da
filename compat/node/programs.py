"""The programs, in a folder with the packages of the lock file."""

import functools
import os
import shutil

import commands
import context

HERE = os.path.dirname(os.path.abspath(__file__))
INSTALL_SECONDS = 600


@functools.cache
def install():
    """Copies this folder and installs node_modules in the copy, outside the source tree."""
    folder = os.path.join(context.folder, "node")
    # npm writes this file last.
    complete = os.path.exists(os.path.join(folder, "node_modules", ".package-lock.json"))
    current = complete and lock_file(folder) == lock_file(HERE)
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("*.py", "node_modules"), dirs_exist_ok=True)
    if current:
        return folder
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--no-update-notifier"]
    done = commands.build(command, folder, INSTALL_SECONDS)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return folder


def lock_file(folder):
    """The packages that a folder names."""
    with open(os.path.join(folder, "package-lock.json"), encoding="utf-8") as file:
        return file.read()


def run(program, *args, **changed):
    """Runs a program with the variables of `stagepost env node`; `None` removes one."""
    settings = context.server.printed_environment("node")
    # The SDK would read settings from HOME.
    settings["HOME"] = commands.home()
    settings |= changed
    return commands.run(["node", os.path.join(install(), program), *args], settings)
