"""The documentation's sample, with other ids and with the import that it lacks, run as a user runs it."""

import json
import unittest

import context
import programs
import stub
from endpoints import Endpoints
from example import DOCUMENTED

PRINTED = "ListPipelineJobsResponse "


class Sample(Endpoints):
    """The tests; once for each module."""

    module = None
    maxDiff = None

    def run_sample(self, **changed):
        return programs.run(self.module, "list_pipeline_jobs", **changed)

    def assert_documented(self, done, job=DOCUMENTED):
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.startswith(PRINTED), done.stdout)
        self.assertEqual(json.loads(done.stdout[len(PRINTED) :]), {"body": [job], "X-Total": "1"})

    def assert_lists(self, **settings):
        self.assert_documented(self.run_sample(**settings))

    def test_with_what_stagepost_env_prints(self):
        self.assert_documented(self.run_sample())

    def test_plain_http_endpoint(self):
        # The project lookup stays on https, which the SDK requires.
        url = context.server.urls["http"]
        self.assert_documented(
            self.run_sample(
                HUAWEICLOUD_SDK_REGION_CODEHUB_CN_NORTH_4=url,
                HUAWEICLOUD_SDK_REGION_CODEARTSREPO_CN_NORTH_4=url,
            )
        )

    def test_unknown_status_and_field(self):
        with stub.Stub() as other:
            self.assert_documented(self.run_sample(**other.regions), stub.JOB)

    def test_certificate_is_checked(self):
        done = self.run_sample(SSL_CERT_FILE=None)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertIn("x509: certificate signed by unknown authority", done.stdout + done.stderr)

    def test_wrong_secret_key(self):
        # The SDK panics when the project lookup is refused, and prints the error code of the server.
        done = self.run_sample(CLOUD_SDK_SK="x" * 40)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertIn("APIGW.0301", done.stderr)


class CodeHub(Sample, unittest.TestCase):
    module = "codehub"


class CodeArtsRepo(Sample, unittest.TestCase):
    module = "codeartsrepo"
