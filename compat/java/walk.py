"""What a user of the SDK meets beyond the sample; a program of each module makes the calls."""

import json
import unittest

import example
import merge_requests
import odd_words
import preparing
import programs
import stand
import stub
from endpoints import IAM, AnyRegion, Endpoints, regions
from example import DOCUMENTED
from told import JOBS, Told, ToldOfSigning


class Walk(Told, ToldOfSigning):
    """The tests; once for each module."""

    module = None
    program = None

    @classmethod
    def setUpClass(cls):
        programs.require(cls.module)
        pipeline = example.report_jobs(stand.server, JOBS)
        merge_requests.prepare(stand.server)
        odd_words.prepare(stand.server)
        settings = preparing.temporary_environment(stand.server) | odd_words.SETTINGS
        done = programs.run(cls.module, f"stagepost.compat.{cls.program}", str(pipeline), str(JOBS), **settings)
        if done.returncode != 0:
            raise AssertionError(f"{cls.program}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
        cls.said = {said["call"]: said for said in map(json.loads, done.stdout.splitlines())}

    def answer(self, call):
        said = self.said[call]
        self.assertNotIn("error", said)
        return said["answer"]

    def refused(self, call, status, code):
        """The message; a program reads every field, and toString shows them."""
        said = self.said[call]
        self.assertNotIn("answer", said)
        error = said["error"]
        told = (error["exception"], error["http_status_code"], error["error_code"])
        self.assertEqual(told, ("ClientRequestException", status, code))
        self.assertTrue(error["request_id"])
        self.assertTrue(error["error_msg"])
        for shown in (str(status), code, error["request_id"], error["error_msg"]):
            self.assertIn(shown, error["printed"])
        return error["error_msg"]

    def test_documented_job(self):
        self.assertEqual(self.answer("documented"), {"body": [DOCUMENTED], "X-Total": "1"})


class Core(Endpoints, AnyRegion, Walk, unittest.TestCase):
    module, program = "core", "Walk"

    def test_over_http(self):
        url = stand.server.urls["http"]
        self.assert_lists(**regions(url), **{IAM: url}, JAVA_TOOL_OPTIONS=None)

    def test_unknown_status_and_field(self):
        with stub.Stub() as other:
            self.assert_lists(stub.JOB, **other.regions, **{IAM: other.url}, JAVA_TOOL_OPTIONS=None)

    def test_repository_is_made(self):
        done = programs.run(self.module, "stagepost.compat.Make", "made-by-java")
        self.assertEqual(done.returncode, 0, done.stderr)
        made = json.loads(done.stdout)
        self.assertEqual(made["status"], "success")
        self.assert_made(made["result"]["repository_uuid"], "made-by-java")

    def test_repository_is_refused(self):
        # Of the older shape, whose code and message are inside.
        done = programs.run(self.module, "stagepost.compat.Make", "made by java")
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertIn("CH.010001", done.stderr)

    def assert_lists(self, job=DOCUMENTED, **settings):
        done = programs.run(self.module, "stagepost.compat.Walk", **settings)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout.splitlines()[0])["answer"], {"body": [job], "X-Total": "1"})

    def test_certificate_is_checked(self):
        done = programs.run(self.module, "stagepost.compat.Walk", JAVA_TOOL_OPTIONS=None)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertIn("PKIX path building failed", done.stderr)


class CodeHub(Walk, unittest.TestCase):
    module, program = "codehub", "CodeHubWalk"


class CodeArtsRepo(Walk, unittest.TestCase):
    module, program = "codeartsrepo", "CodeArtsRepoWalk"
