"""What belongs to the pipelines of a repository of its own: merge requests, commits, branches and tags."""

import native_api

ID = 2111970011
GROUP, NAME = "around", "pipelines"
A, B = "a" * 40, "b" * 40
# Its head succeeded, its head failed, and its head has no pipeline.
GREEN, RED, WAITING = 3, 4, 5


def prepare(server):
    """May be called again: the suites share a server."""
    known = native_api.get(server, f"/native/v1/repositories?search={GROUP}/{NAME}")["repositories"]
    if known:
        return
    native_api.request(server, "POST", "repositories", {"id": ID, "path": f"{GROUP}/{NAME}"})
    for iid, source, sha in ((GREEN, "feature", A), (RED, "fix", B), (WAITING, "new", "c" * 40)):
        branches = {"source_branch": source, "target_branch": "main", "head_sha": sha}
        native_api.request(server, "PUT", f"repositories/{ID}/merge-requests/{iid}", branches)
    for ref, sha, status in (
        ("main", A, "success"),
        ("refs/tags/v1", A, "success"),
        ("feature", A, "success"),
        ("fix", B, "failed"),
    ):
        report = {"sha": sha, "ref": ref, "name": "build", "status": status, "third_build_id": f"{ref} {sha}"}
        native_api.request(server, "POST", f"repositories/{ID}/reports", report)
