//! The table of routes.

use super::dialect::GITLAB;
use super::{commits, jobs, pipelines, projects, statuses, users, version};
use crate::routes::Routes;
use http::Method;

/// Adds the routes.
pub fn routes(routes: &mut Routes) {
    const COMMIT: &str = "/api/v4/projects/{project}/repository/commits/{sha}";
    const STATUSES: &str = "/api/v4/projects/{project}/repository/commits/{sha}/statuses";
    const STATUS: &str = "/api/v4/projects/{project}/statuses/{sha}";
    const PIPELINES: &str = "/api/v4/projects/{project}/pipelines";
    const LATEST: &str = "/api/v4/projects/{project}/pipelines/latest";
    const PIPELINE: &str = "/api/v4/projects/{project}/pipelines/{pipeline_id}";
    const PIPELINE_JOBS: &str = "/api/v4/projects/{project}/pipelines/{pipeline_id}/jobs";
    const JOBS: &str = "/api/v4/projects/{project}/jobs";
    const JOB: &str = "/api/v4/projects/{project}/jobs/{job_id}";
    let on = &GITLAB;
    routes.add(on, Method::GET, "/api/v4", "GetRoot", version::root);
    routes.add(on, Method::GET, "/api/v4/version", "GetVersion", version::show);
    routes.add(on, Method::GET, "/api/v4/user", "GetCurrentUser", users::current);
    routes.add(on, Method::GET, "/api/v4/projects/{project}", "GetProject", projects::show);
    routes.add(on, Method::GET, COMMIT, "GetCommit", commits::show);
    routes.add(on, Method::GET, STATUSES, "ListCommitStatuses", statuses::list);
    routes.add(on, Method::POST, STATUS, "SetCommitStatus", statuses::record);
    routes.add(on, Method::GET, PIPELINES, "ListProjectPipelines", pipelines::list);
    routes.add(on, Method::GET, LATEST, "GetLatestPipeline", pipelines::latest);
    routes.add(on, Method::GET, PIPELINE, "GetPipeline", pipelines::show);
    routes.add(on, Method::GET, PIPELINE_JOBS, "ListJobsOfPipeline", jobs::list_of_pipeline);
    routes.add(on, Method::GET, JOBS, "ListProjectJobs", jobs::list);
    routes.add(on, Method::GET, JOB, "GetJob", jobs::show);
}
