"""The documentation's sample, with other ids, run as a user runs it."""

import re
import unittest

import context
import programs
import stub
from endpoints import Endpoints
from example import DOCUMENTED

PROGRAM = "com.huaweicloud.sdk.test.ListPipelineJobsSolution"
FIELD = re.compile(r"^ +(\w+): (.*)$", re.MULTILINE)


class Sample(Endpoints):
    """The tests; once for each module."""

    module = None
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        programs.require(cls.module)

    def run_sample(self, **changed):
        return programs.run(self.module, PROGRAM, **changed)

    def assert_documented(self, done, job=DOCUMENTED):
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.startswith("class ListPipelineJobsResponse {"), done.stdout)
        printed = dict(FIELD.findall(done.stdout))
        self.assertEqual(printed.pop("body"), "[class JobWithStageDto {")
        self.assertEqual(printed.pop("xTotal"), "1")
        # With the names of Java's fields, and all values as text.
        expected = {re.sub("_(.)", lambda after: after[1].upper(), name): str(value) for name, value in job.items()}
        self.assertEqual(printed, expected)

    def assert_lists(self, **settings):
        self.assert_documented(self.run_sample(**settings))

    def test_with_what_stagepost_env_prints(self):
        self.assert_documented(self.run_sample())

    def test_over_http(self):
        url = context.server.urls["http"]
        done = self.run_sample(
            HUAWEICLOUD_SDK_IAM_ENDPOINT=url,
            HUAWEICLOUD_SDK_REGION_CODEHUB_CN_NORTH_4=url,
            HUAWEICLOUD_SDK_REGION_CODEARTSREPO_CN_NORTH_4=url,
            JAVA_TOOL_OPTIONS=None,
        )
        self.assert_documented(done)

    def test_unknown_status_and_field(self):
        with stub.Stub() as other:
            settings = other.regions | {"HUAWEICLOUD_SDK_IAM_ENDPOINT": other.url, "JAVA_TOOL_OPTIONS": None}
            self.assert_documented(self.run_sample(**settings), stub.JOB)

    def test_certificate_is_checked(self):
        done = self.run_sample(JAVA_TOOL_OPTIONS=None)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertIn("PKIX path building failed", done.stderr)

    def test_wrong_secret_key(self):
        # The project lookup fails before the try block of the sample.
        done = self.run_sample(CLOUD_SDK_SK="x" * 40)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertIn("APIGW.0301", done.stderr)


class CodeHub(Sample, unittest.TestCase):
    module = "codehub"


class CodeArtsRepo(Sample, unittest.TestCase):
    module = "codeartsrepo"
