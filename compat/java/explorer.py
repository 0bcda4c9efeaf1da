"""The explorer's samples for Java, compiled and run unchanged, with the class path of the module's programs."""

import os
import re
import unittest

import commands
import context
import merge_requests
import programs
from explorer_calls import HTTP_CALLS, SDK_CALLS, created, printed

CLASS = re.compile(r"^public class (\w+)", re.MULTILINE)
SECONDS = 300


class Printed:
    """The tests; once for each module. Without a module the samples use no SDK."""

    module = None
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        if cls.module:
            programs.require(cls.module)
        merge_requests.prepare(context.server)

    def class_path(self):
        target = programs.build(self.module)[0] if self.module else context.folder
        return os.path.join(target, "lib", "*")

    def run_printed(self, operation, values):
        text = printed(operation, "java", self.module or "codehub", **values)
        folder = os.path.join(context.folder, "printed", self.module or "plain", operation)
        os.makedirs(folder, exist_ok=True)
        name = CLASS.search(text)[1]
        file = os.path.join(folder, f"{name}.java")
        with open(file, "w", encoding="utf-8") as source:
            source.write(text)
        quick = [f"-J{option}" for option in programs.QUICK]
        command = ["javac", *quick, "-encoding", "UTF-8", "-cp", self.class_path(), "-d", folder, file]
        compiled = commands.build(command, folder, SECONDS)
        self.assertEqual((compiled.returncode, compiled.stderr), (0, ""), text)
        settings = context.server.printed_environment("java") | {"LC_ALL": "C.UTF-8", "TOKEN": context.server.token}
        package = "com.huaweicloud.sdk.test." if self.module else ""
        path = os.pathsep.join((folder, self.class_path()))
        command = ["java", *programs.QUICK, f"-Duser.home={commands.home()}", "-cp", path, package + name]
        return commands.run(command, settings)

    def test_every_call(self):
        calls = (
            [*SDK_CALLS, ("CreateRepository", created(f"java-{self.module}"), "repositoryUuid")]
            if self.module
            else HTTP_CALLS
        )
        for operation, values, expected in calls:
            with self.subTest(operation):
                done = self.run_printed(operation, values)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn(expected, done.stdout)


class CodeHub(Printed, unittest.TestCase):
    module = "codehub"


class CodeArtsRepo(Printed, unittest.TestCase):
    module = "codeartsrepo"


class Plain(Printed, unittest.TestCase):
    pass
