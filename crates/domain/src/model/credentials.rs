//! Which credential a request has, and what it may do and how long. The rule for what is created with it: a
//! credential never creates one with more permissions or a longer validity.

use super::ids::RepositoryId;
use super::roles::Scope;
use crate::error::{Error, Result};
use jiff::Timestamp;
use std::fmt;
use std::sync::Arc;

/// Which credential authenticated a caller. It is no secret: the log names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialId {
    /// A password or a sign-in link.
    Password,
    /// A session, by the id of its token.
    Session(i64),
    /// A personal token, by its id.
    Token(i64),
    /// An access key, by its AK.
    Key(Arc<str>),
    /// A temporary access key, by its AK.
    TemporaryKey(Arc<str>),
    /// None: the server itself at its start, or an administrator with access to its data directory.
    Local,
}

impl CredentialId {
    /// The data that a report sent with the credential records; `None` for no credential.
    pub fn of_report(&self) -> Option<ReportCredential> {
        Some(match self {
            Self::Password => ReportCredential::Password,
            Self::Session(_) => ReportCredential::Session,
            Self::Token(id) => ReportCredential::Token(*id),
            Self::Key(access) => ReportCredential::Key(Arc::clone(access)),
            Self::TemporaryKey(_) => ReportCredential::TemporaryKey,
            Self::Local => return None,
        })
    }
}

impl fmt::Display for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Password => f.write_str("password"),
            Self::Session(id) | Self::Token(id) => write!(f, "token {id}"),
            Self::Key(access) | Self::TemporaryKey(access) => write!(f, "key {access}"),
            Self::Local => f.write_str("local"),
        }
    }
}

/// The credential that a report was sent with, as its report keeps it. It is no secret. After the deletion, the id of a
/// token is not assigned again; the same user may create another key with the AK.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ReportCredential {
    /// A password.
    Password,
    /// A session of a page, or an IAM token.
    Session,
    /// A temporary access key.
    TemporaryKey,
    /// A personal token, by its id, from 1.
    Token(i64),
    /// An access key, by its AK.
    Key(Arc<str>),
}

impl ReportCredential {
    /// The names of the kinds, in the order of the variants.
    pub const KINDS: &'static [&'static str] =
        &["password", "session", "temporary_key", "token", "access_key"];

    /// The name of the kind.
    pub const fn kind(&self) -> &'static str {
        Self::KINDS[match self {
            Self::Password => 0,
            Self::Session => 1,
            Self::TemporaryKey => 2,
            Self::Token(_) => 3,
            Self::Key(_) => 4,
        }]
    }

    /// The id of a token in digits, or the AK of a key; `None` for a credential that only its kind is known of.
    pub fn id(&self) -> Option<String> {
        match self {
            Self::Password | Self::Session | Self::TemporaryKey => None,
            Self::Token(id) => Some(id.to_string()),
            Self::Key(access) => Some(access.as_ref().to_owned()),
        }
    }
}

/// The limits of a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The scope.
    pub scope: Scope,
    /// The repositories that it is valid for; `None`: all.
    pub repositories: Option<Vec<RepositoryId>>,
    /// The expiry; `None`: it does not expire.
    pub ends_at: Option<Timestamp>,
}

/// How long a new credential is to be valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// It does not expire: an access key, a password, the rights of an administrator.
    Unlimited,
    /// As long as the credential that creates it.
    LikeCreator,
    /// Until this time, not shorter.
    Until(Timestamp),
    /// Until this time, or shorter.
    AtMost(Timestamp),
}

impl Limits {
    /// The limits of a password and of an access key that is not temporary.
    pub const NONE: Self = Self { scope: Scope::Full, repositories: None, ends_at: None };

