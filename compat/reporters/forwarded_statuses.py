"""Statuses that a second server forwarded, as PyGithub and python-gitlab read them at the forge."""

import unittest

import gitlab_case
import pygithub
from forwarded import ForwardedStatuses


class ToGitHub(ForwardedStatuses, unittest.TestCase):
    kind = "github"
    words = ("success", "failure", "failure", "error", "success", "pending", "pending")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        hub = pygithub.connect(cls.token)
        cls.addClassCleanup(hub.close)
        cls.repo = hub.get_repo(cls.path)

    def read(self, sha):
        found = self.repo.get_commit(sha).get_combined_status().statuses
        return {status.context: (status.state, status.description, status.target_url) for status in found}


class ToGitLab(ForwardedStatuses, unittest.TestCase):
    kind = "gitlab"
    words = ("success", "failed", "failed", "canceled", "skipped", "running", "pending")
    texts = {"running": "Running", "pending": "Pending"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.project = gitlab_case.connect(private_token=cls.token).projects.get(cls.path)

    def read(self, sha):
        found = self.project.commits.get(sha, lazy=True).statuses.list(get_all=True)
        for status in found:
            self.assertEqual(status.ref, "feature/x")
        return {status.name: (status.status, status.description, status.target_url) for status in found}
