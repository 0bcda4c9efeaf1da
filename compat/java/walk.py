"""What a user of the SDK meets beyond the sample; a program of each module makes the calls."""

import json
import unittest

import example
import merge_requests
import preparing
import programs
import stand
import stub
from example import DOCUMENTED
from told import JOBS, Told


class Walk(Told):
    """The tests; once for each module."""

    module = None
    program = None

    @classmethod
    def setUpClass(cls):
        programs.require(cls.module)
        pipeline = example.report_jobs(stand.server, JOBS)
        merge_requests.prepare(stand.server)
        keys = preparing.temporary_environment(stand.server)
        done = programs.run(cls.module, f"stagepost.compat.{cls.program}", str(pipeline), str(JOBS), **keys)
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


class Core(Walk, unittest.TestCase):
    module, program = "core", "Walk"

    def test_over_http(self):
        url = stand.server.urls["http"]
        settings = {"HUAWEICLOUD_SDK_IAM_ENDPOINT": url, "HUAWEICLOUD_SDK_REGION_CODEHUB_CN_NORTH_4": url}
        self.assert_listed(settings, DOCUMENTED)

    def test_unknown_status_and_field(self):
        with stub.Stub() as other:
            self.assert_listed(other.regions | {"HUAWEICLOUD_SDK_IAM_ENDPOINT": other.url}, stub.JOB)

    def assert_listed(self, settings, job):
        done = programs.run(self.module, "stagepost.compat.Walk", JAVA_TOOL_OPTIONS=None, **settings)
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
