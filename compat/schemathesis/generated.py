"""Valid and invalid requests that schemathesis generates from each document: the server never fails, and every
response is documented.
"""

import os
import re
import subprocess
import sys
import tempfile
import unittest

import context
import openapi

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance"
)
# Requests of each operation in the fuzzing phase, in addition to its examples and the limits of its schema.
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", 8))
if os.environ.get("STORE") == "postgres":
    # Parsing is the same on both stores. What only a database refuses are limits.
    EXAMPLES = max(EXAMPLES // 6, 1)
SECONDS = 240 + 20 * EXAMPLES
HERE = os.path.dirname(os.path.abspath(__file__))


class Generated(unittest.TestCase):
    """In this order: requests that write come last."""

    def test_1_operations(self):
        self.run_on("operations")

    def test_2_iam(self):
        self.run_on("iam")

    def test_3_codearts(self):
        self.run_on("codearts")

    def test_4_gitlab(self):
        self.run_on("gitlab")

    def test_5_github(self):
        self.run_on("github")

    def test_6_gitea(self):
        self.run_on("gitea")

    def test_7_bitbucket(self):
        self.run_on("bitbucket")

    def test_8_native_reads(self):
        self.run_on("native", "--include-method=GET")

    def test_9_native_writes(self):
        self.run_on("native", "--exclude-method=GET")

    def run_on(self, name, *chosen):
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", os.path.join(HERE, "schemathesis.toml")]
        command += ["run", openapi.address(name), f"--checks={CHECKS}", "--phases=examples,coverage,fuzzing"]
        command += [f"--max-examples={EXAMPLES}", "--continue-on-failure", *chosen]
        for header, value in openapi.credential(name).items():
            command += ["--header", f"{header}: {value}"]
        settings = os.environ | {"SCHEMATHESIS_HOOKS": os.path.join(HERE, "hooks.py"), "NO_PROXY": "127.0.0.1"}
        # It stores its data about the run in this folder.
        with tempfile.TemporaryDirectory(prefix="stagepost-schemathesis-") as folder:
            done = subprocess.run(
                command,
                env=settings,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=SECONDS,
            )
        printed = done.stdout + done.stderr
        self.assertEqual(done.returncode, 0, f"\n{printed[-20000:]}")
        cases = re.search(r"(\d+) generated", printed)
        print(f"({cases[1] if cases else '?'} requests)", end=" ", flush=True)
        self.assertIsNone(self.dead(), printed[-2000:])

    @staticmethod
    def dead():
        status, _, _ = openapi.request("get", f"{context.server.urls['http']}/readyz", {})
        return None if status == 200 else status
