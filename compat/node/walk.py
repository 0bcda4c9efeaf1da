"""The core package's client against the server; the program `walk.js` makes the calls."""

import json
import unittest

import example
import programs
import stand
from example import DOCUMENTED, PIPELINE, REPOSITORY, REPOSITORY_UUID

JOBS = 130
PAGE = 50


class Walk(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        pipeline = example.report_jobs(stand.server, JOBS)
        done = programs.run("walk.js", str(pipeline), str(JOBS))
        if done.returncode != 0:
            raise AssertionError(f"walk.js: exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
        # The SDK's logger writes to stdout, too.
        lines = [line for line in done.stdout.splitlines() if line.startswith('{"call":')]
        cls.said = {said["call"]: said for said in map(json.loads, lines)}

    def answer(self, call):
        said = self.said[call]
        self.assertNotIn("error", said)
        self.assertEqual(said["status"], 200)
        return said["answer"]

    def refused(self, call, status, code):
        error = self.said[call]["error"]
        told = (error["name"], error["httpStatusCode"], error["errorCode"])
        self.assertEqual(told, ("ClientRequestException", status, code))
        self.assertTrue(error["requestId"])
        self.assertTrue(error["errorMsg"])
        return error["errorMsg"]

    def test_all_pages(self):
        names = []
        for offset in range(0, JOBS, PAGE):
            names += [job["name"] for job in self.answer(f"page at {offset}")]
            self.assertEqual(self.said[f"page at {offset}"]["X-Total"], str(JOBS))
        self.assertEqual(names, [f"job {number}" for number in range(1, JOBS + 1)])

    def test_default_page(self):
        self.assertEqual((len(self.answer("default page")), self.said["default page"]["X-Total"]), (20, str(JOBS)))

    def test_empty_page(self):
        self.assertEqual((self.answer("empty page"), self.said["empty page"]["X-Total"]), ([], "1"))

    def test_page_out_of_range(self):
        self.assertTrue(self.refused("limit 101", 400, "CH.00401999").startswith("'limit'"))

    def test_wrong_secret_key(self):
        # Refused already where the project is looked up.
        self.assertIn("|/v3/projects/|name=cn-north-4|", self.refused("wrong secret key", 401, "APIGW.0301"))

    def test_unknown_repository_and_pipeline(self):
        self.assertIn("仓库不存在", self.refused("unknown repository", 404, "CH.00402000"))
        self.refused("unknown pipeline", 404, "CH.000404")

    def test_latest_jobs(self):
        latest = self.answer("latest jobs")
        self.assertEqual((latest["id"], latest["status"]), (PIPELINE, "success"))
        jobs = [(stage["id"], [job["id"] for job in stage["jobs"]]) for stage in latest["stages"]]
        self.assertEqual(jobs, [(DOCUMENTED["stage_id"], [DOCUMENTED["id"]])])

    def test_repositories(self):
        self.assertEqual(self.answer("repository")["uuid"], REPOSITORY_UUID)
        self.assertEqual([found["id"] for found in self.answer("repositories found")], [REPOSITORY])
