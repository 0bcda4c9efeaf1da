"""The explorer's samples for Node.js with the SDK's core, run as they are printed, beside the packages."""

import os
import unittest

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
