"""Statuses that a second server forwards to the server of the suite, which is its forge. A client of the forge reads them
back there.
"""

import functools
import os
import time
import unittest

import context
import native_api
from server import Server

SECONDS = 60
PAUSE = 0.05
OWNER = "acme"
LINK = "https://ci.example.com/builds/"
SOURCE = "stagepost/external"
JOB = f"{SOURCE}/build/单元测试 1%2"
# The reports of a job of each commit, one after the other.
COMMITS = {
    "success": ("pending", "running", "success"),
    "failed": ("running", "failed"),
    "timedout": ("running", "timedout"),
    "canceled": ("pending", "canceled"),
    "skipped": ("skipped",),
    "running": ("pending", "running"),
    "pending": ("pending",),
}
# The text about each status.
TEXTS = {
    "success": "Successful: 12 tests",
    "failed": "Failed: 12 tests",
    "timedout": "Timed out: 12 tests",
    "canceled": "Canceled: 12 tests",
    "skipped": "Skipped: 12 tests",
    "running": "In progress",
    "pending": "In progress",
}


@functools.cache
def sender():
    """The second server, on the same store as the first. The tests of a run share it."""
    server = Server(context.server.binary, context.server.store, ["--webhook-allow", "127.0.0.0/8"])
    unittest.addModuleCleanup(server.stop)
    server.wait_until_ready()
    return server


class ForwardedStatuses:
    """The tests of a client whose `read` returns what the forge has of a commit: for each context its state, description
    and address. A subclass for each kind of forge.
    """

    maxDiff = None
    kind = None
    # The forge's words for the statuses, in order of COMMITS.
    words = ()
    texts = {}

    @classmethod
    def setUpClass(cls):
        cls.path = f"{OWNER}/forwarded-{cls.kind}"
        forge = context.server
        forge.cli("repo", "add", cls.path, "--default-branch", "main")
        limits = ("--scope", "report", "--repo", cls.path, "--expires", "1d")
        cls.token = forge.cli("token", "create", f"forwarded {cls.kind}", *limits)["token"]
        cls.source = sender().cli("repo", "add", cls.path, "--default-branch", "main")["id"]
        file = os.path.join(sender().dir, "token")
        with open(file, "w") as written:
            written.write(cls.token)
        create = ("forward", "create", cls.kind, forge.urls["http"], cls.path, "--repo", cls.path)
        create = (*create, "--forge-token-file", file)
        cls.destinations = [sender().cli(*create, *more)["id"] for more in ((), ("--job", "build/*"))]
        cls.shas = {status: digit * 40 for status, digit in zip(COMMITS, "abcdef0", strict=True)}
        for destination in cls.destinations:
            tested = sender().cli("forward", "test", str(destination), "--repo", cls.path)
            assert tested["progress"] == "sent", tested
        cls.send([(cls.shas[status], reports) for status, reports in COMMITS.items()])

    @classmethod
    def send(cls, commits):
        """Reports to the second server, and waits until the forge has the last states."""
        for sha, statuses in commits:
            for status in statuses:
                cls.report(sha, status)
        for destination in cls.destinations:
            cls.wait(destination)

    @classmethod
    def report(cls, sha, status, build=1):
        report = {
            "sha": sha,
            "ref": "feature/x",
            "stage": "build",
            "name": "单元测试 1%2",
            "status": status,
            "description": "12 tests",
            "target_url": f"{LINK}{build}",
            "third_build_id": str(build),
        }
        native_api.request(sender(), "POST", f"repositories/{cls.source}/reports", report)

    @classmethod
    def wait(cls, destination):
        states = f"/native/v1/repositories/{cls.source}/destinations/{destination}/states?limit=100"
        end = time.monotonic() + SECONDS
        while True:
            found = native_api.get(sender(), states)["states"]
            if found and all(state["progress"] == "sent" for state in found):
                return
            assert time.monotonic() < end, found
            time.sleep(PAUSE)

    def test_every_status_is_read_back(self):
        for (status, sha), word in zip(self.shas.items(), self.words, strict=True):
            text = (TEXTS | self.texts)[status]
            with self.subTest(status):
                # The status of a source has no description of its own, and no address without that of the server. A job
                # that timed out makes it fail.
                of_source = "Failed" if status == "timedout" else text.removesuffix(": 12 tests")
                wanted = {SOURCE: (word, of_source, None), JOB: (word, text, f"{LINK}1")}
                self.assertEqual(self.read(sha), wanted)

    def test_a_second_attempt_replaces_the_first(self):
        sha = "1" * 40
        self.send([(sha, ("running", "failed"))])
        self.assertEqual(self.read(sha)[JOB], (self.words[1], "Failed: 12 tests", f"{LINK}1"))
        self.report(sha, "running", build=2)
        self.report(sha, "success", build=2)
        for destination in self.destinations:
            self.wait(destination)
        self.assertEqual(self.read(sha)[JOB], (self.words[0], "Successful: 12 tests", f"{LINK}2"))
