//! The table of routes.

use super::dialect::GITLAB;
use super::{commits, jobs, pipelines, projects, refs, statuses, test_reports, users, version};
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
    const TEST_REPORT: &str = "/api/v4/projects/{project}/pipelines/{pipeline_id}/test_report";
    const TEST_SUMMARY: &str = "/api/v4/projects/{project}/pipelines/{pipeline_id}/test_report_summary";
    const BRIDGES: &str = "/api/v4/projects/{project}/pipelines/{pipeline_id}/bridges";
    const BRANCHES: &str = "/api/v4/projects/{project}/repository/branches";
    const BRANCH: &str = "/api/v4/projects/{project}/repository/branches/{branch}";
    const TAGS: &str = "/api/v4/projects/{project}/repository/tags";
    const MERGE_REQUESTS: &str = "/api/v4/projects/{project}/repository/commits/{sha}/merge_requests";
    const JOBS: &str = "/api/v4/projects/{project}/jobs";
    const JOB: &str = "/api/v4/projects/{project}/jobs/{job_id}";
    let on = &GITLAB;
    routes.add(on, Method::GET, "/api/v4", "GetRoot", version::root);
    routes.add(on, Method::GET, "/api/v4/version", "GetVersion", version::show);
    routes.add(on, Method::GET, "/api/v4/metadata", "GetMetadata", version::metadata);
    routes.add(on, Method::GET, "/api/v4/user", "GetCurrentUser", users::current);
    routes.add(on, Method::GET, "/api/v4/projects", "ListProjects", projects::list);
    routes.add(on, Method::GET, "/api/v4/projects/{project}", "GetProject", projects::show);
    routes.add(on, Method::GET, COMMIT, "GetCommit", commits::show);
    routes.add(on, Method::GET, STATUSES, "ListCommitStatuses", statuses::list);
    routes.add(on, Method::POST, STATUS, "SetCommitStatus", statuses::record);
    routes.add(on, Method::GET, PIPELINES, "ListProjectPipelines", pipelines::list);
    routes.add(on, Method::GET, LATEST, "GetLatestPipeline", pipelines::latest);
    routes.add(on, Method::GET, PIPELINE, "GetPipeline", pipelines::show);
    routes.add(on, Method::GET, PIPELINE_JOBS, "ListJobsOfPipeline", jobs::list_of_pipeline);
    routes.add(on, Method::GET, TEST_REPORT, "GetTestReport", test_reports::show);
    routes.add(on, Method::GET, TEST_SUMMARY, "GetTestReportSummary", test_reports::summary);
    routes.add(on, Method::GET, BRIDGES, "ListBridges", test_reports::bridges);
    routes.add(on, Method::GET, BRANCHES, "ListProjectBranches", refs::branches);
    routes.add(on, Method::GET, BRANCH, "GetBranch", refs::branch);
    routes.add(on, Method::GET, TAGS, "ListProjectTags", refs::tags);
    routes.add(on, Method::GET, MERGE_REQUESTS, "ListMergeRequestsOfCommit", commits::merge_requests);
    routes.add(on, Method::GET, JOBS, "ListProjectJobs", jobs::list);
    routes.add(on, Method::GET, JOB, "GetJob", jobs::show);
}
