"""A Debian system: installed by mmdebstrap, and booted by systemd-nspawn with systemd as its first process and a network
of its own. It needs root.
"""

import os
import platform
import shutil
import socket
import subprocess
import tempfile

INSTALL_SECONDS = 600
BOOT_SECONDS = 120
COMMAND_SECONDS = 120
STOP_SECONDS = 60


def find_refusal():
    """Why systems and containers cannot be started here; empty if they can."""
    if os.geteuid() != 0:
        return "only root starts a system"
    spaces = ["--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup"]
    command = ["unshare", *spaces, "--fork", "--mount-proc", "true"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=COMMAND_SECONDS)
    # xtask reads this text.
    return f"this machine starts no system ({done.stderr.strip()})" if done.returncode != 0 else ""


REFUSAL = find_refusal()


def install(archive):
    """Installs the smallest system with systemd, of the release of this machine, unless the archive exists."""
    if os.path.exists(archive):
        return
    release = platform.freedesktop_os_release()["VERSION_CODENAME"]
    command = ["mmdebstrap", "--quiet", "--variant=minbase", "--include=systemd,systemd-sysv"]
    unfinished = f"{archive}.unfinished.tar"
    run([*command, release, unfinished], INSTALL_SECONDS)
    os.rename(unfinished, archive)


class Machine:
    """A booted copy of the system. The folder `shared` is /packages in it, which cannot be written."""

    def __init__(self, archive, shared):
        self.dir = tempfile.mkdtemp(prefix="stagepost-machine-")
        self.root = os.path.join(self.dir, "root")
        self.leader = None
        self._process = None
        try:
            os.mkdir(self.root)
            run(["tar", "--extract", "--numeric-owner", "--file", archive, "--directory", self.root], COMMAND_SECONDS)
            self._boot(shared)
        except BaseException:
            self.remove()
            raise

    def _boot(self, shared):
        address = os.path.join(self.dir, "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
            notified.bind(address)
            notified.settimeout(BOOT_SECONDS)
            self._console = open(os.path.join(self.dir, "console"), "w+b")
            self._process = subprocess.Popen(
                # It stops the system when this process ends.
                ["setpriv", "--pdeathsig", "TERM", "systemd-nspawn", "--quiet", "--boot", f"--directory={self.root}"]
                + [f"--machine=stagepost-{os.getpid()}"]
                # This machine need not run systemd itself.
                + ["--register=no", "--keep-unit", "--notify-ready=yes", "--console=read-only"]
                + ["--private-network", "--resolv-conf=off", f"--bind-ro={shared}:/packages"],
                env=os.environ | {"NOTIFY_SOCKET": address},
                stdin=subprocess.DEVNULL,
                stdout=self._console,
                stderr=subprocess.STDOUT,
            )
            told = {}
            while told.get("READY") != "1":
                try:
                    message = notified.recv(4096).decode()
                except TimeoutError:
                    raise RuntimeError(f"the system does not start:\n{self.console()}") from None
                told |= dict(line.split("=", 1) for line in message.splitlines() if "=" in line)
        self.leader = told["X_NSPAWN_LEADER_PID"]

    def console(self):
        with open(self._console.name, encoding="utf-8", errors="replace") as file:
            return file.read()

    def try_to(self, *command, **variables):
        """Runs a command as root in the system; returns how it ended."""
        path = "PATH=/usr/sbin:/usr/bin:/sbin:/bin"
        settings = [f"{name}={value}" for name, value in variables.items()]
        return subprocess.run(
            ["nsenter", "--target", self.leader, "--all", "--wdns=/", "env", "-i", path, "LC_ALL=C.UTF-8", *settings]
            + ["DEBIAN_FRONTEND=noninteractive", *command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=COMMAND_SECONDS,
        )

    def run(self, *command, **variables):
        """Runs a command that succeeds; returns its standard output."""
        done = self.try_to(*command, **variables)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def path(self, path):
        """A file of the system, as this machine sees it."""
        return os.path.join(self.root, path.lstrip("/"))

    def stop(self):
        """Shuts the system down; whether it ended by itself."""
        self.run("systemctl", "poweroff")
        return self._process.wait(STOP_SECONDS) == 0

    def remove(self):
        """Ends the system and removes its files."""
        if self._process:
            if self._process.poll() is None:
                self._process.terminate()
                try:
                    self._process.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    self._process.kill()
                    self._process.wait()
            self._console.close()
        shutil.rmtree(self.dir, ignore_errors=True)


def run(command, seconds):
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=seconds
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
