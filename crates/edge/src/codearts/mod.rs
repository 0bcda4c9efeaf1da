//! The CodeArts Repo dialect: v4, and the v1 and v2 repository calls that its users need.
//! What the official SDKs send and parse is in `compat/`.

mod error;
pub mod jobs;
mod merge_requests;
pub mod repositories;
mod repositories_v2;
mod translate;

use crate::auth::Accepts;
use crate::routes::{Dialect, Routes, repository};
use http::Method;

const ACCEPTS: Accepts = Accepts { x_auth_token: true, signature: true, ..Accepts::NONE };

/// v4: flat errors.
pub static V4: Dialect =
    Dialect { name: "codearts", accepts: ACCEPTS, repository: repository::by_id, error: error::flat };
/// v1 and v2: errors in an envelope.
pub static V2: Dialect =
    Dialect { name: "codearts-v2", accepts: ACCEPTS, repository: repository::by_uuid, error: error::nested };

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
    routes.add(&V2, Method::PUT, HAS_PIPELINE, "ShowHasPipeline", repositories_v2::note_pipeline);
    routes.add(&V2, Method::POST, "/v1/repositories", "CreateRepository", repositories_v2::create);
}
