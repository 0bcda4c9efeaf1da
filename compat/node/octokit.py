"""The official client of GitHub's REST API; the program `octokit.mjs` makes the calls."""

import unittest

import programs
from code_hosts import CommitStatuses

DOCUMENTATION = "https://docs.github.com/rest"


class Octokit(CommitStatuses, unittest.TestCase):
    name = "octokit"
    messages = {
        "wrong token": f"Bad credentials - {DOCUMENTATION}",
        "unknown repository": f"Not Found - {DOCUMENTATION}",
        "unknown state": 'Validation Failed: {"resource":"Status","field":"state","code":"custom",'
        f'"message":"state is not included in the list"}} - {DOCUMENTATION}',
    }

    def test_check_run(self):
        created, completed = self.result("check run created"), self.result("check run completed")
        id = created["id"]
        running = {"id": id, "status": "in_progress", "conclusion": None, "title": None, "annotations": 0}
        self.assertEqual(created, running)
        ended = {"id": id, "status": "completed", "conclusion": "neutral", "title": "三处", "annotations": 3}
        self.assertEqual(completed, ended)
        self.assertEqual(self.result("annotations"), ["line 1", "line 2", "line 3"])
        self.assertEqual(self.result("check runs"), [id])
        (job,) = self.jobs("checks")
        self.assertEqual((job["id"], job["stage"], job["status"]), (id, "checks", "success"))
        self.assertEqual(self.calls["check run without a conclusion"]["status"], 422)

    @staticmethod
    def run_program(**settings):
        return programs.run("octokit.mjs", **settings)
