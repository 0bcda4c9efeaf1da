"""A Buildbot master as a process, which reports to a given server."""

import collections
import os
import re
import subprocess
import sys
import sysconfig

import requests
from process import Fixture, Process
from server import clean_environment

HERE = os.path.dirname(os.path.abspath(__file__))
START_SECONDS = 120
COMMAND_SECONDS = 120
FLOW_SECONDS = 120

# Its log lines about its ports, about a status that was accepted, and about one that was not.
CHANGES_PORT = re.compile(r"PBServerFactory starting on (\d+)")
CONTROL_PORT = re.compile(r"Site starting on (\d+)")
SENT = re.compile(r'(?:Status|Updated status with) "(\w+)" (?:sent )?for (?:\S+ (?:at )?)?([0-9a-f]{40})\b')
COMPLAINTS = (
    "Unable to",
    "Could not send status",
    "Failed to",
    "Unknown (or hidden)",
    "Got exception",
    "Traceback (most recent call last)",
)


class Master(Fixture):
    """The master of `master.cfg` with the reporters `gitlab` or `code hosts`, for changes of `repository`."""

    def __init__(self, url, token, repository, reporters):
        super().__init__("stagepost-buildbot-")
        self.repository = f"{url}/{repository}.git"
        # The webhooks of Gitea name both beside the URL.
        self.owner, self.name = repository.split("/")
        self.change_said = 0
        try:
            basedir = os.path.join(self.dir, "master")
            # Without a log file it logs to its output.
            self._buildbot("create-master", "--no-logrotate", "--config", os.path.join(HERE, "master.cfg"), basedir)
            self.process = Process(
                [script("twistd"), "--nodaemon", "--no_save", "-y", "buildbot.tac"],
                clean_environment(
                    HOME=self.dir, SERVER_URL=url, SERVER_TOKEN=token, REPORTERS=reporters, PYTHONUNBUFFERED="1"
                ),
                basedir,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            self._wait(lambda: self._has_said("BuildMaster is running"), START_SECONDS, "the master did not start")
            self.changes_port, self.control_port = self._port(CHANGES_PORT), self._port(CONTROL_PORT)
        except BaseException:
            self.remove()
            raise

    # Actions of users

    def change(self, revision, branch="main", **acts):
        """Sends a change, as a hook of the repository does; `acts` is the behaviour of each builder."""
        self.change_said = len(self.lines)
        acts |= {"owner": self.owner, "repository_name": self.name}
        properties = [word for name, act in acts.items() for word in ("--property", f"{name}:{act}")]
        self._buildbot(
            *("sendchange", "--master", f"127.0.0.1:{self.changes_port}", "--auth", "change:changepw"),
            *("--repository", self.repository, "--branch", branch, "--revision", revision),
            *("--who", "somebody", "--vc", "git", "--comments", "a change", *properties, "file.txt"),
        )

    def stop_build(self, revision, builder):
        self._control("stop", "builds", self._build(revision, builder)["buildid"])

    def stop_all_builds(self):
        for build in self._request("builds"):
            if not build["complete"]:
                self._control("stop", "builds", build["buildid"])

    def cancel_request(self, revision, builder):
        requested = self._find(self._request("buildrequests"), revision, builder)
        self._control("cancel", "buildrequests", requested["buildrequestid"])

    def rebuild(self, revision, builder):
        self._control("rebuild", "builds", self._build(revision, builder)["buildid"])

    # Its log

    def wait_for_statuses(self, revision, *states):
        """Waits until it has sent exactly these statuses of the revision, in any order."""
        wanted = collections.Counter(states)
        self._wait(
            lambda: self.complaints(self.change_said) or self.statuses(revision) == wanted,
            FLOW_SECONDS,
            f"it did not send {dict(wanted)}",
        )
        if self.complaints(self.change_said):
            raise AssertionError("it complained:\n" + self._tail())

    def statuses(self, revision):
        found = filter(None, map(SENT.search, self.lines))
        return collections.Counter(sent[1] for sent in found if sent[2] == revision)

    def complaints(self, since=0):
        return [line for line in self.lines[since:] if any(complaint in line for complaint in COMPLAINTS)]

    def _has_said(self, text):
        return any(text in line for line in self.lines)

    def _port(self, pattern):
        return next(int(found[1]) for found in map(pattern.search, self.lines) if found)

    def _wait(self, condition, seconds, otherwise):
        if not self.process.wait_for(condition, seconds):
            raise AssertionError(f"{otherwise}; the end of its output:\n{self._tail()}")

    def _tail(self):
        return "".join(self.lines[-80:])

    # Its API

    def _build(self, revision, builder):
        """The newest build of the revision."""
        request = self._find(self._request("buildrequests"), revision, builder)
        return max(
            self._request("buildrequests", request["buildrequestid"], "builds"), key=lambda build: build["buildid"]
        )

    def _find(self, buildrequests, revision, builder):
        builders = {found["builderid"]: found["name"] for found in self._request("builders")}
        buildsets = {
            found["bsid"] for found in self._request("buildsets") if found["sourcestamps"][0]["revision"] == revision
        }
        mine = [r for r in buildrequests if r["buildsetid"] in buildsets and builders[r["builderid"]] == builder]
        return max(mine, key=lambda r: r["buildrequestid"])

    def _request(self, *path):
        return self._http("GET", path)

    def _control(self, action, *path):
        self._http("POST", path, params={"action": action})

    def _http(self, method, path, **more):
        url = f"http://127.0.0.1:{self.control_port}/" + "/".join(map(str, path))
        with requests.Session() as session:
            session.trust_env = False
            response = session.request(method, url, timeout=COMMAND_SECONDS, **more)
        if response.status_code != 200:
            raise AssertionError(f"{method} {url}: {response.status_code} {response.text}")
        return response.json()

    def _buildbot(self, *args):
        environment = clean_environment(HOME=self.dir)
        command = [script("buildbot"), *args]
        done = subprocess.run(
            command,
            env=environment,
            cwd=self.dir,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_SECONDS,
        )
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(command)}: exit code {done.returncode}:\n{done.stdout}")


def script(name):
    """The path of a program of this virtual environment."""
    found = os.path.join(sysconfig.get_path("scripts"), name)
    return found if os.path.exists(found) else sys.exit(f"{found} is missing: install requirements.txt")
