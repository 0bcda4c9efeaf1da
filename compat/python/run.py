"""Runs the suite against a binary: `python run.py path/to/stagepost`. The last line has the count."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "support"))

import suite

if __name__ == "__main__":
    suite.run(["samples", "calls", "more_calls", "around_calls", "classification", "signatures", "explorer", "limits"])
