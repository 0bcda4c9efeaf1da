"""Builds of an unchanged Buildbot that reports as to GitHub, Gitea and both APIs of Bitbucket Server at the same time,
and what is recorded of them.
"""

import unittest

import context
import native
from buildbot_master import Master

REPOSITORY = "acme/hosts"
# The statuses of all four reporters for a build: GitHub and the newer API of Bitbucket also report its request.
BEGUN = ["pending"] * 3 + ["INPROGRESS"] * 3
SUCCEEDED = ["success"] * 2 + ["SUCCESSFUL"] * 2
FAILED = ["failure"] * 2 + ["FAILED"] * 2
STOPPED = ["error"] * 2 + ["FAILED"] * 2
HOSTS = ("github", "gitea", "bitbucket-old", "bitbucket")


class CodeHostFlows(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.recorded = native.Native(REPOSITORY)
        # The older API of Bitbucket needs a token of exactly one repository.
        token = native.token("report", REPOSITORY)
        cls.master = Master(context.server.urls["http"], token, REPOSITORY, "code hosts")
        cls.addClassCleanup(cls.master.remove)

    def setUp(self):
        self.revision = native.revision()
        self.sent = []
        # A builder that a failed test left busy would delay the next test.
        self.addCleanup(self.master.stop_all_builds)

    def build(self, unit, *more):
        """Sends a change to both builders, and waits until they have sent all this; `lint` succeeds."""
        self.master.change(self.revision, unit=unit, lint="succeed")
        self.wait(*BEGUN, *BEGUN, *SUCCEEDED, *more)

    def wait(self, *more):
        self.sent += more
        self.master.wait_for_statuses(self.revision, *self.sent)

    def assert_recorded(self, status, **unit):
        """The only pipeline, and the statuses of the attempts of `unit` by host, or of `all` hosts."""
        (pipeline,) = self.recorded.pipelines(self.revision)
        self.assertEqual((pipeline["ref"], pipeline["status"]), ("main", status))
        attempts = {}
        for job in self.recorded.jobs(pipeline["id"]):
            self.assertTrue(job["target_url"].startswith("http://buildbot.example/#/"), job["target_url"])
            attempts.setdefault(job["name"], []).append(job)
        found = {name: [job["status"] for job in jobs] for name, jobs in attempts.items()}
        wanted = {f"{host}/lint": ["success"] for host in HOSTS}
        wanted |= {f"{host}/unit": unit.get(host.replace("-", "_"), unit["all"]) for host in HOSTS}
        self.assertEqual(found, wanted)
        return attempts

    def test_both_builders_succeed(self):
        self.build("succeed", *SUCCEEDED)
        attempts = self.assert_recorded("success", all=["success"])
        (job,) = attempts["bitbucket/unit"]
        self.assertRegex(job["third_build_id"], r"^\d+$")
        for jobs in attempts.values():
            self.assertEqual(jobs[0]["description"], "Build done.")
            self.assertIn("/builds/", jobs[0]["target_url"])

    def test_failed_build_is_built_again(self):
        self.build("fail-once", *FAILED)
        self.assert_recorded("failed", all=["failed"])
        self.master.rebuild(self.revision, "unit")
        self.wait(*BEGUN, *SUCCEEDED)
        self.assert_recorded("success", all=["failed", "success"])

    def test_build_is_seen_while_it_runs_and_stopped(self):
        self.build("hang")
        # The words of GitHub and Gitea do not say that it runs.
        self.assert_recorded("running", all=["running"], github=["pending"], gitea=["pending"])
        self.master.stop_build(self.revision, "unit")
        self.wait(*STOPPED)
        self.assert_recorded("failed", all=["failed"])

    def test_build_that_lost_its_worker_is_tried_again(self):
        # Buildbot reports the lost build as pending to GitHub and Gitea, and as failed to Bitbucket.
        lost, again = ["pending"] * 2 + ["FAILED"] * 2, ["pending"] * 2 + ["INPROGRESS"] * 2
        self.build("retry-once", *lost, *again, *SUCCEEDED)
        self.assert_recorded("success", all=["failed", "success"], github=["success"], gitea=["success"])

    @classmethod
    def tearDownClass(cls):
        ended = cls.master.stop()
        if ended != 0 or cls.master.complaints():
            raise AssertionError(f"the master ended with {ended}; it complained:\n" + "".join(cls.master.complaints()))
