"""The settings that `stagepost connect buildbot` prints are configurations that Buildbot accepts."""

import os
import subprocess
import tempfile
import unittest

import context
import native
from buildbot_master import script
from server import clean_environment

PATH = "acme/settings"
COMMAND_SECONDS = 120
# The rest of a configuration.
MASTER = """
from buildbot.plugins import schedulers, util, worker

c = BuildmasterConfig = {
    "buildbotNetUsageData": None,
    "protocols": {"null": {}},
    "workers": [worker.LocalWorker("worker")],
    "builders": [util.BuilderConfig(name="build", workernames=["worker"], factory=util.BuildFactory())],
    "schedulers": [schedulers.AnyBranchScheduler(name="all", builderNames=["build"])],
    "services": [],
}
"""


class Settings(unittest.TestCase):
    def test_every_snippet_is_a_valid_configuration(self):
        native.repository(PATH)
        settings = context.server.cli("connect", "buildbot", "--repo", PATH, "--create-token")
        self.assertEqual(len(settings["snippets"]), 4)
        for snippet in settings["snippets"]:
            with self.subTest(snippet["caption"]):
                self.assertIn(context.server.urls["http"], snippet["text"])
                code, output = self.check(MASTER + snippet["text"])
                self.assertEqual(code, 0, output)

    def test_a_wrong_setting_is_found(self):
        code, output = self.check(
            MASTER + 'from buildbot.plugins import reporters\nreporters.GitLabStatusPush(url="x")\n'
        )
        self.assertNotEqual(code, 0, output)

    def check(self, text):
        with tempfile.TemporaryDirectory(prefix="stagepost-checkconfig-") as folder:
            path = os.path.join(folder, "master.cfg")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            done = subprocess.run(
                [script("buildbot"), "checkconfig", path],
                env=clean_environment(HOME=folder),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=COMMAND_SECONDS,
            )
        return done.returncode, done.stdout
