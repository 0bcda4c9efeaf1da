//! The list of dialects, and what is made of it: the table of routes, the OpenAPI documents, and the dialect
//! of a path.

use crate::dialect::Dialect;
use crate::http::public_url::{PublicUrl, PublicUrlProblem};
use crate::language::Language;
use crate::routes::{RouteInfo, Routes};
use crate::state::ApiDocument;
use crate::{bitbucket, codearts, gitea, github, gitlab, iam, native, openapi, operations, pages};
use std::sync::LazyLock;

/// A dialect of this server.
struct Registration {
    /// Its values: one for each error body or set of prefixes.
    dialects: &'static [&'static Dialect],
    /// Adds its routes.
    routes: fn(&mut Routes),
}

/// All dialects. A new one is added here.
const DIALECTS: &[Registration] = &[
    Registration { dialects: &[&codearts::V4, &codearts::V2], routes: codearts::routes },
    Registration { dialects: &[&iam::IAM], routes: iam::routes },
    Registration { dialects: &[&gitlab::GITLAB], routes: gitlab::routes },
    Registration { dialects: &[&github::GITHUB], routes: github::routes },
    Registration { dialects: &[&gitea::GITEA], routes: gitea::routes },
    Registration { dialects: &[&bitbucket::BITBUCKET], routes: bitbucket::routes },
    Registration { dialects: &[&native::NATIVE], routes: native::routes },
    Registration { dialects: &[&operations::OPERATIONS], routes: operations::routes },
    Registration { dialects: &[], routes: openapi::routes },
    Registration { dialects: &[&pages::PAGES, &pages::ASSETS, &pages::FEEDS], routes: pages::routes },
];

/// All routes.
pub fn routes() -> Routes {
    let mut routes = Routes::default();
    for registration in DIALECTS {
        (registration.routes)(&mut routes);
    }
    routes
}

/// Every route with the callers that it admits. It is made once for each process.
pub fn table() -> &'static [RouteInfo] {
    static TABLE: LazyLock<Vec<RouteInfo>> = LazyLock::new(|| routes().into_table());
    &TABLE
}

/// Reads the public URL of a server. No path of the server may begin with its path: a reverse proxy may remove the path
/// or not, and a request must have one meaning.
///
/// # Errors
/// [`PublicUrlProblem`].
pub fn public_url(text: &str) -> Result<PublicUrl, PublicUrlProblem> {
    let url = PublicUrl::parse(text)?;
    match table().iter().find(|route| url.is_prefix_of(route.path)) {
        Some(route) => Err(PublicUrlProblem::Taken { route: route.path }),
        None => Ok(url),
    }
}

/// The OpenAPI documents in a language. They are built once for each process.
pub fn documents(language: Language) -> &'static [ApiDocument] {
    static CHINESE: LazyLock<Vec<ApiDocument>> = LazyLock::new(|| openapi::build(table(), Language::Chinese));
    static ENGLISH: LazyLock<Vec<ApiDocument>> = LazyLock::new(|| openapi::build(table(), Language::English));
    match language {
        Language::Chinese => &CHINESE,
        Language::English => &ENGLISH,
    }
}

/// The dialect that a path belongs to: the one with the longest prefix of it. Pages have every path that no
/// other dialect has.
pub fn dialect_of(path: &str) -> &'static Dialect {
    let all = DIALECTS.iter().flat_map(|registration| registration.dialects);
    let matching = all.filter_map(|dialect| Some((dialect.prefix_len(path)?, *dialect)));
    matching.max_by_key(|(length, _)| *length).map_or(&pages::PAGES, |(_, dialect)| dialect)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_belongs_to_the_dialect_with_the_longest_prefix() {
        for (path, name, serves_pages) in [
            ("/v4/user/repositories", "codearts", false),
            ("/v1/x", "codearts-v2", false),
            ("/v2/x", "codearts-v2", false),
            ("/v3/projects", "iam", false),
            ("/api/v4", "gitlab", false),
            ("/api/v3/x", "github", false),
            ("/repos/acme/demo", "github", false),
            ("/api/v1/version", "gitea", false),
            ("/api/v2", "gitlab", false),
            ("/rest/capabilities", "bitbucket", false),
            ("/native/v1/x", "native", false),
            ("/openapi/x.json", "operations", false),
            ("/assets/x", "person", false),
            ("/cctray.xml", "person", false),
            ("/", "person", true),
            ("/v4", "person", true),
            ("/native", "person", true),
            ("/repositories/1", "person", true),
            ("*", "person", true),
        ] {
            let dialect = dialect_of(path);
            assert_eq!((dialect.name, dialect.serves_pages), (name, serves_pages), "{path}");
        }
    }

    #[test]
    fn the_public_path_begins_no_path_of_the_server() {
        for taken in
            ["/repositories", "/api", "/v4", "/repos/acme", "/livez", "/sign-in", "/native/v1", "/assets"]
        {
            let problem = public_url(&format!("https://ci.example{taken}"));
            assert!(matches!(problem, Err(PublicUrlProblem::Taken { .. })), "{taken}: {problem:?}");
        }
        for free in ["", "/stagepost", "/ci/api", "/api/stagepost", "/repo", "/v"] {
            assert!(public_url(&format!("https://ci.example{free}")).is_ok(), "{free}");
        }
    }

    #[test]
    fn every_route_has_a_dialect_of_the_list() {
        let names: Vec<&str> = DIALECTS.iter().flat_map(|r| r.dialects).map(|dialect| dialect.name).collect();
        for route in table() {
            assert!(names.contains(&route.dialect), "{route:?}");
        }
    }
}
