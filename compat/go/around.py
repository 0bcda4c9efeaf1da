"""Calls around pipelines; the program `around` makes them."""

import json
import unittest

import around_pipelines
import context
import native_api
import programs
from around_pipelines import GREEN, ID, RED, WAITING, A, B


class Around:
    """The tests; once for each module."""

    module = None

    @classmethod
    def setUpClass(cls):
        around_pipelines.prepare(context.server)
        project = native_api.get(context.server, f"/native/v1/repositories/{ID}")["project_id"]
        done = programs.run(cls.module, "around", AROUND_PROJECT=project)
        if done.returncode != 0:
            raise AssertionError(f"around: exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
        cls.results = {result["call"]: result for result in map(json.loads, done.stdout.splitlines())}

    def response(self, call):
        self.assertNotIn("error", self.results[call])
        return self.results[call]["response"]

    def refused(self, call, status, code):
        fields = self.results[call]["fields"]
        self.assertEqual((fields["status_code"], fields["error_code"]), (status, code))

    def test_mergeable_state(self):
        for call, iid, passed in (("green", GREEN, True), ("red", RED, False), ("waiting", WAITING, False)):
            state = self.response(f"mergeable state, {call}")
            shown = (state["merge_request_id"], state["ci_state_passed"], state["state"], state["conflict_passed"])
            self.assertEqual(shown, (iid, passed, passed, True))
        self.refused("mergeable state, unknown", 404, "CH.000404")

    def test_merge_requests(self):
        listed = self.response("merge requests")["body"]
        found = [(item["iid"], item.get("pipeline_status")) for item in listed]
        self.assertEqual(found, [(WAITING, None), (RED, "failed"), (GREEN, "success")])
        self.assertEqual([item["iid"] for item in self.response("personal merge requests")["body"]], [RED])
        shown = self.response("merge request")
        self.assertEqual((shown["iid"], shown["sha"], shown["merge_when_build_succeeds"]), (GREEN, A, False))
        of_commit = self.response("merge requests of a commit")["body"]
        self.assertEqual([item["iid"] for item in of_commit], [RED])
        self.assertEqual(self.response("approver settings")["body"], [])

    def test_commit(self):
        commit = self.response("commit")
        self.assertEqual((commit["id"], commit["status"], commit["project_id"]), (B, "failed", ID))
        self.assertEqual((commit["last_pipeline"]["ref"], commit["merge_request"]["iid"]), ("fix", RED))
        self.refused("unknown commit", 404, "CH.000404")
        self.assertEqual(self.response("refs of a commit")["body"], ["feature", "main", "v1"])

    def test_branches_and_tags(self):
        branches = self.response("branches")
        self.assertEqual([item["name"] for item in branches["body"]], ["fix", "feature", "main"])
        self.assertEqual(branches["X-Total"], "3")
        self.assertEqual(self.response("branch")["commit"]["id"], B)
        tags = self.response("tags")["body"]
        self.assertEqual([(item["name"], item["target"]) for item in tags], [("v1", A)])
        self.assertEqual(self.response("tag")["commit"]["id"], A)
        self.assertEqual(self.response("names of branches")["body"], ["feature", "fix", "main"])

    def test_members_and_names(self):
        (member,) = self.response("members")["body"]
        self.assertEqual((member["user_name"], member["repository_role_Id"]), (context.server.user, "40"))
        self.assertEqual(self.response("id"), {"result": ID, "status": "success"})
        self.refused("id of an unknown name", 404, "CH.010117")


class CodeHub(Around, unittest.TestCase):
    module = "codehub"


class CodeArtsRepo(Around, unittest.TestCase):
    module = "codeartsrepo"

    def test_total_of_a_commit(self):
        # The module with the former name does not read it.
        self.assertEqual(self.response("merge requests of a commit")["X-Total"], "1")

    def test_merge_requests_of_the_project(self):
        listed = self.response("merge requests of the project")["body"]
        self.assertEqual([(item["iid"], item["pipeline_status"]) for item in listed], [(GREEN, "success")])
