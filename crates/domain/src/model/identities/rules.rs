//! Whom a provider signs in, and what the groups of a person give.

use super::rights::{PathPattern, Rights};
use crate::model::roles::Role;
use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::fmt;

/// The claims of a provider about a person. They were verified.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// The issuer.
    pub issuer: String,
    /// The account at the issuer.
    pub subject: String,
    /// The name that the person prefers. It is neither unique nor lasting.
    pub name: Option<String>,
    /// The email address.
    pub email: Option<String>,
    /// The provider has verified that the address belongs to the person.
    pub email_verified: bool,
    /// The groups.
    pub groups: Vec<String>,
}

impl Claims {
    /// The name or address for people, at most 255 characters of one line; else the subject.
    pub fn display(&self) -> String {
        let text = self.name.as_ref().or(self.email.as_ref()).unwrap_or(&self.subject);
        text.chars().filter(|c| !c.is_control()).take(super::SUBJECT_MAX).collect()
    }
}

/// A role that a group gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRole {
    /// The name of the group, exactly as the provider has it.
    pub group: String,
    /// The role.
    pub role: Role,
    /// The repositories.
    pub pattern: PathPattern,
}

/// The rules of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInRules {
    /// An account without a user gets a new one.
    pub create_users: bool,
    /// Only members of one of these groups sign in; empty: no restriction.
    pub allowed_groups: Vec<String>,
    /// Only verified addresses of these domains sign in; empty: no restriction.
    pub allowed_domains: Vec<String>,
    /// Members of one of these groups are administrators.
    pub admin_groups: Vec<String>,
    /// Roles of groups.
    pub roles: Vec<GroupRole>,
    /// The lifetime of a session.
    pub session: SignedDuration,
    /// How long rights of groups last after a sign-in, and tokens that were created in a session. At least as long as
    /// a session.
    pub rights: SignedDuration,
}

/// Why a verified person is not signed in. The text is for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdmissionRefused {
    /// The person is in none of the allowed groups.
    Group,
    /// The domain of the address is not allowed.
    Domain,
    /// The provider has not verified the address.
    EmailNotVerified,
    /// There is no user for the account, and the rules create none.
    NoUser,
    /// The user is disabled.
    Disabled,
    /// The response of the provider was used before.
    Replayed,
}

impl fmt::Display for AdmissionRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Group => "the account is in none of the allowed groups",
            Self::Domain => "the domain of the address is not allowed",
            Self::EmailNotVerified => "the provider has not verified the address",
            Self::NoUser => "no user is linked to the account, and users are not created",
            Self::Disabled => "the user is disabled",
            Self::Replayed => "the response of the provider was used before",
        })
    }
}

impl SignInRules {
    /// Decides whether the person may sign in.
    ///
    /// # Errors
    /// Why not.
    pub fn admit(&self, claims: &Claims) -> Result<(), AdmissionRefused> {
        if !self.allowed_groups.is_empty() && !is_member(claims, &self.allowed_groups) {
            return Err(AdmissionRefused::Group);
        }
        if self.allowed_domains.is_empty() {
            return Ok(());
        }
        let domain =
            claims.email.as_deref().and_then(|email| email.rsplit_once('@')).map(|(_, domain)| domain);
        let is_allowed =
            |domain: &str| self.allowed_domains.iter().any(|own| own.eq_ignore_ascii_case(domain));
        match domain {
            Some(domain) if is_allowed(domain) && claims.email_verified => Ok(()),
            Some(domain) if is_allowed(domain) => Err(AdmissionRefused::EmailNotVerified),
            _ => Err(AdmissionRefused::Domain),
        }
    }

    /// The rights that the groups of the person give: for each pattern the highest role.
    pub fn rights(&self, claims: &Claims) -> Rights {
        let mut roles = BTreeMap::new();
        for given in self.roles.iter().filter(|given| claims.groups.contains(&given.group)) {
            let role = roles.entry(given.pattern.clone()).or_insert(given.role);
            *role = (*role).max(given.role);
        }
        Rights { admin: is_member(claims, &self.admin_groups), roles: roles.into_iter().collect() }
    }
}

fn is_member(claims: &Claims, groups: &[String]) -> bool {
    claims.groups.iter().any(|group| groups.contains(group))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> SignInRules {
        let role = |group: &str, role, pattern| GroupRole {
            group: group.into(),
            role,
            pattern: PathPattern::parse("roles", pattern).unwrap(),
        };
        SignInRules {
            create_users: true,
            allowed_groups: Vec::new(),
            allowed_domains: Vec::new(),
            admin_groups: vec!["root".into()],
            roles: vec![
                role("dev", Role::Read, "*"),
                role("dev", Role::Report, "team/*"),
                role("lead", Role::Manage, "team/*"),
            ],
            session: SignedDuration::from_hours(8),
            rights: SignedDuration::from_hours(8),
        }
    }

    fn claims(groups: &[&str], email: Option<(&str, bool)>) -> Claims {
        Claims {
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            email: email.map(|(email, _)| email.to_owned()),
            email_verified: email.is_some_and(|(_, verified)| verified),
            ..Claims::default()
        }
    }

    #[test]
    fn groups_and_verified_domains_decide_who_signs_in() {
        use AdmissionRefused::*;
        let open = rules();
        let grouped = SignInRules { allowed_groups: vec!["dev".into()], ..rules() };
        let domain = SignInRules { allowed_domains: vec!["example.com".into()], ..rules() };
        for (rules, claims, expected) in [
            (&open, claims(&[], None), Ok(())),
            (&grouped, claims(&["dev"], None), Ok(())),
            (&grouped, claims(&["Dev", "devs"], None), Err(Group)),
            (&domain, claims(&[], Some(("a@EXAMPLE.com", true))), Ok(())),
            (&domain, claims(&[], Some(("a@example.com", false))), Err(EmailNotVerified)),
            (&domain, claims(&[], Some(("a@example.com.evil", true))), Err(Domain)),
            (&domain, claims(&[], Some(("example.com", true))), Err(Domain)),
            (&domain, claims(&[], None), Err(Domain)),
        ] {
            assert_eq!(rules.admit(&claims), expected, "{claims:?}");
        }
    }

    #[test]
    fn groups_give_the_highest_role_of_each_pattern() {
        let of = |groups: &[&str]| {
            let rights = rules().rights(&claims(groups, None));
            let roles = rights.roles.iter().map(|(pattern, role)| (pattern.as_str().to_owned(), *role));
            (rights.admin, roles.collect::<Vec<_>>())
        };
        let pair = |pattern: &str, role| (pattern.to_owned(), role);
        assert_eq!(of(&[]), (false, vec![]));
        assert_eq!(of(&["root"]), (true, vec![]));
        assert_eq!(of(&["dev"]), (false, vec![pair("*", Role::Read), pair("team/*", Role::Report)]));
        assert_eq!(of(&["lead", "dev"]), (false, vec![pair("*", Role::Read), pair("team/*", Role::Manage)]));
    }
}
