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

    @staticmethod
    def run_program(**settings):
        return programs.run("octokit.mjs", **settings)
