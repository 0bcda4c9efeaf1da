"""Clients of GitLab and GitHub at a server that limits the rate of reports: each waits as long as it is told to."""

import gitlab
import limited_server
import native
from github import Auth, Github

REPORTS = 3


class Limits(limited_server.LimitedServer):
    # One report is free at once, and then one in a second.
    options = ["--limit-reports", "1/s:1"]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.cli("repo", "add", "acme/limits")
        cls.url = cls.server.urls["http"]

    def test_python_gitlab_waits(self):
        client = gitlab.Gitlab(self.url, private_token=self.server.token)
        commit = client.projects.get("acme/limits", lazy=True).commits.get(native.revision(), lazy=True)
        for n in range(REPORTS):
            self.assertEqual(commit.statuses.create({"state": "success", "name": f"gitlab-{n}"}).status, "success")
        self.assertEqual(len(commit.statuses.list(get_all=True)), REPORTS)

    def test_pygithub_waits(self):
        hub = Github(
            auth=Auth.Token(self.server.token),
            base_url=f"{self.url}/api/v3",
            seconds_between_requests=None,
            seconds_between_writes=None,
        )
        self.addCleanup(hub.close)
        commit = hub.get_repo("acme/limits").get_commit(native.revision())
        for n in range(REPORTS):
            self.assertEqual(commit.create_status("success", context=f"github-{n}").state, "success")
        self.assertEqual(commit.get_combined_status().total_count, REPORTS)
