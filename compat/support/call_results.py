"""Checks of calls that the samples do not make, for SDKs in any language: a program makes the calls and prints each
result.
"""

import context
import native_api
import special_characters
from example import DOCUMENTED, PIPELINE, PROJECT_UUID, REPOSITORY, REPOSITORY_UUID
from merge_requests import HEADS, REFS, REGISTERED, REPORTED, REPORTED_FIELDS

JOBS = 130
PAGE = 50


class CallResults:
    """The tests. A suite makes the calls, with a pipeline of `JOBS` jobs, and implements `response` and `refused`,
    which read the result of a call.
    """

    maxDiff = None

    # Pages

    def test_all_pages(self):
        jobs = []
        for offset in range(0, JOBS, PAGE):
            page = self.response(f"page at {offset}")
            self.assertEqual((len(page["body"]), page["X-Total"]), (min(PAGE, JOBS - offset), str(JOBS)))
            jobs += page["body"]
        self.assertEqual([job["name"] for job in jobs], [f"job {number}" for number in range(1, JOBS + 1)])
        self.assertEqual([job["third_build_id"] for job in jobs], [str(number) for number in range(1, JOBS + 1)])
        ids = [job["id"] for job in jobs]
        self.assertEqual(ids, sorted(set(ids)))

    def test_smallest_largest_and_default_page(self):
        for call, length in (("page of one", 1), ("largest page", 100), ("default page", 20)):
            with self.subTest(call):
                page = self.response(call)
                self.assertEqual((len(page["body"]), page["X-Total"]), (length, str(JOBS)))

    def test_empty_pages(self):
        self.assertEqual(self.response("page after the last"), {"body": [], "X-Total": str(JOBS)})
        self.assertEqual(self.response("empty page"), {"body": [], "X-Total": "1"})

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
        latest = self.response("latest jobs")
        self.assertEqual((latest["id"], latest["status"]), (PIPELINE, "success"))
        stages = [(stage["id"], stage["name"], [job["id"] for job in stage["jobs"]]) for stage in latest["stages"]]
        self.assertEqual(stages, [(DOCUMENTED["stage_id"], DOCUMENTED["stage"], [DOCUMENTED["id"]])])

    def test_show_repository(self):
        shown = self.response("repository")
        self.assertEqual((shown["id"], shown["uuid"], shown["default_branch"]), (REPOSITORY, REPOSITORY_UUID, "dev"))
        self.assertEqual(shown["project_id"], PROJECT_UUID)

    def test_list_repositories(self):
        found = [(found["id"], found["uuid"]) for found in self.response("repositories found")["body"]]
        self.assertEqual(found, [(REPOSITORY, REPOSITORY_UUID)])
        everything = [found["id"] for found in self.response("repositories")["body"]]
        self.assertIn(REPOSITORY, everything)
        self.assertGreater(len(everything), 1)
        self.assertIn(REPOSITORY, [found["id"] for found in self.response("repositories of the project")["body"]])

    def test_special_characters_in_a_query(self):
        # The query may be encoded differently from what was signed, but must decode to the same text.
        found = [
            (found["id"], found["description"])
            for found in self.response("repositories found by special characters")["body"]
        ]
        self.assertEqual(found, [(special_characters.ID, special_characters.TEXT)])

    def assert_made(self, uuid, name):
        """The repository was created, with a description that JSON can encode in several ways."""
        listed = native_api.get(context.server, f"/native/v1/repositories?search={name}")["repositories"]
        created = [
            (found["path"].rpartition("/")[2], found["project_id"], found["description"])
            for found in listed
            if found["uuid"] == uuid
        ]
        self.assertEqual(created, [(name, PROJECT_UUID, '<é> "\\ 任务')])

    # The pipeline of a merge request

    def test_pipeline_of_a_merge_request(self):
        result = self.response("head pipeline, registered")
        data = result["data"]
        self.assertIs(result["is_valid"], True)
        self.assertEqual((data["sha"], data["ref"], data["status"]), (HEADS[REGISTERED], REFS[REGISTERED], "running"))
        self.assertEqual((data["repository_id"], data["type"]), (REPOSITORY, "MERGE REQUEST"))
        shown = (data["is_invalid"], data["is_latest"], data["all_job_finished"])
        self.assertEqual(shown, (False, True, False))
        (stage,) = data["stages"]
        place = (stage["repository_id"], stage["pipeline_id"], stage["name"], stage["status"], stage["sort_id"])
        self.assertEqual(place, (REPOSITORY, data["id"], "external", "running", 1))

    def test_pipeline_of_a_reported_merge_request(self):
        result = self.response("head pipeline, reported")
        data = result["data"]
        self.assertIs(result["is_valid"], True)
        self.assertEqual((data["sha"], data["ref"], data["status"]), (HEADS[REPORTED], REFS[REPORTED], "success"))
        self.assertEqual({name: data[name] for name in REPORTED_FIELDS}, REPORTED_FIELDS)
        self.assertIs(data["all_job_finished"], True)

    def test_merge_request_without_a_pipeline(self):
        result = self.response("head pipeline, waiting")
        self.assertIsNone(result.get("data"))
        self.assertIs(result["is_valid"], False)

    def test_unknown_merge_request(self):
        self.assertIn("MR信息未找到", self.refused("unknown merge request", 404, "CH.000404"))

    def test_temporary_key(self):
        self.assertEqual(self.response("temporary key"), {"body": [DOCUMENTED], "X-Total": "1"})
        self.refused("temporary key with another's security token", 401, "APIGW.0301")
        self.refused("temporary key without its security token", 401, "APIGW.0301")


class SigningResults:
    """The tests of an SDK that supports several signing algorithms."""

    def test_signing_algorithms(self):
        for name in ("HMAC-SM3", "ECDSA-P256-SHA256", "SM2-SM3"):
            with self.subTest(name):
                self.assertEqual(self.response(f"signed by {name}"), {"body": [DOCUMENTED], "X-Total": "1"})
        message = self.refused("signed by HMAC-SM3 with a wrong secret key", 401, "APIGW.0301")
        self.assertIn("|/v4/repositories/2111976239/pipelines/6/jobs/|", message)
