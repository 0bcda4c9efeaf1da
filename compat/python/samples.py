"""The documentation's sample, with other ids, run as a user runs it: only environment variables are set."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

import context
from endpoints import Endpoints
from example import DOCUMENTED
from server import clean_environment

HERE = os.path.dirname(os.path.abspath(__file__))
TIMEOUT_SECONDS = 120


class Samples(Endpoints, unittest.TestCase):
    maxDiff = None

    def assert_lists(self, **changed):
        settings = context.server.sdk_environment("https") | changed
        settings = {name: value for name, value in settings.items() if value is not None}
        for sample in ("list_pipeline_jobs.py", "list_pipeline_jobs_codeartsrepo.py"):
            with self.subTest(sample):
                self.assert_documented(self.run_sample(sample, settings))

    def run_sample(self, name, environment, prefix=()):
        with tempfile.TemporaryDirectory() as home:
            # The SDK writes a file to HOME, and would read settings from there.
            environment = {"PATH": os.environ["PATH"], "HOME": home, "PYTHONIOENCODING": "utf-8"} | environment
            command = [*prefix, sys.executable, os.path.join(HERE, name)]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def assert_documented(self, printed):
        response = json.loads(printed)
        self.assertEqual(response["body"], [DOCUMENTED])
        self.assertEqual(response["X-Total"], "1")

    def test_codehub_over_http(self):
        self.assert_documented(self.run_sample("list_pipeline_jobs.py", context.server.sdk_environment("http")))

    def test_codehub_over_https(self):
        self.assert_documented(self.run_sample("list_pipeline_jobs.py", context.server.sdk_environment("https")))

    def test_codeartsrepo_over_http(self):
        self.assert_documented(
            self.run_sample("list_pipeline_jobs_codeartsrepo.py", context.server.sdk_environment("http"))
        )

    def test_codeartsrepo_over_https(self):
        self.assert_documented(
            self.run_sample("list_pipeline_jobs_codeartsrepo.py", context.server.sdk_environment("https"))
        )

    def test_with_what_stagepost_env_prints(self):
        server = context.server
        script = 'eval "$("$1" env python)" && shift && exec "$@"'
        environment = clean_environment(
            STAGEPOST_SERVER=server.urls["https"],
            STAGEPOST_DATA=server.data,
            CLOUD_SDK_AK=server.ak,
            CLOUD_SDK_SK=server.sk,
        )
        for sample in ("list_pipeline_jobs.py", "list_pipeline_jobs_codeartsrepo.py"):
            with self.subTest(sample):
                printed = self.run_sample(sample, environment, ("bash", "-c", script, "bash", server.binary))
                self.assert_documented(printed)
