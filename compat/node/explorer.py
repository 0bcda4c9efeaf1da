"""The explorer's samples for Node.js with the SDK's core, run as they are printed, beside the packages; those with its package codehub, which
cannot be relied on to be in npm, are only parsed."""

import os
import unittest

import commands
import merge_requests
import programs
import stand
from explorer_calls import SDK_CALLS, created, printed


class Printed(unittest.TestCase):
    maxDiff = None

    def test_every_call(self):
        merge_requests.prepare(stand.server)
        for operation, values, word in [*SDK_CALLS, ("CreateRepository", created("node-printed"), "repository_uuid")]:
            with self.subTest(operation):
                text = printed(operation, "node", "codeartsrepo", **values)
                with open(os.path.join(programs.install(), "printed.js"), "w", encoding="utf-8") as file:
                    file.write(text)
                done = programs.run("printed.js")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn(word, done.stdout)

    def test_every_call_with_codehub_parses(self):
        for operation, values, _ in [*SDK_CALLS, ("CreateRepository", created("node-parsed"), "")]:
            with self.subTest(operation):
                text = printed(operation, "node", "codehub", **values)
                self.assertIn("huaweicloud-sdk-codehub/v", text)
                file = os.path.join(commands.home(), "parsed.js")
                with open(file, "w", encoding="utf-8") as sample:
                    sample.write(text)
                done = commands.run(["node", "--check", file], {"PATH": os.environ["PATH"]})
                self.assertEqual(done.returncode, 0, done.stderr)
