//! The GitLab dialect, `/api/v4`: what build systems report by and merge bots read. Told in `docs/api/gitlab.md`.
//! Where GitLab refuses what an honest reporter sends (a repeat, a report that comes late), it is taken here; all else is as GitLab has
//! it, down to the texts that clients match. It knows the requests of its clients (reporters fact 3) and no other dialect.

mod commits;
pub mod error;
mod jobs;
mod paging;
mod parameters;
pub mod pipelines;
mod projects;
mod statuses;
pub mod translate;
mod users;
mod version;

use crate::auth::Accepts;
use crate::routes::{Dialect, Routes};
use http::Method;

pub static GITLAB: Dialect = Dialect {
    name: "gitlab",
    accepts: Accepts { private_token: true, bearer: true, query: true, ..Accepts::NONE },
    repository: projects::key,
    error: error::reply,
};

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
    routes.add(on, Method::GET, PIPELINE_JOBS, "ListJobsOfPipeline", jobs::of_pipeline);
    routes.add(on, Method::GET, JOBS, "ListProjectJobs", jobs::list);
    routes.add(on, Method::GET, JOB, "GetJob", jobs::show);
}
