"""Statuses as a client of a code host reports and reads them. The program of a client makes the calls and prints one
JSON object a line: the name of the call, and its `result` or its `error` with the `status` of the response.
"""

import json
import secrets

import context
import native_api

OWNER = "acme"
# More than three pages of 50.
MANY = 160
RACING = 64
BRANCH = "feature/x"
LINK = "https://ci.example.com/builds/"


class CommitStatuses:
    """The tests of a client whose program has the calls; once for each client."""

    # The repository, which the other tests of the suite do not use.
    name = None
    # The error messages of the host, and their statuses, by call.
    messages = {}
    statuses = {"wrong token": 401, "unknown repository": 404, "unknown state": 422}

    @classmethod
    def setUpClass(cls):
        path = f"{OWNER}/{cls.name}"
        cls.repository_id = context.server.cli("repo", "add", path, "--default-branch", "main")["id"]
        limits = ("--scope", "report", "--repo", path, "--expires", "1d")
        token = context.server.cli("token", "create", cls.name, *limits)["token"]
        cls.shas = {name: secrets.token_hex(20) for name in ("one", "many", "race", "branch", "checks")}
        of_branch = {"sha": cls.shas["branch"], "ref": BRANCH, "name": "build", "status": "failed"}
        native_api.request(context.server, "POST", f"repositories/{cls.repository_id}/reports", of_branch)
        settings = {"URL": context.server.urls["http"], "TOKEN": token, "OWNER": OWNER, "REPO": cls.name}
        settings |= {"MANY": str(MANY), "RACING": str(RACING), "BRANCH": BRANCH, "LINK": LINK}
        done = cls.run_program(**settings, **{f"SHA_{name.upper()}": sha for name, sha in cls.shas.items()})
        if done.returncode != 0:
            raise AssertionError(f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
        cls.calls = {line["call"]: line for line in map(json.loads, done.stdout.splitlines())}

    def result(self, call):
        self.assertNotIn("error", self.calls[call])
        return self.calls[call]["result"]

    def refused(self, call, status, message):
        line = self.calls[call]
        self.assertEqual((line.get("status"), line.get("error")), (status, message))

    def assert_commit(self, call, state, total):
        """The state of a commit, and the number of its contexts."""
        self.assertEqual(self.result(call), {"state": state, "total": total})

    def jobs(self, sha):
        """Every attempt in the only pipeline of the commit, ascending by id."""
        of_repository = f"/native/v1/repositories/{self.repository_id}/pipelines"
        (pipeline,) = native_api.get(context.server, f"{of_repository}?sha={self.shas[sha]}")["pipelines"]
        jobs = []
        while True:
            page = f"{of_repository}/{pipeline['id']}/jobs?limit=100&offset={len(jobs)}"
            found = native_api.get(context.server, page)
            jobs += found["jobs"]
            if len(jobs) >= found["total"]:
                return jobs

    def test_repository_is_found(self):
        self.assertEqual(self.result("repository"), f"{OWNER}/{self.name}")

    def test_build_from_its_beginning_to_the_success_of_a_retry(self):
        # The state and the build of each report, and the state of the commit after it.
        ids = []
        for state, build, of_commit in (
            ("pending", 1, "pending"),
            ("failure", 1, "failure"),
            ("pending", 2, "pending"),
            ("success", 2, "success"),
        ):
            status = self.result(f"{state} {build}")
            ids.append(status.pop("id"))
            wanted = {"state": state, "context": "ci/build", "target_url": f"{LINK}{build}", "description": "构建 100%"}
            self.assertEqual(status, wanted)
            self.assert_commit(f"commit after {state} {build}", of_commit, 1)
        self.assertTrue(ids[0] == ids[1] < ids[2] == ids[3], ids)
        self.assertEqual(self.result("listed"), [[ids[2], "success"], [ids[0], "failure"]])
        jobs = self.jobs("one")
        self.assertEqual([(job["attempt"], job["status"]) for job in jobs], [(1, "failed"), (2, "success")])

    def test_all_pages_have_each_status_once(self):
        contexts = [f"job {number}" for number in range(MANY)]
        self.assertEqual(self.result("all pages"), contexts[::-1])
        self.assert_commit("commit of many", "success", MANY)
        self.assertEqual([job["name"] for job in self.jobs("many")], contexts)

    def test_racing_reports_are_of_one_job(self):
        self.assertEqual(len(self.result("race")), RACING)
        (job,) = self.jobs("race")
        self.assertEqual((set(self.result("race")), job["status"]), ({job["id"]}, "success"))

    def test_branch_with_a_slash(self):
        self.assert_commit("branch", "failure", 1)

    def test_refusals(self):
        for call, status in self.statuses.items():
            with self.subTest(call):
                self.refused(call, status, self.messages[call])
