"""Statuses that a second server forwarded, as the official Go SDK of Gitea reads them at the forge; the program
`forwarded` makes the calls.
"""

import json
import unittest

import context
import programs
from forwarded import ForwardedStatuses


class ToGitea(ForwardedStatuses, unittest.TestCase):
    kind = "gitea"
    words = ("success", "failure", "failure", "error", "skipped", "pending", "pending")

    def read(self, sha):
        owner, repo = self.path.split("/")
        settings = {"URL": context.server.urls["http"], "TOKEN": self.token, "OWNER": owner, "REPO": repo}
        done = programs.run("gitea", "forwarded", sha, **settings)
        self.assertEqual(done.returncode, 0, done.stderr)
        found = json.loads(done.stdout)
        return {
            context: (status["state"], status["description"], status["target_url"] or None)
            for context, status in found.items()
        }
