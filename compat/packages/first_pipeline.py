"""From a bare Debian system to a listed pipeline, with nothing but the package: `python3 first_pipeline.py DIR`, with the
folder that `cargo xtask dist` printed. Prints how long each step took. It needs root, mmdebstrap and systemd-nspawn.
"""

import glob
import os
import sys
import tempfile
import time

sys.dont_write_bytecode = True

import machine

COMMIT = ["--repo", "acme/demo", "--sha", "1c46c505c84853887efe2ea9ea02a1333bae2237", "--ref", "main"]


class Steps:
    """Prints the seconds of each step, and of all."""

    def __init__(self):
        self.start = self.last = time.monotonic()

    def done(self, what):
        now = time.monotonic()
        print(f"{now - self.last:6.1f} s  {what}", flush=True)
        self.last = now

    def total(self):
        print(f"{time.monotonic() - self.start:6.1f} s  in all", flush=True)


def main(folder):
    [package] = glob.glob(os.path.join(folder, "stagepost_*.deb"))
    steps = Steps()
    with tempfile.TemporaryDirectory(prefix="stagepost-first-") as work:
        system = os.path.join(work, "system.tar")
        machine.install(system)
        steps.done("the smallest Debian system with systemd is installed")
        debian = machine.Machine(system, os.path.abspath(folder))
        try:
            steps.done("it has started")
            debian.run("apt-get", "install", "--yes", f"/packages/{os.path.basename(package)}")
            steps.done("the package is installed, and the server listens")
            settings = {"STAGEPOST_DATA": "/var/lib/stagepost"}
            debian.run("stagepost", "repo", "add", "acme/demo", **settings)
            job = ["--name", "unit tests", "--status", "success"]
            debian.run("stagepost", "report", *COMMIT, *job, **settings)
            pipelines = debian.run("stagepost", "pipelines", "--repo", "acme/demo", **settings)
            jobs = debian.run("stagepost", "jobs", "--repo", "acme/demo", **settings)
            steps.done("a job is reported, and its pipeline is listed")
            steps.total()
            print(pipelines + jobs, end="")
        finally:
            debian.remove()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: first_pipeline.py DIR")
    main(sys.argv[1])
