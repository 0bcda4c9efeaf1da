//! The table of routes.

use super::dialect::{V2, V4};
use super::{approver_settings, commits, jobs, members, merge_requests, refs, repositories, repositories_v2};
use crate::routes::Routes;
use http::Method;

/// Adds the routes.
pub fn routes(routes: &mut Routes) {
    const JOBS: &str = "/v4/repositories/{repository_id}/pipelines/{pipeline_id}/jobs";
    const LATEST: &str = "/v4/repositories/{repository_id}/pipelines/{pipeline_id}/latest-jobs";
    const ACTUAL_HEAD: &str =
        "/v4/repositories/{repository_id}/merge-requests/{merge_request_iid}/actual-head-pipeline";
    const HAS_PIPELINE: &str = "/v1/repositories/{repository_uuid}/pipeline";
    const IN_PROJECT: &str = "/v4/projects/{project_id}/repositories";
    const IN_PROJECT_V2: &str = "/v2/projects/{project_uuid}/repositories";
    routes.add(&V4, Method::GET, JOBS, "ListPipelineJobs", jobs::list);
    routes.add(&V4, Method::GET, LATEST, "ListLatestPipelineJobs", jobs::latest);
    routes.add(&V4, Method::GET, ACTUAL_HEAD, "ShowActualHeadPipeline", merge_requests::actual_head_pipeline);
    routes.add(&V4, Method::GET, "/v4/user/repositories", "ListCurrentUserRepositories", repositories::list);
    routes.add(&V4, Method::GET, "/v4/repositories/{repository_id}", "ShowRepository", repositories::show);
    routes.add(&V4, Method::GET, IN_PROJECT, "ListProjectRepositories", repositories::list_in_project);
    routes.add(
        &V2,
        Method::GET,
        "/v2/projects/repositories",
        "ListUserAllRepositories",
        repositories_v2::list,
    );
    routes.add(
        &V2,
        Method::GET,
        IN_PROJECT_V2,
        "ListProjectRepositoriesV2",
        repositories_v2::list_in_project,
    );
    routes.add(
        &V2,
        Method::GET,
        "/v2/repositories/{repository_uuid}",
        "ShowRepositoryByUuid",
        repositories_v2::show,
    );
    routes.add_repeatable(&V2, Method::PUT, HAS_PIPELINE, "ShowHasPipeline", repositories_v2::note_pipeline);
    routes.add(&V2, Method::POST, "/v1/repositories", "CreateRepository", repositories_v2::create);
    routes.add(&V2, Method::GET, "/v1/repositories/repoid", "ShowRepoId", repositories_v2::show_id);
    around_pipelines(routes);
}

/// The routes of what pipelines belong to: merge requests, commits, branches and tags; and of members.
fn around_pipelines(routes: &mut Routes) {
    const MERGE_REQUESTS: &str = "/v4/repositories/{repository_id}/merge-requests";
    const OF_PROJECT: &str = "/v4/projects/{project_id}/merge-requests";
    const MERGE_REQUEST: &str = "/v4/repositories/{repository_id}/merge-requests/{merge_request_iid}";
    const MERGEABLE_STATE: &str =
        "/v4/repositories/{repository_id}/merge-requests/{merge_request_iid}/mergeable-state-out";
    const APPROVER_SETTINGS: &str = "/v4/repositories/{repository_id}/approver-settings";
    const OF_COMMIT: &str = "/v4/repositories/{repository_id}/commits/{sha}/merge-requests";
    const COMMIT: &str = "/v4/repositories/{repository_id}/repository/commits";
    const REFS_OF_COMMIT: &str = "/v4/repositories/{repository_id}/repository/commits/{sha}/refs";
    const BRANCHES: &str = "/v4/repositories/{repository_id}/repository/branches";
    const BRANCH: &str = "/v4/repositories/{repository_id}/repository/branch";
    const TAGS: &str = "/v4/repositories/{repository_id}/repository/tags";
    const TAG: &str = "/v4/repositories/{repository_id}/repository/tag";
    const REFS: &str = "/v4/repositories/{repository_id}/repository/refs";
    const MEMBERS: &str = "/v4/repositories/{repository_id}/members";
    let on = &V4;
    let get = Method::GET;
    routes.add(on, get.clone(), MERGE_REQUESTS, "ListRepositoryMergeRequests", merge_requests::list);
    routes.add(on, get.clone(), OF_PROJECT, "ListProjectMergeRequests", merge_requests::list_in_project);
    let personal = "ListPersonalMergeRequests";
    routes.add(on, get.clone(), "/v4/merge-requests", personal, merge_requests::list_personal);
    routes.add(on, get.clone(), MERGE_REQUEST, "ShowMergeRequestDetail", merge_requests::show);
    routes.add(on, get.clone(), MERGEABLE_STATE, "ShowMergeableStateOuter", merge_requests::mergeable_state);
    let settings = "ListMergeRequestApproverSettings";
    routes.add(on, get.clone(), APPROVER_SETTINGS, settings, approver_settings::list);
    routes.add(on, get.clone(), OF_COMMIT, "ListCommitAssociatedMergeRequests", commits::merge_requests);
    routes.add(on, get.clone(), COMMIT, "ShowCommit", commits::show);
    routes.add(on, get.clone(), REFS_OF_COMMIT, "ListCommitAssociatedRefs", commits::refs);
    routes.add(on, get.clone(), BRANCHES, "ListBranches", refs::branches);
    routes.add(on, get.clone(), BRANCH, "ShowBranch", refs::branch);
    routes.add(on, get.clone(), TAGS, "ListTags", refs::tags);
    routes.add(on, get.clone(), TAG, "ShowTag", refs::tag);
    routes.add(on, get.clone(), REFS, "ListRefsList", refs::list);
    routes.add(on, get, MEMBERS, "ListMembers", members::list);
}
