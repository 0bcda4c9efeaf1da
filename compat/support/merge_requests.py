"""Merge requests in each state that ShowActualHeadPipeline tells apart."""

from example import REPOSITORY
from preparing import ask

# Said by a request, known by a report, and one whose head has no pipeline.
SAID, REPORTED, WAITING = 7, 8, 9
HEADS = {SAID: "7" * 40, REPORTED: "8" * 40, WAITING: "9" * 40}
REFS = {SAID: "feature", REPORTED: "refs/merge-requests/8/head"}
# Null where nobody said it.
TOLD = {
    "web_url": "https://example.com/builds/8",
    "trigger_user": "a.user",
    "started_at": "2026-01-31T11:04:05.000+08:00",
    "finished_at": "2026-01-31T11:05:06.000+08:00",
}


def prepare(server):
    """Said again, it is the same: the suites share a server."""
    for iid, name in ((SAID, "feature"), (WAITING, "other")):
        branches = {"source_branch": name, "target_branch": "main", "head_sha": HEADS[iid]}
        ask(server, "PUT", f"repositories/{REPOSITORY}/merge-requests/{iid}", branches)
    for iid, status, more in ((SAID, "running", {}), (REPORTED, "success", TOLD)):
        report = {"sha": HEADS[iid], "ref": REFS[iid], "name": "build", "status": status, "third_build_id": str(iid)}
        ask(server, "POST", f"repositories/{REPOSITORY}/reports", report | more)
