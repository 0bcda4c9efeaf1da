"""The documentation's example, which the demo loads, and a pipeline longer than a page."""

import http.client
import json
import secrets
import urllib.parse

REPOSITORY, PIPELINE = 2111976239, 6
REPOSITORY_UUID, PROJECT_UUID = "25c88b23d4dc400fa7b3e2a152e4d53c", "72271b5446614062a01b8be944c9f372"

# Without the extra quotes at the end of target_url and of the key updated_at in the documentation.
DOCUMENTED = {
    "id": 31930,
    "sha": "1c46c505c84853887efe2ea9ea02a1333bae2237",
    "ref": "dev",
    "status": "success",
    "name": "任务1",
    "target_url": "https://example.com/cicd/project/72271b5446614062a01b8be944c9f372"
    "/pipeline/detail/724cb378007d4303b91f85161f67d6b0/c9cfdc8b918e44c09ad1cdd8c6b13c78",
    "created_at": "2025-05-17T11:02:25.000+08:00",
    "started_at": "2025-05-17T11:02:25.000+08:00",
    "finished_at": "2025-05-17T11:02:56.000+08:00",
    "updated_at": "2025-05-17T11:02:56.000+08:00",
    "third_build_id": "0ede266890ddd33cff76da30090b9780",
    "stage_id": 123,
    "stage": "external",
}


def report_jobs(server, jobs):
    """Reports a new pipeline of jobs named `job 1`, `job 2`, ..., with one request for each job; returns its id."""
    sha = secrets.token_hex(20)
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.urls["http"]).netloc, timeout=60)
    headers = {"X-Auth-Token": server.token, "Content-Type": "application/json"}
    try:
        for number in range(1, jobs + 1):
            report = {
                "sha": sha,
                "ref": "main",
                "name": f"job {number}",
                "status": "success",
                "third_build_id": str(number),
            }
            path = f"/native/v1/repositories/{REPOSITORY}/reports"
            connection.request("POST", path, json.dumps(report), headers)
            response = connection.getresponse()
            body = response.read().decode()
            if response.status != 201:
                raise AssertionError(f"{response.status} {body}")
    finally:
        connection.close()
    return json.loads(body)["pipeline_id"]
