"""Builds programs of other languages, and runs them with a home directory of their own."""

import os
import subprocess

import context

RUN_SECONDS = 120


def build(command, folder, seconds, environment=None):
    """Runs a build in a folder; the caller checks the exit code."""
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
    """An empty home directory: an SDK reads settings there and writes a file."""
    folder = os.path.join(context.server.dir, "home")
    os.makedirs(folder, exist_ok=True)
    return folder


def run(command, settings):
    """Runs a program with only these variables; `None` removes one."""
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
