//! Identities: accounts at identity providers that sign users in, and the rights that their groups give.

mod names;
mod rights;
mod rules;

pub use names::user_names;
pub use rights::{GroupRights, PathPattern, Rights, granted_until, is_narrower, rights_at};
pub use rules::{AdmissionRefused, Claims, GroupRole, SignInRules};

use super::ids::UserId;
use crate::error::Invalid;
use crate::model::text;
use jiff::Timestamp;

/// Greatest length of an issuer, in characters.
pub const ISSUER_MAX: usize = 512;
/// Greatest length of a subject, in characters (OpenID Connect Core 1.0, section 2).
pub const SUBJECT_MAX: usize = 255;

/// An account at an identity provider that signs a user in. Issuer and subject identify it; a user may have several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The id, unique in the installation.
    pub id: i64,
    /// The user that it signs in.
    pub user_id: UserId,
    /// The issuer: the URL of the provider, or the name of a trusted header.
    pub issuer: String,
    /// The account at the issuer. It never changes, unlike names and addresses.
    pub subject: String,
    /// The name or address at the provider at the last sign-in, for people.
    pub display: String,
    /// The time when it was linked.
    pub created_at: Timestamp,
    /// The time of the last sign-in.
    pub signed_in_at: Option<Timestamp>,
    /// The rights of its groups at the last sign-in.
    pub rights: Rights,
}

/// Checks an issuer and a subject.
///
/// # Errors
/// [`Invalid`] on `issuer` or `subject`.
pub fn check_key(issuer: &str, subject: &str) -> Result<(), Invalid> {
    text::single_line("issuer", issuer, ISSUER_MAX)?;
    text::single_line("subject", subject, SUBJECT_MAX)?;
    Ok(())
}
