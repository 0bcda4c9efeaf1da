"""Calls of the SDK that the sample does not make; a program of each module makes them."""

import json
import unittest

import context
import example
import merge_requests
import native_api
import programs
import special_characters
import stub
from call_results import JOBS, CallResults, SigningResults
from endpoints import IAM, AnyRegion, Endpoints, regions
from example import DOCUMENTED


class Calls(CallResults, SigningResults):
    """The tests; once for each module."""

    module = None
    program = None

    @classmethod
    def setUpClass(cls):
        programs.require(cls.module)
        pipeline = example.report_jobs(context.server, JOBS)
        merge_requests.prepare(context.server)
        special_characters.prepare(context.server)
        settings = native_api.temporary_environment(context.server) | special_characters.SETTINGS
        done = programs.run(cls.module, f"stagepost.compat.{cls.program}", str(pipeline), str(JOBS), **settings)
        if done.returncode != 0:
            raise AssertionError(f"{cls.program}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
        cls.results = {result["call"]: result for result in map(json.loads, done.stdout.splitlines())}

    def response(self, call):
        result = self.results[call]
        self.assertNotIn("error", result)
        return result["response"]

    def refused(self, call, status, code):
        """The message of an error. A program can read all its fields, and toString prints them."""
        result = self.results[call]
        self.assertNotIn("response", result)
        error = result["error"]
        result = (error["exception"], error["http_status_code"], error["error_code"])
        self.assertEqual(result, ("ClientRequestException", status, code))
        self.assertTrue(error["request_id"])
        self.assertTrue(error["error_msg"])
        for shown in (str(status), code, error["request_id"], error["error_msg"]):
            self.assertIn(shown, error["printed"])
        return error["error_msg"]

    def test_documented_job(self):
        self.assertEqual(self.response("documented"), {"body": [DOCUMENTED], "X-Total": "1"})


class Core(Endpoints, AnyRegion, Calls, unittest.TestCase):
    module, program = "core", "CoreSdk"

    def test_over_http(self):
        url = context.server.urls["http"]
        self.assert_lists(**regions(url), **{IAM: url}, JAVA_TOOL_OPTIONS=None)

    def test_unknown_status_and_field(self):
        with stub.Stub() as other:
            self.assert_lists(stub.JOB, **other.regions, **{IAM: other.url}, JAVA_TOOL_OPTIONS=None)

    def test_repository_is_made(self):
        done = programs.run(self.module, "stagepost.compat.CreateRepository", "made-by-java")
        self.assertEqual(done.returncode, 0, done.stderr)
        created = json.loads(done.stdout)
        self.assertEqual(created["status"], "success")
        self.assert_made(created["result"]["repository_uuid"], "made-by-java")

    def test_repository_is_refused(self):
        # An error of the older form, with code and message in an inner object.
        done = programs.run(self.module, "stagepost.compat.CreateRepository", "made by java")
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertIn("CH.010001", done.stderr)

    def assert_lists(self, job=DOCUMENTED, **settings):
        done = programs.run(self.module, "stagepost.compat.CoreSdk", **settings)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout.splitlines()[0])["response"], {"body": [job], "X-Total": "1"})

    def test_certificate_is_checked(self):
        done = programs.run(self.module, "stagepost.compat.CoreSdk", JAVA_TOOL_OPTIONS=None)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertIn("PKIX path building failed", done.stderr)


class CodeHub(Calls, unittest.TestCase):
    module, program = "codehub", "CodeHubSdk"


class CodeArtsRepo(Calls, unittest.TestCase):
    module, program = "codeartsrepo", "CodeArtsRepoSdk"
