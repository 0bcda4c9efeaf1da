"""The official Go SDK of Gitea; the program `statuses` makes the calls."""

import unittest

import programs
from code_hosts import CommitStatuses


class Gitea(CommitStatuses, unittest.TestCase):
    name = "gitea-sdk"
    messages = {
        "wrong token": "invalid username, password or token",
        "unknown repository": "The target couldn't be found.",
        "unknown state": "[state]: must be one of pending, success, error, failure, warning, skipped",
    }

    @staticmethod
    def run_program(**settings):
        return programs.run("gitea", "statuses", **settings)
