"""Checks of an SDK at a server that limits the rate of each credential: it says so, or tries again until it may."""

import json

from limited_server import LimitedServer

CALLS = 8
# The delays grow, so that all of them are longer than the limit makes a client wait.
RETRIES = 12


class LimitedCalls(LimitedServer):
    """The tests. A suite implements `call`, which runs a program that makes calls and tries each of them again."""

    # Some requests are free at once, and then one in a second.
    options = ["--limit-requests", "1/s:4"]

    def results(self, retries):
        done = self.call(str(CALLS), str(retries))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_a_call_beyond_the_limit(self):
        refused = [result for result in self.results(0) if "status" in result]
        self.assertTrue(refused)
        for result in refused:
            self.assertEqual((result["status"], result["code"]), (429, "APIGW.0308"))
            self.assertTrue(result["message"])

    def test_calls_that_are_tried_again(self):
        self.assertEqual(self.results(RETRIES), [{"jobs": 1}] * CALLS)
