"""Runs the suite against a binary, with the packages of the SDK that the registry has: `python3 run.py
path/to/stagepost`. The last lines have the count, and which tests are skipped for want of a package.
"""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "support"))

import programs
import suite

if __name__ == "__main__":
    suite.run(
        ["samples", "calls", "limits", "explorer", "github_api", "jenkinsfiles"], programs.served, programs.prepare
    )
