//! Rights that groups of an identity give: administrator, and roles by path of repositories. They end if the identity
//! does not sign in again in time.

use crate::error::{Invalid, Problem};
use crate::model::roles::Role;
use crate::model::text;
use jiff::Timestamp;

/// Which repositories a role is for: a path (`team/api`), all below one (`team/*`), or all (`*`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PathPattern(String);

impl PathPattern {
    /// Parses a pattern.
    ///
    /// # Errors
    /// [`Problem::NotPattern`] for a `*` elsewhere than at the end, alone or after a `/`.
    pub fn parse(field: &str, pattern: &str) -> Result<Self, Invalid> {
        let pattern = text::single_line(field, pattern, text::NAME_MAX)?;
        let fixed = pattern.strip_suffix('*').unwrap_or(&pattern);
        let is_exact = fixed.len() == pattern.len();
        let is_valid = !fixed.contains('*') && (is_exact || fixed.is_empty() || fixed.ends_with('/'));
        if is_valid { Ok(Self(pattern)) } else { Err(Invalid::new(field, Problem::NotPattern)) }
    }

    /// The pattern as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The beginning of the paths that match, with its `/`; `None` for a pattern that matches one path.
    pub fn prefix(&self) -> Option<&str> {
        self.0.strip_suffix('*')
    }

    /// Whether a repository of this path matches.
    pub fn matches(&self, path: &str) -> bool {
        self.prefix().map_or(path == self.0, |prefix| path.starts_with(prefix))
    }
}

/// The rights that groups give.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rights {
    /// The user is an administrator.
    pub admin: bool,
    /// Roles in repositories. The highest of those that match counts.
    pub roles: Vec<(PathPattern, Role)>,
}

impl Rights {
    /// The role in a repository of this path.
    pub fn role(&self, path: &str) -> Option<Role> {
        self.roles.iter().filter(|(pattern, _)| pattern.matches(path)).map(|(_, role)| *role).max()
    }
}

/// Whether `new` has less than `old`: the user is no administrator any more, or a pattern has a lower role or none.
pub fn is_narrower(new: &Rights, old: &Rights) -> bool {
    let has = |(pattern, role): &(PathPattern, Role)| {
        new.roles.iter().any(|(known, given)| known == pattern && given >= role)
    };
    (old.admin && !new.admin) || !old.roles.iter().all(has)
}

/// The rights of one identity of a user, and their end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRights {
    /// The id of the identity.
    pub identity: i64,
    /// The rights.
    pub rights: Rights,
    /// Their end, if the identity does not sign in before. Tokens that were created in its sessions are not accepted
    /// after it either.
    pub until: Timestamp,
}

/// The rights that have not ended at `now`.
pub fn rights_at(rights: Vec<GroupRights>, now: Timestamp) -> Vec<GroupRights> {
    rights.into_iter().filter(|rights| now < rights.until).collect()
}

/// The earliest end of these rights.
pub fn granted_until(rights: &[GroupRights]) -> Option<Timestamp> {
    rights.iter().map(|rights| rights.until).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rights(admin: bool, roles: &[(&str, Role)]) -> Rights {
        let pattern = |text| PathPattern::parse("roles", text).unwrap();
        Rights { admin, roles: roles.iter().map(|(text, role)| (pattern(text), *role)).collect() }
    }

    #[test]
    fn a_pattern_matches_a_path_or_all_below_it() {
        for (pattern, path, expected) in [
            ("team/api", "team/api", true),
            ("team/api", "team/api2", false),
            ("team/*", "team/api", true),
            ("team/*", "team/sub/api", true),
            ("team/*", "team2/api", false),
            ("team/*", "team", false),
            ("*", "any/thing", true),
        ] {
            assert_eq!(
                PathPattern::parse("roles", pattern).unwrap().matches(path),
                expected,
                "{pattern} {path}"
            );
        }
        for bad in ["", "te*m", "team*", "**", "*/x", "a\nb"] {
            assert!(PathPattern::parse("roles", bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_highest_role_that_matches_counts() {
        let rights =
            rights(false, &[("*", Role::Read), ("team/*", Role::Manage), ("team/api", Role::Report)]);
        let role = |path| rights.role(path);
        assert_eq!((role("team/api"), role("other/x")), (Some(Role::Manage), Some(Role::Read)));
        assert_eq!(Rights::default().role("team/api"), None);
    }

    #[test]
    fn rights_are_narrower_if_any_of_them_is_missing_or_lower() {
        let old = rights(true, &[("a/*", Role::Report)]);
        for (new, expected) in [
            (old.clone(), false),
            (rights(true, &[("a/*", Role::Manage), ("b/*", Role::Read)]), false),
            (rights(false, &[("a/*", Role::Report)]), true),
            (rights(true, &[("a/*", Role::Read)]), true),
            (rights(true, &[("b/*", Role::Manage)]), true),
        ] {
            assert_eq!(is_narrower(&new, &old), expected, "{new:?}");
        }
        assert!(!is_narrower(&old, &Rights::default()));
    }

    #[test]
    fn rights_end_at_their_time() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let of = |identity, second| GroupRights { identity, rights: rights(true, &[]), until: at(second) };
        let all = vec![of(1, 10), of(2, 20)];
        assert_eq!(granted_until(&all), Some(at(10)));
        assert_eq!(rights_at(all.clone(), at(9)).len(), 2);
        assert_eq!(rights_at(all.clone(), at(10)), [of(2, 20)]);
        assert_eq!(rights_at(all, at(20)), []);
    }
}
