"""What a user of the SDK meets beyond the sample; the program `walk` makes the calls."""

import json
import unittest

import example
import merge_requests
import preparing
import programs
import stand
from told import JOBS, Told


class Walk(Told):
    """The tests; once for each module."""

    module = None

    @classmethod
    def setUpClass(cls):
        pipeline = example.report_jobs(stand.server, JOBS)
        merge_requests.prepare(stand.server)
        keys = preparing.temporary_environment(stand.server)
        done = programs.run(cls.module, "walk", str(pipeline), str(JOBS), **keys)
        if done.returncode != 0:
            raise AssertionError(f"walk: exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
        cls.said = {said["call"]: said for said in map(json.loads, done.stdout.splitlines())}

    def answer(self, call):
        self.assertNotIn("error", self.said[call])
        return self.said[call]["answer"]

    def refused(self, call, status, code):
        """The message; every field is there as fmt prints the error, and as a program reads it."""
        said = self.said[call]
        self.assertNotIn("answer", said)
        fields = said["fields"]
        self.assertEqual((fields["status_code"], fields["error_code"]), (status, code))
        self.assertTrue(fields["request_id"])
        self.assertTrue(fields["error_message"])
        self.assertEqual(json.loads(said["error"]), fields)
        return fields["error_message"]


class CodeHub(Walk, unittest.TestCase):
    module = "codehub"


class CodeArtsRepo(Walk, unittest.TestCase):
    module = "codeartsrepo"
