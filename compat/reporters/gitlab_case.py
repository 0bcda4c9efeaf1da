"""The base of the tests with python-gitlab: a connection, a repository, and a check of errors."""

import re
import unittest
import warnings

import context
import gitlab
import native
import requests
from gitlab import exceptions

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def connect(scheme="http", **credential):
    """Connects as a user does; as the administrator unless a credential is given."""
    session = requests.Session()
    # Without the settings of this machine.
    session.trust_env = False
    return gitlab.Gitlab(
        context.server.urls[scheme],
        session=session,
        ssl_verify=context.server.certificate if scheme == "https" else True,
        timeout=60,
        **(credential or {"private_token": context.server.token}),
    )


class GitLabCase(unittest.TestCase):
    """Tests in the repository `path`."""

    maxDiff = None
    path = "acme/demo"

    @classmethod
    def setUpClass(cls):
        cls.recorded = native.Native(cls.path)
        cls.gl = connect()
        cls.project = cls.gl.projects.get(cls.path)

    def setUp(self):
        # python-gitlab warns of a response that points to another host, and of an incomplete list.
        caught = warnings.catch_warnings()
        caught.__enter__()
        self.addCleanup(caught.__exit__, None, None, None)
        warnings.simplefilter("error", UserWarning)
        self.sha = native.revision()
        self.commit = self.project.commits.get(self.sha, lazy=True)

    def report(self, state, name="build", **more):
        return self.commit.statuses.create({"state": state, "name": name, "ref": "main"} | more)

    def names(self, found):
        return [each.name for each in found]

    def ids(self, found):
        return [each.id for each in found]

    def assert_each_once(self, ids, wanted):
        self.assertEqual((len(ids), set(ids)), (len(wanted), set(wanted)))

    def refused(self, status, message, call, kind=exceptions.GitlabError):
        """Checks an error; `message` None accepts any."""
        with self.assertRaises(kind) as caught:
            call()
        error = caught.exception
        wanted = (status, error.error_message if message is None else message)
        self.assertEqual((error.response_code, error.error_message), wanted)
