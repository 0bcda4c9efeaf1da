"""The Jenkinsfiles that `stagepost connect` prints, run by Groovy. Their commands report; the steps of plugins, which
cannot be installed here, are checked by their arguments.
"""

import json
import os
import subprocess
import tempfile
import unittest

import commands
import context
import native_api
import programs

PATH = "acme/jenkins"
MODULE = "jenkinsfile"
BRANCH = "topic/a+b"
TAG = "v1"
FAILS, PASSES = {"PASSES": "no"}, {"PASSES": "yes"}


class Jenkinsfiles(unittest.TestCase):
    module = MODULE

    @classmethod
    def setUpClass(cls):
        programs.require(MODULE)
        cls.repository_id = context.server.cli("repo", "add", PATH, "--default-branch", "main")["id"]
        limits = ("--scope", "report", "--repo", PATH, "--expires", "1d")
        cls.token = context.server.cli("token", "create", "jenkins", *limits)["token"]

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="stagepost-jenkins-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        with open(os.path.join(self.folder, "build.sh"), "w", encoding="utf-8") as script:
            script.write('#!/bin/sh\ntest "$PASSES" = yes\n')
        os.chmod(script.name, 0o755)
        self.git("init", "--quiet")
        # The name makes it another commit than that of the other tests.
        author = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        self.git(*author, "commit", "--quiet", "--allow-empty", "--message", f"{self.id()} {self.token}")
        self.sha = self.git("rev-parse", "HEAD").strip()

    def git(self, *args):
        done = subprocess.run(
            ["git", *args], cwd=self.folder, env=os.environ | {"HOME": self.folder}, capture_output=True, text=True
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def build(self, name, *builds):
        """Runs the Jenkinsfile of a plugin for builds with these variables; returns the steps of plugins, in order."""
        snippets = context.server.cli("connect", name, "--repo", PATH)["snippets"]
        (text,) = [snippet["text"] for snippet in snippets if snippet["syntax"] == "groovy"]
        settings = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": commands.home(), "NO_PROXY": "127.0.0.1"}
        command = ["java", *programs.QUICK, "-cp", programs.class_path(MODULE), "stagepost.compat.Jenkinsfile"]
        done = subprocess.run(
            [*command, *map(json.dumps, builds)],
            env=settings | {"CREDENTIAL_stagepost": self.token},
            cwd=self.folder,
            input=text,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=commands.RUN_SECONDS,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        passed = [line["passed"] for line in lines if "passed" in line]
        self.assertEqual(passed, [build["PASSES"] == "yes" for build in builds], done.stderr)
        return [line for line in lines if "step" in line]

    def pipelines(self):
        """The statuses of the attempts, by the ref of the pipeline."""
        of_repository = f"/native/v1/repositories/{self.repository_id}/pipelines"
        found = native_api.get(context.server, f"{of_repository}?sha={self.sha}")["pipelines"]
        jobs = {
            one["ref"]: native_api.get(context.server, f"{of_repository}/{one['id']}/jobs")["jobs"] for one in found
        }
        return {ref: [(job["name"], job["status"]) for job in all] for ref, all in jobs.items()}

    def test_gitea(self):
        branch, tag = {"BRANCH_NAME": "PR-7", "CHANGE_BRANCH": BRANCH}, {"TAG_NAME": TAG, "BRANCH_NAME": TAG}
        builds = []
        for kind, variables in enumerate((branch, tag)):
            for number, build in enumerate((FAILS, PASSES)):
                builds.append(variables | build | {"BUILD_URL": f"http://ci.example/{kind}/{number}"})
        self.assertEqual(self.build("jenkins-gitea", *builds), [])
        attempts = [("build", "failed"), ("build", "success")]
        self.assertEqual(self.pipelines(), {BRANCH: attempts, f"refs/tags/{TAG}": attempts})

    def test_github(self):
        tag = {"BUILD_TAG": "jenkins-demo-7"}
        steps = self.build("jenkins-github", FAILS | tag, PASSES | tag)
        states = []
        for step in steps:
            (given,) = step["arguments"]
            self.assertEqual(given["reposSource"]["url"], f"{context.server.urls['http']}/{PATH}")
            self.assertEqual(given["commitShaSource"]["sha"], self.sha)
            (result,) = given["statusResultSource"]["results"]
            states.append((result["state"], result["message"]))
        wanted = ("PENDING", "FAILURE", "PENDING", "SUCCESS")
        self.assertEqual(states, [(state, "jenkins-demo-7") for state in wanted])

    def test_bitbucket(self):
        steps = self.build("jenkins-bitbucket", FAILS, PASSES)
        found = [(step["step"], step["arguments"][0]["buildStatus"]) for step in steps]
        states = ("INPROGRESS", "FAILED", "INPROGRESS", "SUCCESSFUL")
        self.assertEqual(found, [("notifyBitbucket", state) for state in states])
        for step in steps:
            given = step["arguments"][0]
            address = (given["stashServerBaseUrl"], given["commitSha1"])
            self.assertEqual(address, (context.server.urls["http"], self.sha))

    def test_gitlab(self):
        connection, status, *again = self.build("jenkins-gitlab", PASSES, FAILS)
        self.assertEqual(connection, {"step": "gitLabConnection", "arguments": ["stagepost"]})
        (given,) = status["arguments"]
        self.assertEqual(given["builds"], [{"projectId": PATH, "revisionHash": self.sha}])
        self.assertEqual(again, [connection, status])
