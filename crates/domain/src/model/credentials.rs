//! What a credential may do and how long, and the rule for what is created with it: a credential never creates
//! one that may do more or lives longer than itself.

use super::ids::RepositoryId;
use super::roles::Scope;
use crate::error::{Error, Result};
use jiff::Timestamp;

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
        let scopes = [Scope::Read, Scope::Report, Scope::Full];
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
