//! Repositories in paths of two segments: the first name of the path, and the others, joined by `%2F`. Branches in
//! paths of one segment, which not every client encodes.

use crate::http::query::encode;
use crate::request::IncomingRequest;
use domain::error::{Error, Result};
use domain::model::repositories::{RepositoryKey, check_path};

/// The repository of the path parameters `owner` and `repo`. A text that is no path is as unknown as a repository
/// that does not exist.
///
/// # Errors
/// [`Error::RepositoryNotFound`].
pub fn repository(request: &IncomingRequest) -> Result<RepositoryKey> {
    let path = path(request);
    check_path(&path).map_err(|_| Error::RepositoryNotFound)?;
    Ok(RepositoryKey::Path(path))
}

/// The path in these two parameters, unchecked.
pub fn path(request: &IncomingRequest) -> String {
    joined(request.param("owner"), request.param("repo"))
}

/// No name has a `%`: a client that encodes an encoded path again sends one.
fn joined(owner: &str, repo: &str) -> String {
    let path = [owner, "/", repo].concat();
    if path.contains('%') { path.replace("%2F", "/").replace("%2f", "/") } else { path }
}

/// The path of a repository as two segments of a URL.
pub fn in_url(path: &str) -> String {
    let (owner, repo) = path.split_once('/').unwrap_or((path, ""));
    [&encode(owner), "/", &encode(repo)].concat()
}

/// The path with each `/` of its branch or tag as `%2F`, which makes it one segment; `None` if there is none. Several
/// clients send it unencoded: octocrab requests `.../commits/heads/main/status`. What a route has after the branch is
/// no part of it.
pub fn with_encoded_ref(path: &str) -> Option<String> {
    const REPOSITORIES: [&str; 3] = ["/api/v3/repos/", "/repos/", "/api/v1/repos/"];
    const COMMITS: &str = "commits/";
    const AFTER: [&str; 4] = ["/statuses", "/status", "/check-runs", "/check-suites"];
    let below = REPOSITORIES.iter().find(|prefix| path.starts_with(**prefix))?.len();
    let (at, _) = path[below..].match_indices('/').nth(1)?;
    let (repository, more) = path.split_at(below + at + 1);
    let before = *[COMMITS, "statuses/", "git/commits/"].iter().find(|prefix| more.starts_with(**prefix))?;
    let named = &more[before.len()..];
    let after =
        AFTER.into_iter().find(|suffix| before == COMMITS && named.ends_with(suffix)).unwrap_or_default();
    let named = &named[..named.len() - after.len()];
    named.contains('/').then(|| format!("{repository}{before}{}{after}", named.replace('/', "%2F")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_is_one_segment_before_what_the_route_ends_with() {
        for (sent, routed) in [
            ("/repos/a/b/commits/heads/main/status", "/repos/a/b/commits/heads%2Fmain/status"),
            ("/api/v3/repos/a/b/commits/x/y/z/statuses", "/api/v3/repos/a/b/commits/x%2Fy%2Fz/statuses"),
            ("/api/v3/repos/a/b/commits/x/y/check-runs", "/api/v3/repos/a/b/commits/x%2Fy/check-runs"),
            ("/api/v3/repos/a/b/commits/x/y", "/api/v3/repos/a/b/commits/x%2Fy"),
            ("/api/v1/repos/a/b/git/commits/x/%20y", "/api/v1/repos/a/b/git/commits/x%2F%20y"),
            ("/api/v1/repos/a/b/statuses/x/status", "/api/v1/repos/a/b/statuses/x%2Fstatus"),
        ] {
            assert_eq!(with_encoded_ref(sent).as_deref(), Some(routed));
        }
        for sent in [
            "/repos/a/b/commits/main/status",
            "/repos/a/b/commits/main",
            "/repos/a/commits/x/y",
            "/repos/a/b/pulls/x/y",
            "/api/v4/repos/a/b/commits/x/y",
            "/repos/a",
            "/repos/",
        ] {
            assert_eq!(with_encoded_ref(sent), None, "{sent}");
        }
    }

    #[test]
    fn a_longer_path_is_one_segment_after_the_owner() {
        for (owner, repo, whole, url) in [
            ("acme", "demo", "acme/demo", "acme/demo"),
            ("acme", "sub/demo", "acme/sub/demo", "acme/sub%2Fdemo"),
            ("acme", "sub%2Fdemo", "acme/sub/demo", "acme/sub%2Fdemo"),
            ("流水线", "任务", "流水线/任务", "%E6%B5%81%E6%B0%B4%E7%BA%BF/%E4%BB%BB%E5%8A%A1"),
        ] {
            assert_eq!(joined(owner, repo), whole);
            assert_eq!(in_url(whole), url);
        }
    }
}
