//! The table of routes.

use super::dialect::GITHUB;
use super::{check_runs, check_suites, commits, rate_limit, repositories, statuses, users};
use crate::routes::Routes;
use http::Method;

/// Adds the routes.
pub fn routes(routes: &mut Routes) {
    let on = &GITHUB;
    // Each operation has an address below `/api/v3`, and one for clients that take the root of an API.
    macro_rules! add {
        ($method:ident $path:literal $operation:literal $handler:path) => {
            routes.add(on, Method::$method, concat!("/api/v3", $path), $operation, $handler);
            routes.add(on, Method::$method, $path, concat!($operation, "AtRoot"), $handler);
        };
    }
    add!(GET "/repos/{owner}/{repo}" "GitHubGetRepository" repositories::show);
    add!(GET "/repos/{owner}/{repo}/commits/{sha}" "GitHubGetCommit" commits::show);
    add!(GET "/repos/{owner}/{repo}/commits/{sha}/statuses" "GitHubListCommitStatuses" statuses::list);
    add!(GET "/repos/{owner}/{repo}/commits/{sha}/status" "GitHubGetCombinedStatus" statuses::combined);
    add!(GET "/repos/{owner}/{repo}/statuses/{sha}" "GitHubListStatuses" statuses::list);
    add!(POST "/repos/{owner}/{repo}/statuses/{sha}" "GitHubCreateCommitStatus" statuses::record);
    add!(POST "/repos/{owner}/{repo}/check-runs" "GitHubCreateCheckRun" check_runs::record);
    add!(GET "/repos/{owner}/{repo}/check-runs/{job_id}" "GitHubGetCheckRun" check_runs::show);
    add!(PATCH "/repos/{owner}/{repo}/check-runs/{job_id}" "GitHubUpdateCheckRun" check_runs::change);
    add!(GET "/repos/{owner}/{repo}/check-runs/{job_id}/annotations" "GitHubListCheckRunAnnotations"
        check_runs::annotations);
    add!(GET "/repos/{owner}/{repo}/commits/{sha}/check-runs" "GitHubListCheckRuns" check_runs::of_commit);
    add!(GET "/repos/{owner}/{repo}/commits/{sha}/check-suites" "GitHubListCheckSuites" check_suites::of_commit);
    add!(GET "/repos/{owner}/{repo}/check-suites/{pipeline_id}" "GitHubGetCheckSuite" check_suites::show);
    add!(GET "/repos/{owner}/{repo}/check-suites/{pipeline_id}/check-runs" "GitHubListCheckRunsOfSuite"
        check_runs::of_suite);
    routes.add(on, Method::GET, "/api/v3/user", "GitHubGetCurrentUser", users::current);
    routes.add(on, Method::GET, "/api/v3/rate_limit", "GitHubGetRateLimit", rate_limit::show);
}
