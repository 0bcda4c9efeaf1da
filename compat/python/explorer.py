"""The explorer's samples for Python and for a shell, run unchanged."""

import os
import sys
import tempfile
import unittest

import commands
import context
import merge_requests
from explorer_calls import HTTP_CALLS, SDK_CALLS, UNSIGNED, created, printed
from sdk_process import SdkProcess

PACKAGES = ("codehub", "codeartsrepo")


class Printed(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        merge_requests.prepare(context.server)

    def run_text(self, text, command, ending, **settings):
        """Runs a text as a program; `command` is one, or a process that has imported an SDK."""
        settings = {
            "PATH": os.environ["PATH"],
            "HOME": commands.home(),
            "PYTHONIOENCODING": "utf-8",
            "LC_ALL": "C.UTF-8",
        } | settings
        with tempfile.NamedTemporaryFile("w", suffix=ending, encoding="utf-8") as file:
            file.write(text)
            file.flush()
            if isinstance(command, SdkProcess):
                code, output, errors = command.run(file.name, commands.home(), settings)
            else:
                done = commands.run([*command, file.name], settings)
                code, output, errors = done.returncode, done.stdout, done.stderr
        self.assertEqual((code, errors), (0, ""), f"{text}\n{output}")
        return output

    def test_with_the_sdk(self):
        for package in PACKAGES:
            process = SdkProcess(f"huaweicloudsdk{package}.v4")
            self.addCleanup(process.close)
            calls = [*SDK_CALLS, ("CreateRepository", created(f"py-{package}"), "repository_uuid")]
            for number, (operation, values, expected) in enumerate(calls):
                with self.subTest(operation, package=package):
                    text = printed(operation, "python", package, **values)
                    self.assertIn(f"huaweicloudsdk{package}", text)
                    # The first one imports the SDK itself.
                    command = process if number else [sys.executable]
                    result = self.run_text(text, command, ".py", **context.server.sdk_environment("https"))
                    self.assertIn(expected, result)

    def test_without_an_sdk(self):
        for language, command, ending in (
            ("python", [sys.executable], ".py"),
            ("node", ["node"], ".cjs"),
            ("curl", ["bash"], ".sh"),
        ):
            for operation, values, expected in HTTP_CALLS:
                with self.subTest(operation, language=language):
                    result = (
                        self.run_text(
                            printed(operation, language, **values), [*command], ending, TOKEN=context.server.token
                        )
                        if language != "curl"
                        else self.curl(operation, values)
                    )
                    self.assertIn(expected, result.replace('" : ', '":').replace('": ', '":'))

    def curl(self, operation, values):
        text = printed(operation, "curl", **values)
        return self.run_text(text.replace("curl", "curl -sS", 1), ["bash"], ".sh", TOKEN=context.server.token)

    def test_signed_with_openssl(self):
        keys = {"CLOUD_SDK_AK": context.server.ak, "CLOUD_SDK_SK": context.server.sk}
        signed = [call for call in [*SDK_CALLS, *HTTP_CALLS] if call[0] not in UNSIGNED]
        for operation, values, expected in [
            *signed,
            ("CreateRepository", created("signed-by-openssl"), "repository_uuid"),
        ]:
            with self.subTest(operation):
                text = printed(operation, "curl_signed", **values)
                result = self.run_text(text.replace("\ncurl ", "\ncurl -sS "), ["bash"], ".sh", **keys)
                self.assertIn(expected, result)

    def test_the_command_line(self):
        # The last two have no command of their own.
        calls = [SDK_CALLS[0], SDK_CALLS[1], HTTP_CALLS[1]]
        for operation, values, expected in calls + [
            ("native.Pipelines", {"repository_id": 2111976239, "limit": 5}, '"id"')
        ]:
            with self.subTest(operation):
                text = printed(operation, "cli", **values)
                self.assertIn("\nstagepost ", text)
                path = os.path.dirname(context.server.binary) + os.pathsep + os.environ["PATH"]
                result = self.run_text(
                    text, ["bash"], ".sh", PATH=path, STAGEPOST_TOKEN=context.server.token, STAGEPOST_LANG="en"
                )
                self.assertIn(expected, result)
