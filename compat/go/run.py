"""Runs the suite against a binary: `python3 run.py path/to/stagepost`. The last line has the count."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "support"))

import programs
import suite

if __name__ == "__main__":
    suite.run(
        ["samples", "calls", "around", "limits", "explorer", "gitea", "forwarded_statuses", "argo"],
        prepare=programs.prepare,
    )
