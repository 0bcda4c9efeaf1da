"""The explorer's samples for Go, compiled and run unchanged, each in a folder of its own with the files of the
module.
"""

import os
import shutil
import unittest

import commands
import context
import merge_requests
import programs
from explorer_calls import HTTP_CALLS, SDK_CALLS, created, printed


class Printed:
    """The tests; once for each module."""

    module = None
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        merge_requests.prepare(context.server)
        cls.calls = [*SDK_CALLS, ("CreateRepository", created(f"go-{cls.module}"), "repository_uuid")]
        if cls.module == "codehub":
            cls.calls += HTTP_CALLS
        cls.folder = os.path.join(context.folder, f"{cls.module}-printed")
        shutil.rmtree(cls.folder, ignore_errors=True)
        os.makedirs(cls.folder)
        for name in ("go.mod", "go.sum"):
            shutil.copy(os.path.join(programs.HERE, cls.module, name), cls.folder)
        for number, (operation, values, _) in enumerate(cls.calls):
            os.makedirs(os.path.join(cls.folder, f"call{number}"))
            with open(os.path.join(cls.folder, f"call{number}", "main.go"), "w", encoding="utf-8") as file:
                file.write(printed(operation, "go", cls.module, **values))
        environment = os.environ | {"GOFLAGS": "-mod=readonly -buildvcs=false", "GOWORK": "off"}
        command = ["go", "build", "-o", os.path.join(cls.folder, "bin") + os.sep, "./..."]
        done = commands.build(command, cls.folder, programs.BUILD_SECONDS, environment)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)

    def test_every_call(self):
        settings = context.server.printed_environment("go") | {"HOME": commands.home(), "TOKEN": context.server.token}
        for number, (operation, _, expected) in enumerate(self.calls):
            with self.subTest(operation):
                done = commands.run([os.path.join(self.folder, "bin", f"call{number}")], settings)
                self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
                self.assertIn(expected, done.stdout)


class CodeHub(Printed, unittest.TestCase):
    module = "codehub"


class CodeArtsRepo(Printed, unittest.TestCase):
    module = "codeartsrepo"
