"""Runs the suite against a binary: `python run.py path/to/stagepost`. The last line has the count."""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "support"))

import suite

if __name__ == "__main__":
    # The clients that read the settings of a proxy do not use it for the server.
    os.environ["NO_PROXY"] = "127.0.0.1"
    gitlab = ["python_gitlab", "python_gitlab_lists", "python_gitlab_refs", "python_gitlab_errors"]
    buildbot = ["buildbot_flows", "buildbot_hosts", "buildbot_races", "buildbot_settings"]
    suite.run([*buildbot, "connect_settings", *gitlab, "pygithub", "pygithub_checks", "forwarded_statuses", "limits"])
