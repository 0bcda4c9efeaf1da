"""Commands of other languages: how their programs are built, and run as by a user with a home of their own."""

import os
import subprocess

import stand

RUN_SECONDS = 120


def build(command, folder, seconds, environment=None):
    """Runs a build in a folder. What came of it, for the caller to judge."""
    return subprocess.run(
        command,
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=seconds,
    )


def home():
    """A home without settings: an SDK would read some there, and keeps a file."""
    folder = os.path.join(stand.server.dir, "home")
    os.makedirs(folder, exist_ok=True)
    return folder


def run(command, settings):
    """Runs a program with these settings and no other; `None` takes one away."""
    return subprocess.run(
        command,
        env={name: value for name, value in settings.items() if value is not None},
        cwd=home(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=RUN_SECONDS,
    )