    /// The limits of a new credential that is created with this one.
    ///
    /// # Errors
    /// [`Error::InsufficientScope`] for a wider scope, [`Error::Forbidden`] for other repositories,
    /// [`Error::Outlives`] for a longer lifetime.
    pub fn issue(
        &self,
        scope: Scope,
        repositories: Option<Vec<RepositoryId>>,
        lifetime: Lifetime,
    ) -> Result<Self> {
        if scope > self.scope {
            return Err(Error::InsufficientScope { needed: scope });
        }
        if let Some(own) = &self.repositories
            && !repositories.as_ref().is_some_and(|wanted| wanted.iter().all(|id| own.contains(id)))
        {
            return Err(Error::Forbidden);
        }
        let ends_at = match (self.ends_at, lifetime) {
            (None, Lifetime::Unlimited | Lifetime::LikeCreator) => None,
            (None, Lifetime::Until(at) | Lifetime::AtMost(at)) => Some(at),
            (Some(end), Lifetime::LikeCreator) => Some(end),
            (Some(end), Lifetime::AtMost(at)) => Some(at.min(end)),
            (Some(end), Lifetime::Until(at)) if at <= end => Some(at),
            (Some(ends_at), Lifetime::Until(_) | Lifetime::Unlimited) => {
                return Err(Error::Outlives { ends_at });
            }
        };
        Ok(Self { scope, repositories, ends_at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_keeps_the_id_of_a_lasting_credential_and_the_kind_of_another() {
        let cases = [
            (CredentialId::Password, Some(("password", None))),
            (CredentialId::Session(5), Some(("session", None))),
            (CredentialId::Token(17), Some(("token", Some("17")))),
            (CredentialId::Key("AK".into()), Some(("access_key", Some("AK")))),
            (CredentialId::TemporaryKey("AK".into()), Some(("temporary_key", None))),
            (CredentialId::Local, None),
        ];
        for (credential, expected) in cases {
            let kept = credential.of_report();
            let kept = kept.as_ref().map(|kept| (kept.kind(), kept.id()));
            assert_eq!(kept, expected.map(|(kind, id)| (kind, id.map(str::to_owned))), "{credential:?}");
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn ids(ids: &[i64]) -> Option<Vec<RepositoryId>> {
        Some(ids.iter().map(|id| RepositoryId::new(*id).unwrap()).collect())
    }

    /// Whether `new` may do nothing that `own` may not, and not longer.
    fn is_within(new: &Limits, own: &Limits) -> bool {
        let in_time = own.ends_at.is_none_or(|end| new.ends_at.is_some_and(|at| at <= end));
        let mut repositories = new.repositories.iter().flatten();
        let all =
            |own: &Vec<RepositoryId>| new.repositories.is_some() && repositories.all(|id| own.contains(id));
        new.scope <= own.scope && in_time && own.repositories.as_ref().is_none_or(all)
    }

    /// Every pair of a credential and a wish: the result is within the credential, and is refused only if the
    /// wish is not.
    #[test]
    fn nothing_exceeds_what_creates_it() {
        let scopes = [Scope::Feeds, Scope::Read, Scope::Report, Scope::Full];
        let lists = [None, ids(&[1]), ids(&[1, 2]), ids(&[3])];
        let ends = [None, Some(at(60)), Some(at(900))];
        let lifetimes = [Lifetime::Unlimited, Lifetime::LikeCreator].into_iter().chain(
            [60, 61, 9_000].into_iter().flat_map(|s| [Lifetime::Until(at(s)), Lifetime::AtMost(at(s))]),
        );
        let lifetimes: Vec<Lifetime> = lifetimes.collect();
        let (mut issued, mut refused) = (0, 0);
        for (scope, list, end) in all(&scopes, &lists, &ends) {
            let own = Limits { scope, repositories: list, ends_at: end };
            for (scope, list, lifetime) in all(&scopes, &lists, &lifetimes) {
                let wish_end = match lifetime {
                    Lifetime::Unlimited => None,
                    Lifetime::LikeCreator => own.ends_at,
                    Lifetime::Until(at) => Some(at),
                    Lifetime::AtMost(at) => Some(own.ends_at.map_or(at, |end| end.min(at))),
                };
                let wish = Limits { scope, repositories: list.clone(), ends_at: wish_end };
                match own.issue(scope, list, lifetime) {
                    Ok(new) => {
                        assert!(is_within(&new, &own), "{own:?} {lifetime:?} {new:?}");
                        assert_eq!(new, wish, "not silently less than was asked for");
                        issued += 1;
                    }
                    Err(_) => {
                        assert!(!is_within(&wish, &own), "{own:?} {wish:?}");
                        refused += 1;
                    }
                }
            }
        }
        assert!(issued > 300 && refused > 300, "{issued} {refused}");
    }

    fn all<A: Copy, B: Clone, C: Copy>(a: &[A], b: &[B], c: &[C]) -> Vec<(A, B, C)> {
        let pairs = a.iter().flat_map(|a| b.iter().map(move |b| (*a, b.clone())));
        pairs.flat_map(|(a, b)| c.iter().map(move |c| (a, b.clone(), *c))).collect()
    }

    #[test]
    fn the_error_says_what_is_exceeded() {
        let narrow = Limits { scope: Scope::Report, repositories: ids(&[1]), ends_at: Some(at(60)) };
        let issue = |scope, list, lifetime| narrow.issue(scope, list, lifetime).unwrap_err();
        assert_eq!(
            issue(Scope::Full, ids(&[1]), Lifetime::LikeCreator),
            Error::InsufficientScope { needed: Scope::Full }
        );
        assert_eq!(issue(Scope::Report, None, Lifetime::LikeCreator), Error::Forbidden);
        assert_eq!(issue(Scope::Read, ids(&[1, 2]), Lifetime::LikeCreator), Error::Forbidden);
        for lifetime in [Lifetime::Unlimited, Lifetime::Until(at(61))] {
            assert_eq!(issue(Scope::Read, ids(&[1]), lifetime), Error::Outlives { ends_at: at(60) });
        }
    }
}
