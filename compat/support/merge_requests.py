"""Merge requests in each state that ShowActualHeadPipeline distinguishes."""

from example import REPOSITORY
from native_api import request

# Registered by a request, known from a report, and registered without a pipeline of its head.
REGISTERED, REPORTED, WAITING = 7, 8, 9
HEADS = {REGISTERED: "7" * 40, REPORTED: "8" * 40, WAITING: "9" * 40}
REFS = {REGISTERED: "feature", REPORTED: "refs/merge-requests/8/head"}
# Null unless a report has them.
REPORTED_FIELDS = {
    "web_url": "https://example.com/builds/8",
    "trigger_user": "a.user",
    "started_at": "2026-01-31T11:04:05.000+08:00",
    "finished_at": "2026-01-31T11:05:06.000+08:00",
}


def prepare(server):
    """May be called again: the suites share a server."""
    for iid, name in ((REGISTERED, "feature"), (WAITING, "other")):
        branches = {"source_branch": name, "target_branch": "main", "head_sha": HEADS[iid]}
        request(server, "PUT", f"repositories/{REPOSITORY}/merge-requests/{iid}", branches)
    for iid, status, more in ((REGISTERED, "running", {}), (REPORTED, "success", REPORTED_FIELDS)):
        report = {"sha": HEADS[iid], "ref": REFS[iid], "name": "build", "status": status, "third_build_id": str(iid)}
        request(server, "POST", f"repositories/{REPOSITORY}/reports", report | more)
