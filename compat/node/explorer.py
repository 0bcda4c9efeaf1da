"""The explorer's samples for Node.js with the SDK's core, run unchanged beside the packages; those with its package
codehub, which npm does not reliably have, are only parsed."""

import os
import unittest

import commands
import context
import merge_requests
import programs
from explorer_calls import SDK_CALLS, created, printed


class Printed(unittest.TestCase):
    maxDiff = None

    def test_every_call(self):
        merge_requests.prepare(context.server)
        for operation, values, expected in [
            *SDK_CALLS,
            ("CreateRepository", created("node-printed"), "repository_uuid"),
        ]:
            with self.subTest(operation):
                text = printed(operation, "node", "codeartsrepo", **values)
                with open(os.path.join(programs.install(), "printed.js"), "w", encoding="utf-8") as file:
                    file.write(text)
                done = programs.run("printed.js")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn(expected, done.stdout)

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
