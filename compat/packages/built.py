"""The files that `cargo xtask dist` made of the binary, and an older package with the same program."""

import glob
import os
import subprocess

# The folder of this suite in BUILDS.
folder = None
OLD_VERSION = "0.0.1"


def system():
    """The archive of the Debian system."""
    return os.path.join(folder, "system.tar")


def files():
    return os.path.join(folder, "files")


def make(binary):
    run([os.environ["XTASK"], "dist", "--quick", "--binary", os.path.abspath(binary), "--to", files()])
    make_older_package()


def find(pattern):
    """The only file with a name of this form."""
    [path] = glob.glob(os.path.join(files(), pattern))
    return path


def make_older_package():
    """The package under an older version: an upgrade from it runs every script of a real one."""
    work = os.path.join(folder, "old")
    run(["rm", "-rf", work])
    run(["dpkg-deb", "--raw-extract", find("stagepost_*.deb"), work])
    control = os.path.join(work, "DEBIAN", "control")
    with open(control, encoding="utf-8") as file:
        lines = [f"Version: {OLD_VERSION}\n" if line.startswith("Version:") else line for line in file]
    with open(control, "w", encoding="utf-8") as file:
        file.writelines(lines)
    os.makedirs(os.path.join(files(), "old"), exist_ok=True)
    run(["dpkg-deb", "-Znone", "--build", work, os.path.join(files(), "old", "stagepost.deb")])
    run(["rm", "-rf", work])


def run(command, **options):
    """Runs a tool; returns its standard output."""
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", **options
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout
