"""The explorer's samples for PHP: all are parsed, and those of the calls that the other suites make are run
unchanged.
"""

import os
import unittest

import commands
import context
import merge_requests
from explorer_calls import HTTP_CALLS, SDK_CALLS, created, printed, printed_all


class Printed(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        merge_requests.prepare(context.server)
        cls.folder = os.path.join(context.server.dir, "php")
        cls.settings = {"PATH": os.environ["PATH"], "HOME": commands.home(), "TOKEN": context.server.token}

    def test_every_sample_parses(self):
        files = printed_all("php", "codehub", self.folder, "php")
        self.assertGreater(len(files), 40)
        for file in files:
            with self.subTest(os.path.basename(file)):
                done = commands.run(["php", "-l", file], self.settings)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_call(self):
        for operation, values, expected in [
            *SDK_CALLS,
            *HTTP_CALLS,
            ("CreateRepository", created("php-printed"), "repository_uuid"),
        ]:
            with self.subTest(operation):
                text = printed(operation, "php", **values)
                file = os.path.join(commands.home(), "printed.php")
                with open(file, "w", encoding="utf-8") as sample:
                    sample.write(text)
                done = commands.run(["php", file], self.settings)
                self.assertEqual((done.returncode, done.stderr), (0, ""), f"{text}\n{done.stdout}")
                status, response = done.stdout.split("\n", 1)
                self.assertTrue(status in ("200", "201") and expected in response, f"{text}\n{done.stdout}")
