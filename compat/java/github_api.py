"""The library that the GitHub plugins of Jenkins use, with the endpoint and the token that their settings have; the
program `GitHubStatuses` makes the calls.
"""

import json
import unittest

import programs
from code_hosts import MANY, CommitStatuses


class GitHubApi(CommitStatuses, unittest.TestCase):
    # Beside its program the tests need nothing of the module.
    module = "github"
    name = "github-api"
    messages = {
        "wrong token": "Bad credentials",
        "unknown repository": "Not Found",
        "no commit": "No commit found for SHA: main",
    }
    statuses = {"wrong token": 401, "unknown repository": 404, "no commit": 422}

    @classmethod
    def setUpClass(cls):
        programs.require(cls.module)
        super().setUpClass()

    @staticmethod
    def run_program(**settings):
        return programs.run("github", "stagepost.compat.GitHubStatuses", **settings, JAVA_TOOL_OPTIONS=None)

    def assert_commit(self, call, state, total):
        # It reads the newest status only.
        self.assertEqual(self.result(call), state)

    def refused(self, call, status, message):
        # The message of the exception is the body, after the address in the case of a 404.
        line = self.calls[call]
        body = json.loads(line["error"][line["error"].index("{") :])
        self.assertEqual((line["status"], body["message"]), (status, message))

    def test_all_pages_have_each_status_once(self):
        contexts = [f"job {number}" for number in range(MANY)]
        self.assertEqual(self.result("all pages"), contexts[::-1])
        self.assertEqual([job["name"] for job in self.jobs("many")], contexts)

    def test_check_run(self):
        created, completed = self.result("check run created"), self.result("check run completed")
        wanted = {"id": created["id"], "external_id": "7"}
        running = {"status": "in_progress", "conclusion": None, "title": None, "annotations": 0}
        self.assertEqual(created, wanted | running)
        self.assertEqual((completed["id"], completed["conclusion"]), (created["id"], "neutral"))
        ended = {"status": "completed", "conclusion": "neutral", "title": "有误", "annotations": 120}
        self.assertEqual(self.result("check runs"), [wanted | ended])
        (job,) = self.jobs("checks")
        self.assertEqual((job["stage"], job["third_build_id"], job["status"]), ("checks", "7", "success"))
        self.assertEqual(self.calls["check run without a conclusion"]["status"], 422)
