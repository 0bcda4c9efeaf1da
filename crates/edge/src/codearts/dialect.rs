//! The dialect as a value: one for v4, one for v1 and v2.

use super::error;
use crate::auth::Accepts;
use crate::dialect::{
    Dialect, Text, general_headers, general_unknown_route, repository_by_id, repository_by_uuid,
};
use crate::request::IncomingRequest;
use domain::error::{Invalid, Problem, Result};
use domain::model::repositories::RepositoryKey;

const ACCEPTS: Accepts = Accepts { x_auth_token: true, signature: true, ..Accepts::NONE };
const TITLE: Text = ("CodeArts Repo 接口", "CodeArts Repo API");

/// v4: flat error bodies.
pub static V4: Dialect = Dialect {
    name: "codearts",
    title: TITLE,
    prefixes: &["/v4/"],
    serves_pages: false,
    accepts: ACCEPTS,
    repository: repository_by_id,
    error: error::flat,
    unknown_route: general_unknown_route,
    complete: general_headers,
};
/// v1 and v2: error bodies in an envelope.
pub static V2: Dialect = Dialect {
    name: "codearts-v2",
    title: TITLE,
    prefixes: &["/v1/", "/v2/"],
    serves_pages: false,
    accepts: ACCEPTS,
    repository: repository_by_uuid_or_names,
    error: error::nested,
    unknown_route: general_unknown_route,
    complete: general_headers,
};

/// The query parameters of a repository's namespace and name.
pub const NAMES: [&str; 2] = ["group_name", "repository_name"];

/// The repository of the path, or else of the query: `group_name` is all of the path before the name.
fn repository_by_uuid_or_names(request: &IncomingRequest) -> Result<RepositoryKey> {
    if !request.param("repository_uuid").is_empty() {
        return repository_by_uuid(request);
    }
    let named = |name: &str| {
        let value = request.query.get(name)?.filter(|value| !value.is_empty());
        value.ok_or_else(|| Invalid::new(name, Problem::Missing))
    };
    let [group, name] = [named(NAMES[0])?, named(NAMES[1])?];
    Ok(RepositoryKey::Path(format!("{group}/{name}")))
}
