"""Samples of the API Explorer, printed by the script of its page: `printed` prints one, the lists name those that
are run.
"""

import atexit
import functools
import json
import os
import subprocess

import context
from example import PIPELINE, PROJECT_UUID, REPOSITORY, REPOSITORY_UUID
from merge_requests import HEADS, REGISTERED

PRINTERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "browser")
SECONDS = 60
SHA = "1c46c505c84853887efe2ea9ea02a1333bae2237"
ODD = 'it\'s "q" \\n $HOME `id` 任务 #{a} %s &?+'
JOBS = {"repository_id": REPOSITORY, "pipeline_id": PIPELINE}

# Every operation of the SDKs, with its parameters and a text in its response.
SDK_CALLS = [
    ("ListPipelineJobs", JOBS, "31930"),
    ("ListPipelineJobs", JOBS | {"offset": 0, "limit": 100}, "31930"),
    ("ListLatestPipelineJobs", JOBS, "31930"),
    ("ShowActualHeadPipeline", {"repository_id": REPOSITORY, "merge_request_iid": REGISTERED}, "MERGE REQUEST"),
    (
        "ListCurrentUserRepositories",
        {"search": "cicd", "order_by": "updated_at", "sort": "asc", "archived": "false", "limit": 5},
        REPOSITORY_UUID,
    ),
    ("ListProjectRepositories", {"project_id": PROJECT_UUID, "order_by": "name"}, str(REPOSITORY)),
    ("ShowRepository", {"repository_id": REPOSITORY}, REPOSITORY_UUID),
    ("ListUserAllRepositories", {"search": "cicd", "page_index": 1, "page_size": 10}, REPOSITORY_UUID),
    ("ListProjectRepositoriesV2", {"project_uuid": PROJECT_UUID}, REPOSITORY_UUID),
    ("ShowRepositoryByUuid", {"repository_uuid": REPOSITORY_UUID}, REPOSITORY_UUID),
    ("ShowHasPipeline", {"repository_uuid": REPOSITORY_UUID}, "success"),
    ("ShowRepoId", {"group_name": "demo", "repository_name": "cicd"}, str(REPOSITORY)),
    ("ListRepositoryMergeRequests", {"repository_id": REPOSITORY, "state": "opened", "limit": 5}, "opened"),
    ("ListCommitAssociatedMergeRequests", {"repository_id": REPOSITORY, "sha": HEADS[REGISTERED]}, "unchecked"),
    ("ShowMergeRequestDetail", {"repository_id": REPOSITORY, "merge_request_iid": REGISTERED}, HEADS[REGISTERED]),
    ("ShowMergeableStateOuter", {"repository_id": REPOSITORY, "merge_request_iid": REGISTERED}, str(REGISTERED)),
    ("ShowCommit", {"repository_id": REPOSITORY, "sha": SHA}, SHA[:8]),
    ("ListBranches", {"repository_id": REPOSITORY, "sort": "updated_desc"}, "dev"),
    ("ShowBranch", {"repository_id": REPOSITORY, "branch_name": "dev"}, "dev"),
    ("ListRefsList", {"repository_id": REPOSITORY, "type": "branch"}, "dev"),
    ("ListMembers", {"repository_id": REPOSITORY, "permission": "mr"}, "manage"),
]

# Some operations that no SDK has.
HTTP_CALLS = [
    ("KeystoneListProjects", {"name": "cn-north-4"}, "cn-north-4"),
    ("ListCommitStatuses", {"project": REPOSITORY, "sha": SHA}, "任务1"),
    ("GitHubGetCombinedStatus", {"owner": "demo", "repo": "cicd", "sha": SHA}, "任务1"),
    ("GiteaListStatuses", {"owner": "demo", "repo": "cicd", "sha": SHA, "state": "success"}, "任务1"),
    (
        "BitbucketGetBuild",
        {"version": "latest", "owner": "DEMO", "repo": "cicd", "sha": SHA, "key": "任务1"},
        "SUCCESSFUL",
    ),
    ("native.Pipeline", JOBS, SHA),
    ("FindJobs", {"repository_id": REPOSITORY, "q": ODD}, '"jobs":['),
    (
        "Report",
        {
            "repository_id": REPOSITORY,
            "body": json.dumps(
                {"sha": "5" * 40, "ref": "dev", "name": ODD, "status": "success"}, ensure_ascii=False, indent=1
            ),
        },
        "pipeline_status",
    ),
]

# Those in APIs that know no signatures.
UNSIGNED = {"ListCommitStatuses", "GitHubGetCombinedStatus", "GiteaListStatuses", "BitbucketGetBuild"}


def created(name):
    """The parameters that create a repository with this name."""
    body = {"name": name, "project_uuid": PROJECT_UUID, "visibility_level": 0, "description": ODD}
    return {"body": json.dumps(body, ensure_ascii=False)}


def printed(operation, language, package="codehub", **values):
    """The sample; it calls this server unless the settings of the SDK name the endpoint."""
    wanted = {name: str(value) for name, value in values.items()}
    process = printer()
    asked = {"operation": operation, "language": language, "package": package, "values": wanted}
    process.stdin.write(json.dumps(asked) + "\n")
    process.stdin.flush()
    answer = json.loads(process.stdout.readline() or '{"error": "print_sample.mjs has ended"}')
    if "error" in answer:
        raise RuntimeError(f"{asked}: {answer['error']}")
    return answer["sample"]


@functools.cache
def printer():
    """The process that prints samples: starting one takes longer than printing. It ends with its input."""
    command = ["node", os.path.join(PRINTERS, "print_sample.mjs"), context.server.urls["http"]]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
    atexit.register(process.stdin.close)
    return process


def printed_all(language, package, folder, ending):
    """Writes the samples of all operations of the server to this folder; returns their paths."""
    os.makedirs(folder, exist_ok=True)
    script = os.path.join(PRINTERS, "print_all.mjs")
    command = ["node", script, context.server.urls["http"], language, package, folder, ending]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8", timeout=SECONDS
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr}")
    return sorted(entry.path for entry in os.scandir(folder))
