"""The explorer's samples for Java, compiled and run unchanged, with the class path of the module's programs."""

import collections
import os
import re
import shutil
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

    def compile_printed(self, calls):
        """Compiles the samples; returns the name and the folder of each class. Most of the time of the compiler is its
        start, so it compiles many files at once. A folder cannot contain two classes of one name: further samples of an
        operation are in further folders.
        """
        folder = os.path.join(context.folder, "printed", self.module or "plain")
        shutil.rmtree(folder, ignore_errors=True)
        samples, files = [], collections.defaultdict(list)
        for operation, values, _ in calls:
            text = printed(operation, "java", self.module or "codehub", **values)
            name = CLASS.search(text)[1]
            number = sum(name == other for other, _ in samples)
            own = os.path.join(folder, str(number))
            os.makedirs(own, exist_ok=True)
            file = os.path.join(own, f"{name}.java")
            with open(file, "w", encoding="utf-8") as source:
                source.write(text)
            samples.append((name, own))
            files[own].append(file)
        quick = [f"-J{option}" for option in programs.QUICK]
        for own, sources in files.items():
            command = ["javac", *quick, "-encoding", "UTF-8", "-cp", self.class_path(), "-d", own, *sources]
            compiled = commands.build(command, own, SECONDS)
            self.assertEqual((compiled.returncode, compiled.stderr), (0, ""))
        return samples

    def run_compiled(self, name, folder):
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
        samples = self.compile_printed(calls)
        for (operation, _, expected), (name, folder) in zip(calls, samples, strict=True):
            with self.subTest(operation):
                done = self.run_compiled(name, folder)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn(expected, done.stdout)


class CodeHub(Printed, unittest.TestCase):
    module = "codehub"


class CodeArtsRepo(Printed, unittest.TestCase):
    module = "codeartsrepo"


class Plain(Printed, unittest.TestCase):
    pass
