"""Folders with Node.js programs and the packages of their lock file, outside the source tree."""

import functools
import os
import shutil

import commands
import context

INSTALL_SECONDS = 600


@functools.cache
def install(source):
    """Copies the folder of a suite and installs node_modules in the copy; returns the copy."""
    folder = os.path.join(context.folder, os.path.basename(source))
    # npm writes this file last.
    complete = os.path.exists(os.path.join(folder, "node_modules", ".package-lock.json"))
    current = complete and lock_file(folder) == lock_file(source)
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("*.py", "node_modules"), dirs_exist_ok=True)
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
