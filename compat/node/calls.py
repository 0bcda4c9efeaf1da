"""The client of the core package; the program `calls.js` makes the calls."""

import json
import unittest

import context
import example
import merge_requests
import native_api
import programs
import special_characters
import stub
from call_results import JOBS, CallResults
from endpoints import IAM, regions
from example import DOCUMENTED


def read(done):
    """The results by call. The SDK's logger writes to stdout as well."""
    if done.returncode != 0:
        raise AssertionError(f"calls.js: exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
    lines = [line for line in done.stdout.splitlines() if line.startswith('{"call":')]
    return {result["call"]: result for result in map(json.loads, lines)}


class Calls(CallResults, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        pipeline = example.report_jobs(context.server, JOBS)
        merge_requests.prepare(context.server)
        special_characters.prepare(context.server)
        settings = native_api.temporary_environment(context.server) | special_characters.SETTINGS
        cls.results = read(programs.run("calls.js", str(pipeline), str(JOBS), **settings))

    def response(self, call):
        result = self.results[call]
        self.assertNotIn("error", result)
        self.assertEqual(result["status"], 200)
        # A list is the body itself; the total is beside it.
        if isinstance(result["response"], list):
            return {"body": result["response"], "X-Total": result["X-Total"]}
        return result["response"]

    def refused(self, call, status, code):
        result = self.results[call]
        self.assertNotIn("response", result)
        error = result["error"]
        result = (error["name"], error["httpStatusCode"], error["errorCode"])
        self.assertEqual(result, ("ClientRequestException", status, code))
        self.assertTrue(error["requestId"])
        self.assertTrue(error["errorMsg"])
        return error["errorMsg"]

    def test_documented_job(self):
        self.assertEqual(self.response("documented"), {"body": [DOCUMENTED], "X-Total": "1"})

    def test_wrong_secret_key_at_the_lookup(self):
        self.assertIn(
            "|/v3/projects/|name=cn-north-4|", self.refused("wrong secret key at the lookup", 401, "APIGW.0301")
        )

    def test_repository_is_made(self):
        created = self.response("repository made")
        self.assertEqual(created["status"], "success")
        self.assert_made(created["result"]["repository_uuid"], "made-by-node")
        self.refused("repository with spaces in its name", 400, "CH.010001")

    # Endpoints

    def list_documented(self, **settings):
        return read(programs.run("calls.js", **settings))["documented"]

    def assert_lists(self, job=DOCUMENTED, **settings):
        # This SDK keeps unknown fields.
        self.assertEqual(
            [{name: found[name] for name in job} for found in self.list_documented(**settings)["response"]], [job]
        )

    def test_endpoint_with_a_slash_at_its_end(self):
        # The SDK signs two slashes and sends one, so the signature does not match the request.
        error = self.list_documented(**regions(context.server.urls["https"] + "/"))["error"]
        self.assertEqual((error["httpStatusCode"], error["errorCode"]), (401, "APIGW.0301"))
        self.assertIn("|/v4/repositories/2111976239/pipelines/6/jobs/|", error["errorMsg"])

    def test_region_of_another_name(self):
        self.assert_lists(REGION="local-1")

    def test_over_http(self):
        url = context.server.urls["http"]
        self.assert_lists(**regions(url), **{IAM: url}, NODE_EXTRA_CA_CERTS=None)

    def test_unknown_status_and_field(self):
        with stub.Stub() as other:
            self.assert_lists(stub.JOB, **other.regions, **{IAM: other.url})
