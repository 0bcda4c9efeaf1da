"""Builds of an unchanged Buildbot that reports as to GitLab, and what is recorded of them."""

import unittest

import context
import native
from buildbot_master import Master

REPOSITORY = "acme/demo"
# The statuses that Buildbot sends for one build before its end.
BEGUN = ("pending", "running")


class BuildbotFlows(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.recorded = native.Native(REPOSITORY)
        # The smallest scope that a build system needs.
        cls.master = Master(context.server.urls["http"], native.token("report", REPOSITORY), REPOSITORY, "gitlab")
        cls.addClassCleanup(cls.master.remove)

    def setUp(self):
        self.revision = native.revision()
        # A builder that a failed test left busy would delay the next test.
        self.addCleanup(self.master.stop_all_builds)

    def build(self, unit, lint="succeed", ends=("success",)):
        """Sends a change to both builders, and waits until they have sent `ends`."""
        self.master.change(self.revision, unit=unit, lint=lint)
        self.sent = [*BEGUN, *BEGUN]
        self.wait(*ends)

    def wait(self, *more):
        self.sent += more
        self.master.wait_for_statuses(self.revision, *self.sent)

    def pipeline(self, status, revision=None):
        """The only pipeline of the revision: the recorded attempts of its jobs, by job name and in order."""
        pipelines = self.recorded.pipelines(revision or self.revision)
        self.assertEqual([(p["ref"], p["status"]) for p in pipelines], [("main", status)])
        jobs = {}
        for job in self.recorded.jobs(pipelines[0]["id"]):
            self.assertEqual(job["stage"], "external")
            jobs.setdefault(job["name"], []).append(job)
        self.assertEqual(set(jobs), {"buildbot/unit", "buildbot/lint"})
        for attempts in jobs.values():
            self.assertEqual([job["attempt"] for job in attempts], list(range(1, len(attempts) + 1)))
            self.assertEqual([job["newest"] for job in attempts], [False] * (len(attempts) - 1) + [True])
            for job in attempts:
                self.assertTrue(job["target_url"].startswith("http://buildbot.example/#/"), job["target_url"])
        return jobs

    def assert_ended(self, attempts, *statuses):
        self.assertEqual([job["status"] for job in attempts], list(statuses))
        for job in attempts:
            self.assertEqual(job["description"], "Build done.")
            self.assertIn("/builds/", job["target_url"])
            self.assertTrue(job["started_at"] <= job["finished_at"], job)

    def test_both_builders_succeed(self):
        self.build(unit="succeed", ends=("success", "success"))
        jobs = self.pipeline("success")
        self.assert_ended(jobs["buildbot/unit"], "success")
        self.assert_ended(jobs["buildbot/lint"], "success")

    def test_one_builder_fails(self):
        self.build(unit="fail", ends=("success", "failed"))
        jobs = self.pipeline("failed")
        self.assert_ended(jobs["buildbot/unit"], "failed")
        self.assert_ended(jobs["buildbot/lint"], "success")

    def test_build_is_seen_while_it_runs_and_stopped(self):
        self.build(unit="hang")
        jobs = self.pipeline("running")
        self.assertEqual(
            [(job["status"], job["description"]) for job in jobs["buildbot/unit"]], [("running", "Build started.")]
        )
        self.master.stop_build(self.revision, "unit")
        self.wait("canceled")
        jobs = self.pipeline("canceled")
        self.assert_ended(jobs["buildbot/unit"], "canceled")
        self.assert_ended(jobs["buildbot/lint"], "success")

    def test_build_is_cancelled_before_it_begins(self):
        self.build(unit="hang")
        busy, self.revision = self.revision, native.revision()
        self.master.change(self.revision, unit="succeed", lint="succeed")
        self.sent = ["pending", *BEGUN]
        self.wait("success")
        self.assertEqual([job["status"] for job in self.pipeline("running")["buildbot/unit"]], ["pending"])
        self.master.cancel_request(self.revision, "unit")
        self.wait("canceled")
        self.master.stop_build(busy, "unit")
        self.master.wait_for_statuses(busy, *BEGUN, *BEGUN, "success", "canceled")
        (job,) = self.pipeline("canceled")["buildbot/unit"]
        self.assertEqual((job["status"], job["started_at"]), ("canceled", None))
        self.assertIn("/buildrequests/", job["target_url"])
        self.pipeline("canceled", busy)

    def test_build_that_lost_its_worker_is_tried_again(self):
        # Buildbot sends pending with the address of the lost build, and then running with that of the next one.
        self.build(unit="retry-once", ends=("pending", "running", "success", "success"))
        jobs = self.pipeline("success")
        lost, tried = jobs["buildbot/unit"]
        self.assert_ended([tried], "success")
        self.assertNotEqual(lost["target_url"], tried["target_url"])
        self.assertIn("/builds/", lost["target_url"])
        self.assert_ended(jobs["buildbot/lint"], "success")

    def test_failed_build_is_built_again(self):
        self.build(unit="fail-once", ends=("success", "failed"))
        self.pipeline("failed")
        self.master.rebuild(self.revision, "unit")
        self.wait(*BEGUN, "success")
        jobs = self.pipeline("success")
        failed, rebuilt = jobs["buildbot/unit"]
        self.assert_ended([failed, rebuilt], "failed", "success")
        self.assertNotEqual(failed["target_url"], rebuilt["target_url"])

    @classmethod
    def tearDownClass(cls):
        ended = cls.master.stop()
        if ended != 0 or cls.master.complaints():
            raise AssertionError(f"the master ended with {ended}; it complained:\n" + "".join(cls.master.complaints()))
