//! The table of routes.

use super::dialect::GITEA;
use super::{commits, repositories, statuses, users, version};
use crate::routes::Routes;
use http::Method;

/// Adds the routes.
pub fn routes(routes: &mut Routes) {
    const REPOSITORY: &str = "/api/v1/repos/{owner}/{repo}";
    const GIT_COMMIT: &str = "/api/v1/repos/{owner}/{repo}/git/commits/{sha}";
    const STATUSES: &str = "/api/v1/repos/{owner}/{repo}/statuses/{sha}";
    const COMMIT_STATUSES: &str = "/api/v1/repos/{owner}/{repo}/commits/{sha}/statuses";
    const COMBINED: &str = "/api/v1/repos/{owner}/{repo}/commits/{sha}/status";
    let on = &GITEA;
    routes.add(on, Method::GET, "/api/v1/version", "GiteaGetVersion", version::show);
    routes.add(on, Method::GET, "/api/v1/user", "GiteaGetCurrentUser", users::current);
    routes.add(on, Method::GET, REPOSITORY, "GiteaGetRepository", repositories::show);
    routes.add(on, Method::GET, GIT_COMMIT, "GiteaGetCommit", commits::show);
    routes.add(on, Method::POST, STATUSES, "GiteaCreateStatus", statuses::record);
    routes.add(on, Method::GET, STATUSES, "GiteaListStatuses", statuses::list);
    routes.add(on, Method::GET, COMMIT_STATUSES, "GiteaListStatusesByRef", statuses::list);
    routes.add(on, Method::GET, COMBINED, "GiteaGetCombinedStatus", statuses::combined);
}
