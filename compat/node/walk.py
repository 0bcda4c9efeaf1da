"""The core package's client against the server; the program `walk.js` makes the calls."""

import json
import unittest

import example
import merge_requests
import odd_words
import preparing
import programs
import stand
import stub
from endpoints import IAM, regions
from example import DOCUMENTED
from told import JOBS, Told


def read(done):
    """What it said by call. The SDK's logger writes to stdout, too."""
    if done.returncode != 0:
        raise AssertionError(f"walk.js: exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
    lines = [line for line in done.stdout.splitlines() if line.startswith('{"call":')]
    return {said["call"]: said for said in map(json.loads, lines)}


class Walk(Told, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        pipeline = example.report_jobs(stand.server, JOBS)
        merge_requests.prepare(stand.server)
        odd_words.prepare(stand.server)
        settings = preparing.temporary_environment(stand.server) | odd_words.SETTINGS
        cls.said = read(programs.run("walk.js", str(pipeline), str(JOBS), **settings))

    def answer(self, call):
        said = self.said[call]
        self.assertNotIn("error", said)
        self.assertEqual(said["status"], 200)
        # A list is the body as it is; the total is told beside it.
        if isinstance(said["answer"], list):
            return {"body": said["answer"], "X-Total": said["X-Total"]}
        return said["answer"]

    def refused(self, call, status, code):
        said = self.said[call]
        self.assertNotIn("answer", said)
        error = said["error"]
        told = (error["name"], error["httpStatusCode"], error["errorCode"])
        self.assertEqual(told, ("ClientRequestException", status, code))
        self.assertTrue(error["requestId"])
        self.assertTrue(error["errorMsg"])
        return error["errorMsg"]

    def test_documented_job(self):
        self.assertEqual(self.answer("documented"), {"body": [DOCUMENTED], "X-Total": "1"})

    def test_wrong_secret_key_at_the_lookup(self):
        self.assertIn(
            "|/v3/projects/|name=cn-north-4|", self.refused("wrong secret key at the lookup", 401, "APIGW.0301")
        )

    def test_repository_is_made(self):
        made = self.answer("repository made")
        self.assertEqual(made["status"], "success")
        self.assert_made(made["result"]["repository_uuid"], "made-by-node")
        self.refused("repository with spaces in its name", 400, "CH.010001")

    # Where the server is

    def list_documented(self, **settings):
        return read(programs.run("walk.js", **settings))["documented"]

    def assert_lists(self, job=DOCUMENTED, **settings):
        # This SDK leaves in what it does not know.
        self.assertEqual(
            [{name: found[name] for name in job} for found in self.list_documented(**settings)["answer"]], [job]
        )

    def test_endpoint_with_a_slash_at_its_end(self):
        # The SDK signs two slashes and sends one, so what was signed never arrives.
        error = self.list_documented(**regions(stand.server.urls["https"] + "/"))["error"]
        self.assertEqual((error["httpStatusCode"], error["errorCode"]), (401, "APIGW.0301"))
        self.assertIn("|/v4/repositories/2111976239/pipelines/6/jobs/|", error["errorMsg"])

    def test_region_of_another_name(self):
        self.assert_lists(REGION="local-1")

    def test_over_http(self):
        url = stand.server.urls["http"]
        self.assert_lists(**regions(url), **{IAM: url}, NODE_EXTRA_CA_CERTS=None)

    def test_unknown_status_and_field(self):
        with stub.Stub() as other:
            self.assert_lists(stub.JOB, **other.regions, **{IAM: other.url})
