//! The table of routes.

use super::dialect::{V2, V4};
use super::{jobs, merge_requests, repositories, repositories_v2};
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
}
