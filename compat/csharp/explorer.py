"""The explorer's samples for C#: all are parsed, and those without an SDK are compiled and run unchanged. No
package manager in Debian has the SDK; its class names were checked once against its source (csharp.js names the
version).
"""

import os
import unittest

import commands
import context
from explorer_calls import HTTP_CALLS, printed, printed_all

DRIVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Driver.cs")
BUILD_SECONDS = 60


class Printed(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = os.path.join(context.server.dir, "csharp")

    def compile(self, *args):
        done = commands.build(["mcs", "-warnaserror", *args], self.folder, BUILD_SECONDS)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_sample_parses(self):
        for package, client in (("codehub", "CodeHub"), ("codeartsrepo", "CodeArtsRepo")):
            with self.subTest(package):
                files = printed_all("csharp", package, os.path.join(self.folder, package), "cs")
                self.assertGreater(len(files), 40)
                with open(os.path.join(self.folder, package, "ListPipelineJobs.cs"), encoding="utf-8") as sample:
                    self.assertIn(f"using HuaweiCloud.SDK.{client}.V4;", sample.read())
                self.compile("--parse", *files)

    def test_every_call_without_an_sdk(self):
        os.makedirs(self.folder, exist_ok=True)
        settings = {
            "PATH": os.environ["PATH"],
            "HOME": commands.home(),
            "LC_ALL": "C.UTF-8",
            "TOKEN": context.server.token,
        }
        driver, program = (os.path.join(self.folder, f"{name}.exe") for name in ("driver", "printed"))
        self.compile(f"-out:{driver}", DRIVER)
        for operation, values, expected in HTTP_CALLS:
            with self.subTest(operation):
                text = printed(operation, "csharp", **values)
                with open(os.path.join(self.folder, "printed.cs"), "w", encoding="utf-8") as sample:
                    sample.write(text)
                self.compile("-r:System.Net.Http.dll", f"-out:{program}", "printed.cs")
                done = commands.run(["mono", driver, program], settings)
                self.assertEqual((done.returncode, done.stderr), (0, ""), f"{text}\n{done.stdout}")
                self.assertIn(expected, done.stdout)
