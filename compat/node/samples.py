"""A request signed by the SDK's signer and sent without the SDK."""

import json
import unittest

import programs
from example import DOCUMENTED


class Sample(unittest.TestCase):
    maxDiff = None

    def test_signed_request(self):
        done = programs.run("list_pipeline_jobs.js")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertEqual(json.loads(done.stdout), {"body": [DOCUMENTED], "X-Total": "1"})

    def test_certificate_is_checked(self):
        done = programs.run("list_pipeline_jobs.js", NODE_EXTRA_CA_CERTS=None)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertIn("SELF_SIGNED_CERT", done.stderr)

    def refused(self, **changed):
        done = programs.run("list_pipeline_jobs.js", **changed)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        error = json.loads(done.stdout)
        self.assertEqual((error["status_code"], error["error_code"]), (401, "APIGW.0301"))
        self.assertTrue(error["request_id"])
        return error["error_msg"]

    def test_wrong_secret_key(self):
        message = self.refused(CLOUD_SDK_SK="x" * 40)
        self.assertIn("canonicalRequest:", message)
        self.assertIn("|/v4/repositories/2111976239/pipelines/6/jobs/|limit=20&offset=0|", message)

    def test_unknown_access_key(self):
        self.refused(CLOUD_SDK_AK="UNKNOWN" + "0" * 13)
