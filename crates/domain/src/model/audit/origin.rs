//! The origin of a change.

use crate::model::credentials::CredentialId;
use crate::model::ids::UserId;
use jiff::Timestamp;
use std::net::IpAddr;

/// The origin of a change. It travels with the request ([`crate::ports::with_origin`]), and the store writes it with
/// the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The time of the request, by the wall clock of the server.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// The address of the client; `None`: it is unknown, or there is no client.
    pub address: Option<IpAddr>,
    /// The credential of the request.
    pub credential: Option<CredentialId>,
    /// The id of the request.
    pub request_id: Option<String>,
}

/// The author of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A user.
    User {
        /// The id.
        id: UserId,
        /// The name now.
        name: String,
    },
    /// Somebody with access to the data directory or the database: the account of the operating system.
    Operator(String),
    /// The server itself: its first start, the watchdog, policies.
    Server,
    /// A client that is not signed in.
    Anonymous,
}

impl Actor {
    /// The names of the kinds.
    pub const KINDS: &'static [&'static str] = &["user", "operator", "server", "anonymous"];

    /// The kind, the id and the name.
    pub fn names(&self) -> (&'static str, Option<i64>, Option<&str>) {
        match self {
            Self::User { id, name } => ("user", Some(id.get().into()), Some(name)),
            Self::Operator(name) => ("operator", None, Some(name)),
            Self::Server => ("server", None, None),
            Self::Anonymous => ("anonymous", None, None),
        }
    }
}

impl Origin {
    /// The server itself.
    pub const fn server(at: Timestamp) -> Self {
        Self { at, actor: Actor::Server, address: None, credential: None, request_id: None }
    }
}

/// The kinds of credentials in entries.
pub const CREDENTIAL_KINDS: &[&str] = &["password", "session", "token", "key", "temporary_key", "offline"];

/// The kind of a credential, and its public name: the id of a token or session, or the AK of a key.
pub fn credential_names(credential: &CredentialId) -> (&'static str, Option<String>) {
    match credential {
        CredentialId::Password => ("password", None),
        CredentialId::Session(id) => ("session", Some(id.to_string())),
        CredentialId::Token(id) => ("token", Some(id.to_string())),
        CredentialId::Key(access) => ("key", Some(access.to_string())),
        CredentialId::TemporaryKey(access) => ("temporary_key", Some(access.to_string())),
        CredentialId::Local => ("offline", None),
    }
}
