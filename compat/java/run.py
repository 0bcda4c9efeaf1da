"""Runs the suite against a binary, with those of the SDK's packages that the registry serves: `python3 run.py path/to/stagepost`.
The last line is the count."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "support"))

import programs
import suite

if __name__ == "__main__":
    suite.run(["samples", "walk", "explorer"], programs.served, programs.prepare)
