"""The explorer's samples for PHP: all of them parse, and those of the calls that the other languages make are run as they are printed."""

import os
import unittest

import commands
import merge_requests
import stand
from explorer_calls import HTTP_CALLS, SDK_CALLS, created, printed, printed_all


class Printed(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        merge_requests.prepare(stand.server)
        cls.folder = os.path.join(stand.server.dir, "php")
        cls.settings = {"PATH": os.environ["PATH"], "HOME": commands.home(), "TOKEN": stand.server.token}

    def test_every_sample_parses(self):
        files = printed_all("php", "codehub", self.folder, "php")
        self.assertGreater(len(files), 40)
        for file in files:
            with self.subTest(os.path.basename(file)):
                done = commands.run(["php", "-l", file], self.settings)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_call(self):
        for operation, values, word in [
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
                status, answer = done.stdout.split("\n", 1)
                self.assertTrue(status in ("200", "201") and word in answer, f"{text}\n{done.stdout}")
