"""The explorer's samples for Go, compiled and run as they are printed, each in a folder of its own beside the module's programs."""

import os
import shutil
import unittest

import commands
import merge_requests
import programs
import stand
from explorer_calls import HTTP_CALLS, SDK_CALLS, created, printed


class Printed:
    """The tests; once for each module."""

    module = None
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        merge_requests.prepare(stand.server)
        cls.calls = [*SDK_CALLS, ("CreateRepository", created(f"go-{cls.module}"), "repository_uuid")]
        if cls.module == "codehub":
            cls.calls += HTTP_CALLS
        cls.folder = os.path.join(stand.folder, f"{cls.module}-printed")
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
        settings = stand.server.printed_environment("go") | {"HOME": commands.home(), "TOKEN": stand.server.token}
        for number, (operation, _, word) in enumerate(self.calls):
            with self.subTest(operation):
                done = commands.run([os.path.join(self.folder, "bin", f"call{number}")], settings)
                self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
                self.assertIn(word, done.stdout)


class CodeHub(Printed, unittest.TestCase):
    module = "codehub"


class CodeArtsRepo(Printed, unittest.TestCase):
    module = "codeartsrepo"
