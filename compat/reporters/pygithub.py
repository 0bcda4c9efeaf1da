"""PyGithub, used as its users do: the repository, the commit, its statuses."""

import concurrent.futures
import datetime
import unittest

import context
import native
from github import Auth, BadCredentialsException, Github, GithubException, UnknownObjectException

PATH = "acme/pygithub"
# More than two pages of 100.
MANY = 201
RACING = 64


def connect(token=None):
    """Connects as a user does, without the pauses that GitHub asks for."""
    return Github(
        auth=Auth.Token(token or native.token("report", PATH)),
        base_url=f"{context.server.urls['http']}/api/v3",
        timeout=60,
        per_page=100,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )


class PyGithubCase(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.recorded = native.Native(PATH)
        cls.hub = connect()
        cls.addClassCleanup(cls.hub.close)
        cls.repo = cls.hub.get_repo(PATH)

    def setUp(self):
        self.sha = native.revision()
        self.commit = self.repo.get_commit(self.sha)

    def jobs(self):
        """Every attempt in the only pipeline of the commit."""
        (pipeline,) = self.recorded.pipelines(self.sha)
        return self.recorded.jobs(pipeline["id"])


class Statuses(PyGithubCase):
    def test_repository_and_caller(self):
        self.assertEqual((self.repo.full_name, self.repo.default_branch), (PATH, "main"))
        self.assertTrue(self.repo.permissions.push)
        self.assertEqual(self.hub.get_user().login, context.server.user)
        self.assertEqual(self.commit.sha, self.sha)

    def test_build_from_its_beginning_to_the_success_of_a_retry(self):
        made = []
        for state, build, of_commit in (
            ("pending", 1, "pending"),
            ("failure", 1, "failure"),
            ("pending", 2, "pending"),
            ("success", 2, "success"),
        ):
            url = f"https://ci.example.com/builds/{build}"
            status = self.commit.create_status(state, url, "构建 100%", "ci/build")
            made.append(status.id)
            shown = (status.state, status.target_url, status.description, status.context, status.creator.login)
            self.assertEqual(shown, (state, url, "构建 100%", "ci/build", context.server.user))
            self.assertEqual(status.updated_at.tzinfo, datetime.UTC)
            combined = self.commit.get_combined_status()
            self.assertEqual((combined.state, combined.total_count, combined.sha), (of_commit, 1, self.sha))
            self.assertEqual([each.id for each in combined.statuses], [status.id])
        self.assertTrue(made[0] == made[1] < made[2] == made[3], made)
        listed = [(status.id, status.state) for status in self.commit.get_statuses()]
        self.assertEqual(listed, [(made[2], "success"), (made[0], "failure")])
        self.assertEqual([(job["attempt"], job["status"]) for job in self.jobs()], [(1, "failed"), (2, "success")])

    def test_error_reads_back_and_context_has_no_case(self):
        self.assertEqual(self.commit.create_status("error", context="Lint").state, "error")
        self.assertEqual(self.commit.create_status("success", context="lint").context, "Lint")
        self.assertEqual(self.commit.create_status("success").context, "default")
        self.assertEqual(self.commit.get_combined_status().total_count, 2)

    def test_branch_with_a_slash(self):
        self.recorded.report({"sha": self.sha, "ref": "feature/x", "name": "build", "status": "failed"})
        commit = self.repo.get_commit("feature/x")
        self.assertEqual((commit.sha, commit.get_combined_status().state), (self.sha, "failure"))

    def test_all_pages_have_each_status_once(self):
        names = [f"job {number}" for number in range(MANY)]
        for name in names:
            self.commit.create_status("success", context=name)
        self.assertEqual([status.context for status in self.commit.get_statuses()], names[::-1])
        combined = self.commit.get_combined_status()
        self.assertEqual((combined.state, combined.total_count), ("success", MANY))

    def test_racing_reports_are_of_one_job(self):
        url = "https://ci.example.com/builds/1"

        def report(number):
            with connect() as hub:
                commit = hub.get_repo(PATH, lazy=True).get_commit(self.sha)
                return commit.create_status("success" if number % 2 else "pending", url, context="race").id

        with concurrent.futures.ThreadPoolExecutor(RACING) as all:
            ids = set(all.map(report, range(RACING)))
        (job,) = self.jobs()
        self.assertEqual((ids, job["status"]), ({job["id"]}, "success"))


class Refusals(PyGithubCase):
    def tearDown(self):
        self.assertEqual(self.recorded.pipelines(self.sha), [])

    def refused(self, kind, status, message, call):
        with self.assertRaises(kind) as caught:
            call()
        self.assertEqual((caught.exception.status, caught.exception.data["message"]), (status, message))

    def test_wrong_token(self):
        with connect("wrong") as hub:
            self.refused(BadCredentialsException, 401, "Bad credentials", lambda: hub.get_user().login)
            self.refused(BadCredentialsException, 401, "Bad credentials", lambda: hub.get_repo(PATH))

    def test_repository_of_others_is_as_unknown(self):
        native.repository("acme/others-of-pygithub")
        for path in ("acme/absent", "acme/others-of-pygithub"):
            with self.subTest(path):
                self.refused(UnknownObjectException, 404, "Not Found", lambda path=path: self.hub.get_repo(path))

    def test_token_that_may_only_read(self):
        with connect(native.token("read", PATH)) as hub:
            commit = hub.get_repo(PATH).get_commit(self.sha)
            self.assertEqual(list(commit.get_statuses()), [])
            message = "Resource not accessible by personal access token"
            self.refused(GithubException, 403, message, lambda: commit.create_status("success"))

    def test_state_and_commit_that_do_not_exist(self):
        self.refused(GithubException, 422, "Validation Failed", lambda: self.commit.create_status("bogus"))
        message = "No commit found for SHA: absent"
        self.refused(GithubException, 422, message, lambda: self.repo.get_commit("absent"))
