"""Calls of the SDK that the sample does not make; the program `calls` makes them."""

import json
import unittest

import context
import example
import merge_requests
import native_api
import programs
import special_characters
from call_results import JOBS, CallResults, SigningResults
from endpoints import AnyRegion
from example import DOCUMENTED


class Calls(CallResults, SigningResults, AnyRegion):
    """The tests; once for each module."""

    module = None

    @classmethod
    def setUpClass(cls):
        pipeline = example.report_jobs(context.server, JOBS)
        merge_requests.prepare(context.server)
        special_characters.prepare(context.server)
        settings = native_api.temporary_environment(context.server) | special_characters.SETTINGS
        done = programs.run(cls.module, "calls", str(pipeline), str(JOBS), **settings)
        if done.returncode != 0:
            raise AssertionError(f"calls: exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
        cls.results = {result["call"]: result for result in map(json.loads, done.stdout.splitlines())}

    def response(self, call):
        self.assertNotIn("error", self.results[call])
        return self.results[call]["response"]

    def refused(self, call, status, code):
        """The message of an error. fmt prints all its fields, and a program can read them."""
        result = self.results[call]
        self.assertNotIn("response", result)
        fields = result["fields"]
        self.assertEqual((fields["status_code"], fields["error_code"]), (status, code))
        self.assertTrue(fields["request_id"])
        self.assertTrue(fields["error_message"])
        self.assertEqual(json.loads(result["error"]), fields)
        return fields["error_message"]

    def assert_lists(self, **settings):
        done = programs.run(self.module, "calls", **settings)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["response"], {"body": [DOCUMENTED], "X-Total": "1"})

    def test_repository_is_made(self):
        created = self.response("repository made")
        self.assertEqual(created["status"], "success")
        self.assert_made(created["result"]["repository_uuid"], f"made-by-{self.module}")
        self.refused("repository with spaces in its name", 400, "CH.010001")


class CodeHub(Calls, unittest.TestCase):
    module = "codehub"


class CodeArtsRepo(Calls, unittest.TestCase):
    module = "codeartsrepo"
