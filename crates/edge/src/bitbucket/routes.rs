//! The table of routes.

use super::dialect::BITBUCKET;
use super::{builds, capabilities};
use crate::routes::Routes;
use http::Method;

/// Adds the routes.
pub fn routes(routes: &mut Routes) {
    const OF_COMMIT: &str = "/rest/build-status/{version}/commits/{sha}";
    const STATS: &str = "/rest/build-status/{version}/commits/stats/{sha}";
    const BUILDS: &str = "/rest/api/{version}/projects/{owner}/repos/{repo}/commits/{sha}/builds";
    const BUILD_CAPABILITIES: &str = "/rest/api/{version}/build/capabilities";
    let on = &BITBUCKET;
    routes.add(on, Method::GET, "/rest/capabilities", "BitbucketCapabilities", capabilities::show);
    routes.add(
        on,
        Method::GET,
        BUILD_CAPABILITIES,
        "BitbucketBuildCapabilities",
        capabilities::show_of_builds,
    );
    routes.add(on, Method::POST, OF_COMMIT, "BitbucketAddCommitStatus", builds::record_in_token_repository);
    routes.add(on, Method::GET, OF_COMMIT, "BitbucketListCommitStatuses", builds::list);
    routes.add(on, Method::GET, STATS, "BitbucketCommitStats", builds::stats);
    routes.add(on, Method::POST, BUILDS, "BitbucketAddBuild", builds::record);
    routes.add(on, Method::GET, BUILDS, "BitbucketGetBuild", builds::show);
}
