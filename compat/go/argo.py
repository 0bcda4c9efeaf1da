"""Notifications of Argo CD by its own engine, with the settings that `stagepost connect argo` prints."""

import json
import os
import secrets
import subprocess
import unittest

import commands
import context
import native_api
import programs

PATH = "acme/deployed"
SUBSCRIPTION = "notifications.argoproj.io/subscribe.stagepost.stagepost"


class Argo(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.id = context.server.cli("repo", "add", PATH, "--default-branch", "main")["id"]
        limits = ("--scope", "report", "--repo", PATH, "--expires", "1d")
        cls.token = context.server.cli("token", "create", "argo", *limits)["token"]
        snippets = context.server.cli("connect", "argo", "--repo", PATH)["snippets"]
        (cls.config_map,) = [snippet["text"] for snippet in snippets if "kind: ConfigMap" in snippet["text"]]

    def setUp(self):
        self.sha = secrets.token_hex(20)

    def application(self, phase, deployment, revision="feature/a+b", **metadata):
        """An application after, or in, the deployment with this number."""
        times = {"startedAt": f"2026-11-24T10:{deployment:02}:00Z", "finishedAt": f"2026-11-24T10:{deployment:02}:30Z"}
        state = {"phase": phase, "syncResult": {"revision": self.sha}} | times
        if phase == "Running":
            del state["finishedAt"]
        metadata = {"name": "shop", "annotations": {SUBSCRIPTION: ""}} | metadata
        source = {"repoURL": "https://git.example/acme/deployed", "targetRevision": revision}
        return {"metadata": metadata, "spec": {"source": source}, "status": {"operationState": state}}

    def notify(self, *applications, token=None):
        """Notifies of applications, one after another; returns what the engine says of each."""
        done = subprocess.run(
            [os.path.join(programs.build("argo"), "deployments")],
            env={"TOKEN": token or self.token, "APPLICATIONS": json.dumps(applications), "HOME": commands.home()},
            input=self.config_map,
            capture_output=True,
            text=True,
            timeout=commands.RUN_SECONDS,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def pipelines(self):
        found = native_api.get(context.server, f"/native/v1/repositories/{self.id}/pipelines?sha={self.sha}")
        return found["pipelines"]

    def jobs(self):
        (pipeline,) = self.pipelines()
        found = native_api.get(context.server, f"/native/v1/repositories/{self.id}/pipelines/{pipeline['id']}/jobs")
        return pipeline["ref"], [(job["stage"], job["name"], job["status"]) for job in found["jobs"]]

    def test_failed_deployment_and_the_success_of_a_retry(self):
        failed, succeeded = self.application("Failed", 1), self.application("Succeeded", 2)
        # Argo CD repeats a notification after a restart that lost its annotation.
        said = self.notify(failed, failed, succeeded, succeeded)
        self.assertEqual([one["sent"] for one in said], [1, 1, 1, 1], said)
        self.assertNotEqual(said[0]["once_per"], said[2]["once_per"])
        attempts = [("checks", "deploy shop", "failed"), ("checks", "deploy shop", "success")]
        self.assertEqual(self.jobs(), ("feature/a+b", attempts))

    def test_deployment_of_the_head_is_of_the_default_branch(self):
        for revision in ("HEAD", ""):
            self.notify(self.application("Error", 1, revision))
        self.assertEqual(self.jobs(), ("main", [("checks", "deploy shop", "failed")]))

    def test_nothing_is_sent_while_it_runs_or_without_a_subscription(self):
        said = self.notify(self.application("Running", 1), self.application("Succeeded", 1, annotations={}))
        self.assertEqual(said, [{"sent": 0}, {"sent": 0}])
        self.assertEqual(self.pipelines(), [])

    def test_refusals_reach_the_log_of_argo(self):
        (said,) = self.notify(self.application("Succeeded", 1), token="wrong")
        self.assertIn("401", said["error"])
        self.assertIn("Bad credentials", said["error"])
        self.sha = "main"
        (said,) = self.notify(self.application("Succeeded", 1))
        self.assertIn("422", said["error"])
        self.assertIn("head_sha", said["error"])
