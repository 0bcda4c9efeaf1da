"""Reports of Buildbot's reporters for GitHub, Gitea and both APIs of Bitbucket Server that no build makes: races, many
names, repetitions and refusals. Their own code sends them.
"""

import json
import os
import subprocess
import sys
import unittest

import context
import native
import native_api
from atlassian import Bitbucket
from server import clean_environment

PATH = "acme/races"
RACING = 64
# More than six pages of 25.
MANY = 160
SECONDS = 120
LINK = "https://ci.example.com/builds/"
CLIENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "buildbot_client.py")


class Races:
    """The tests; once for each reporter."""

    host = None
    running = "INPROGRESS"
    succeeded, failed = "SUCCESSFUL", "FAILED"
    accepted = 204
    # The status of a report with a wrong token, of one for an unknown repository and of one with an unknown state.
    refusals = (401, 404, 400)

    @classmethod
    def setUpClass(cls):
        cls.recorded = native.Native(PATH)

    def setUp(self):
        self.sha = native.revision()

    def send(self, *groups):
        """Sends groups of reports, the reports of one at the same time; returns status and body of all responses."""
        defaults = {"host": self.host, "token": native.token("report", PATH), "repository": PATH, "sha": self.sha}
        defaults |= {"name": "build", "link": f"{LINK}1"}
        done = subprocess.run(
            [sys.executable, CLIENT, context.server.urls["http"]],
            env=clean_environment(),
            input=json.dumps([[defaults | report for report in group] for group in groups]),
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return [tuple(response) for group in json.loads(done.stdout) for response in group]

    def send_accepted(self, *groups):
        sent = self.send(*groups)
        self.assertEqual({code for code, _ in sent}, {self.accepted}, sent)

    def jobs(self):
        """Every attempt in the only pipeline of the commit."""
        (pipeline,) = self.recorded.pipelines(self.sha)
        return self.recorded.jobs(pipeline["id"])

    def test_build_from_its_beginning_to_the_success_of_a_retry(self):
        for number, end, recorded in ((1, self.failed, ["failed"]), (2, self.succeeded, ["failed", "success"])):
            build = {"link": f"{LINK}{number}", "number": str(number)}
            begun = build | {"state": self.running}
            self.send_accepted([begun], [begun], [build | {"state": end}])
            self.assertEqual([job["status"] for job in self.jobs()], recorded)
            self.assert_read_back(end)

    def test_racing_reports_of_one_name_are_of_one_job(self):
        states = [self.succeeded if number % 2 else self.running for number in range(RACING)]
        self.send_accepted([{"state": state, "number": "1"} for state in states])
        (job,) = self.jobs()
        self.assertEqual((job["name"], job["status"]), ("build", "success"))
        self.assert_read_back(self.succeeded)

    def test_racing_reports_of_many_names_are_of_one_pipeline(self):
        names = [f"job {number}" for number in range(RACING)]
        self.send_accepted([{"state": self.succeeded, "name": name} for name in names])
        found = [(job["name"], job["status"]) for job in self.jobs()]
        self.assertEqual(sorted(found), sorted((name, "success") for name in names))
        self.assertEqual(sorted(self.names()), sorted(names))

    def test_refusals(self):
        reports = [
            {"token": "wrong"},
            self.elsewhere(),
            {"state": "bogus"},
            {"token": native.token("read", PATH)},
        ]
        sent = self.send(*([{"state": self.succeeded} | report] for report in reports))
        self.assertEqual([code for code, _ in sent], [*self.refusals, 403], sent)
        for _, body in sent:
            self.assertTrue(self.message(body), body)
        self.assertEqual(self.recorded.pipelines(self.sha), [])

    def elsewhere(self):
        return {"repository": "acme/absent"}

    def message(self, body):
        return json.loads(body)["message"]

    def assert_read_back(self, state):
        """The state of the only name of the commit, read as its host is."""
        raise NotImplementedError

    def names(self):
        """The names of the commit, read as its host is."""
        raise NotImplementedError


class StatusRaces(Races):
    running, succeeded, failed, accepted = "pending", "success", "failure", 201
    refusals = (401, 404, 422)
    api = None

    def statuses(self):
        token = native.token("report", PATH)
        found = native_api.send(
            context.server,
            "GET",
            f"{self.api}/repos/{PATH}/commits/{self.sha}/status?per_page=100&limit=100",
            None,
            {"Authorization": f"token {token}"},
        )
        return found[1]

    def assert_read_back(self, state):
        combined = self.statuses()
        self.assertEqual((combined["state"], combined["total_count"]), (state, 1))

    def names(self):
        return [status["context"] for status in self.statuses()["statuses"]]


class GitHub(StatusRaces, unittest.TestCase):
    host, api = "github", "/api/v3"


class Gitea(StatusRaces, unittest.TestCase):
    host, api = "gitea", "/api/v1"


class BuildRaces(Races):
    """What `atlassian-python-api` reads of a commit."""

    def values(self):
        bitbucket = Bitbucket(url=context.server.urls["http"], token=native.token("report", PATH))
        first = bitbucket.get_associated_build_statuses(self.sha)
        paged = list(bitbucket._get_paged(f"rest/build-status/1.0/commits/{self.sha}", params={"limit": 25}))
        self.assertEqual((first["size"], first["values"]), (min(len(paged), 25), paged[:25]))
        return paged

    def assert_read_back(self, state):
        (value,) = self.values()
        self.assertEqual((value["key"], value["state"], value["name"]), ("build", state, "Build build"))

    def names(self):
        return [value["key"] for value in self.values()]

    def message(self, body):
        return json.loads(body)["errors"][0]["message"]

    def test_all_pages_have_each_name_once(self):
        names = [f"job {number}" for number in range(MANY)]
        self.send_accepted(*([{"state": self.succeeded, "name": name}] for name in names))
        self.assertEqual(self.names(), names[::-1])


class OldBitbucket(BuildRaces, unittest.TestCase):
    host = "bitbucket-old"

    def elsewhere(self):
        # The token names the repository.
        return {"token": context.server.token}


class Bitbucket7(BuildRaces, unittest.TestCase):
    host = "bitbucket"

    def assert_read_back(self, state):
        super().assert_read_back(state)
        self.assertEqual(self.build("build")["state"], state)

    def build(self, key):
        """The build with a key, as the new API returns it: the same as in the list of the old one."""
        owner, repo = PATH.split("/")
        path = f"/rest/api/latest/projects/{owner.upper()}/repos/{repo}/commits/{self.sha}/builds?key={key}"
        headers = {"Authorization": f"Bearer {native.token('report', PATH)}"}
        _, build = native_api.send(context.server, "GET", path, None, headers)
        self.assertEqual(build["key"], key)
        (listed,) = [value for value in self.values() if value["key"] == key]
        self.assertEqual(build, listed)
        return build

    def test_tests_and_name_read_back(self):
        self.send_accepted([{"state": self.succeeded, "number": "7"}])
        value = self.build("build")
        self.assertEqual((value["buildNumber"], value["ref"]), ("7", "refs/heads/main"))
        self.assertEqual(value["name"], "Build build")
        self.assertEqual(value["testResults"], {"failed": 0, "skipped": 1, "successful": 2})
