"""What a user of the SDK meets beyond the sample; a program of each module makes the calls."""

import json
import unittest

import example
import programs
import stand
from example import DOCUMENTED, PIPELINE, PROJECT_UUID, REPOSITORY, REPOSITORY_UUID

JOBS = 130
PAGE = 50


class Walk:
    """The tests; once for each module."""

    module = None
    program = None
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        programs.require(cls.module)
        pipeline = example.report_jobs(stand.server, JOBS)
        done = programs.run(cls.module, f"stagepost.compat.{cls.program}", str(pipeline), str(JOBS))
        if done.returncode != 0:
            raise AssertionError(f"{cls.program}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
        cls.said = {said["call"]: said for said in map(json.loads, done.stdout.splitlines())}

    def answer(self, call):
        said = self.said[call]
        self.assertNotIn("error", said)
        return said["answer"]

    def refused(self, call, status, code):
        """The message; a program reads every field, and toString shows them."""
        said = self.said[call]
        self.assertNotIn("answer", said)
        error = said["error"]
        told = (error["exception"], error["http_status_code"], error["error_code"])
        self.assertEqual(told, ("ClientRequestException", status, code))
        self.assertTrue(error["request_id"])
        self.assertTrue(error["error_msg"])
        for shown in (str(status), code, error["request_id"], error["error_msg"]):
            self.assertIn(shown, error["printed"])
        return error["error_msg"]

    # Pages

    def test_documented_job(self):
        self.assertEqual(self.answer("documented"), {"body": [DOCUMENTED], "X-Total": "1"})

    def test_all_pages(self):
        jobs = []
        for offset in range(0, JOBS, PAGE):
            page = self.answer(f"page at {offset}")
            self.assertEqual((len(page["body"]), page["X-Total"]), (min(PAGE, JOBS - offset), str(JOBS)))
            jobs += page["body"]
        self.assertEqual([job["name"] for job in jobs], [f"job {number}" for number in range(1, JOBS + 1)])
        self.assertEqual([job["third_build_id"] for job in jobs], [str(number) for number in range(1, JOBS + 1)])
        ids = [job["id"] for job in jobs]
        self.assertEqual(ids, sorted(set(ids)))

    def test_smallest_largest_and_default_page(self):
        for call, length in (("page of one", 1), ("largest page", 100), ("default page", 20)):
            with self.subTest(call):
                page = self.answer(call)
                self.assertEqual((len(page["body"]), page["X-Total"]), (length, str(JOBS)))

    def test_empty_pages(self):
        self.assertEqual(self.answer("page after the last"), {"body": [], "X-Total": str(JOBS)})
        self.assertEqual(self.answer("empty page"), {"body": [], "X-Total": "1"})

    # Errors

    def test_page_out_of_range(self):
        for call in ("limit 0", "limit 101", "limit -1", "offset -1"):
            with self.subTest(call):
                message = self.refused(call, 400, "CH.00401999")
                self.assertTrue(message.startswith(f"'{call.split()[0]}'"), message)

    def test_wrong_secret_key(self):
        message = self.refused("wrong secret key", 401, "APIGW.0301")
        self.assertIn("canonicalRequest:", message)
        self.assertIn("|/v4/repositories/2111976239/pipelines/6/jobs/|", message)

    def test_unknown_access_key(self):
        self.refused("unknown access key", 401, "APIGW.0301")

    def test_unknown_repository(self):
        self.assertIn("仓库不存在", self.refused("unknown repository", 404, "CH.00402000"))
        self.refused("an unknown repository", 404, "CH.00402000")

    def test_unknown_pipeline(self):
        self.refused("unknown pipeline", 404, "CH.000404")
        self.refused("latest jobs of an unknown pipeline", 404, "CH.000404")

    # The rest

    def test_latest_jobs(self):
        latest = self.answer("latest jobs")
        self.assertEqual((latest["id"], latest["status"]), (PIPELINE, "success"))
        stages = [(stage["id"], stage["name"], [job["id"] for job in stage["jobs"]]) for stage in latest["stages"]]
        self.assertEqual(stages, [(DOCUMENTED["stage_id"], DOCUMENTED["stage"], [DOCUMENTED["id"]])])

    def test_show_repository(self):
        shown = self.answer("repository")
        self.assertEqual((shown["id"], shown["uuid"], shown["default_branch"]), (REPOSITORY, REPOSITORY_UUID, "dev"))
        self.assertEqual(shown["project_id"], PROJECT_UUID)

    def test_list_repositories(self):
        found = [(found["id"], found["uuid"]) for found in self.answer("repositories found")["body"]]
        self.assertEqual(found, [(REPOSITORY, REPOSITORY_UUID)])
        everything = [found["id"] for found in self.answer("repositories")["body"]]
        self.assertIn(REPOSITORY, everything)
        self.assertGreater(len(everything), 1)
        self.assertIn(REPOSITORY, [found["id"] for found in self.answer("repositories of the project")["body"]])


class Core(Walk, unittest.TestCase):
    module, program = "core", "Walk"

    def test_over_http(self):
        url = stand.server.urls["http"]
        settings = {"HUAWEICLOUD_SDK_IAM_ENDPOINT": url, "HUAWEICLOUD_SDK_REGION_CODEHUB_CN_NORTH_4": url}
        done = programs.run(self.module, "stagepost.compat.Walk", "1", "0", JAVA_TOOL_OPTIONS=None, **settings)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout.splitlines()[0])["answer"], {"body": [DOCUMENTED], "X-Total": "1"})

    def test_certificate_is_checked(self):
        done = programs.run(self.module, "stagepost.compat.Walk", "1", "0", JAVA_TOOL_OPTIONS=None)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertIn("PKIX path building failed", done.stderr)


class CodeHub(Walk, unittest.TestCase):
    module, program = "codehub", "CodeHubWalk"


class CodeArtsRepo(Walk, unittest.TestCase):
    module, program = "codeartsrepo", "CodeArtsRepoWalk"
