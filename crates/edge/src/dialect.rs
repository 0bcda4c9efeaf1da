//! A dialect: a protocol of this server, as one value. Each dialect defines its value in its own
//! `dialect.rs`.

use crate::auth::Accepts;
use crate::http::reply::Reply;
use crate::request::IncomingRequest;
use domain::error::{Error, Result};
use domain::model::ids::{Hex32, RepositoryId};
use domain::model::repositories::RepositoryKey;

/// A text in Chinese and in English.
pub type Text = (&'static str, &'static str);

/// The name of the dialect of operators, whose requests no rate limit counts.
pub const OPERATIONS_NAME: &str = "operations";

/// A protocol of this server.
#[derive(Clone, Copy)]
pub struct Dialect {
    /// Its name in the log, in metrics, in the table of routes and in the history of attempts.
    pub name: &'static str,
    /// Its title for people.
    pub title: Text,
    /// The prefixes of its paths. A path belongs to the dialect with the longest prefix of it; `""` is a
    /// prefix of every path.
    pub prefixes: &'static [&'static str],
    /// Whether it serves pages to browsers. The address of a page may end in `.json`, which requests the JSON
    /// of the same content.
    pub serves_pages: bool,
    /// The credentials it accepts.
    pub accepts: Accepts,
    /// The repository that a request names, on the routes that name one.
    pub repository: fn(&IncomingRequest) -> Result<RepositoryKey>,
    /// Its error body.
    pub error: fn(&Error, &IncomingRequest) -> Reply,
    /// Its response to a path that no route has; `None` where the general one applies.
    pub unknown_route: fn(&IncomingRequest) -> Option<Reply>,
    /// Adds the headers that its clients expect on every response.
    pub complete: fn(Reply, &IncomingRequest) -> Reply,
}

impl Dialect {
    /// The length of its longest prefix of the path; `None` if the path is not the dialect's.
    pub fn prefix_len(&self, path: &str) -> Option<usize> {
        let prefixes = self.prefixes.iter().filter(|prefix| path.starts_with(**prefix));
        prefixes.map(|prefix| prefix.len()).max()
    }
}

/// For dialects whose responses have the general headers only.
pub fn general_headers(reply: Reply, _: &IncomingRequest) -> Reply {
    reply
}

/// For dialects without their own response to unknown paths.
pub fn general_unknown_route(_: &IncomingRequest) -> Option<Reply> {
    None
}

/// The repository of the path parameter `repository_id`. It need not exist.
///
/// # Errors
/// [`Error::Invalid`] for a value that is not an id.
pub fn repository_by_id(request: &IncomingRequest) -> Result<RepositoryKey> {
    Ok(RepositoryKey::Id(RepositoryId::parse(request.param("repository_id"))?))
}

/// The repository of the path parameter `repository_uuid`. It need not exist.
///
/// # Errors
/// [`Error::Invalid`] for a value that is not a uuid.
pub fn repository_by_uuid(request: &IncomingRequest) -> Result<RepositoryKey> {
    const NAME: &str = "repository_uuid";
    Ok(RepositoryKey::Uuid(Hex32::parse(NAME, request.param(NAME))?))
}
