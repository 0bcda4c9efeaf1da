"""What a user of the SDK meets beyond the sample; the program `walk` makes the calls."""

import json
import unittest

import example
import merge_requests
import odd_words
import preparing
import programs
import stand
from endpoints import AnyRegion
from example import DOCUMENTED
from told import JOBS, Told, ToldOfSigning


class Walk(Told, ToldOfSigning, AnyRegion):
    """The tests; once for each module."""

    module = None

    @classmethod
    def setUpClass(cls):
        pipeline = example.report_jobs(stand.server, JOBS)
        merge_requests.prepare(stand.server)
        odd_words.prepare(stand.server)
        settings = preparing.temporary_environment(stand.server) | odd_words.SETTINGS
        done = programs.run(cls.module, "walk", str(pipeline), str(JOBS), **settings)
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

    def assert_lists(self, **settings):
        done = programs.run(self.module, "walk", **settings)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["answer"], {"body": [DOCUMENTED], "X-Total": "1"})

    def test_repository_is_made(self):
        made = self.answer("repository made")
        self.assertEqual(made["status"], "success")
        self.assert_made(made["result"]["repository_uuid"], f"made-by-{self.module}")
        self.refused("repository with spaces in its name", 400, "CH.010001")


class CodeHub(Walk, unittest.TestCase):
    module = "codehub"


class CodeArtsRepo(Walk, unittest.TestCase):
    module = "codeartsrepo"
