//! The claims of an ID token and of the userinfo endpoint about a person.

use openidconnect::core::CoreGenderClaim;
use openidconnect::{AdditionalClaims, IdTokenClaims, UserInfoClaims};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The greatest number of groups that count.
const GROUPS_MAX: usize = 2_000;

/// The claims that OpenID Connect does not define, such as groups.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct OtherClaims {
    #[serde(flatten)]
    all: Map<String, Value>,
}

impl AdditionalClaims for OtherClaims {}

impl OtherClaims {
    /// The time before which the token is not valid, in seconds since 1970.
    pub fn not_before(&self) -> Option<f64> {
        self.all.get("nbf").and_then(Value::as_f64)
    }

    /// The groups in this claim: a list, or one text. A name with dots is a path through objects, if no claim has the
    /// name itself. `None` without the claim.
    pub fn groups(&self, claim: &str) -> Option<Vec<String>> {
        let found = self.all.get(claim).or_else(|| {
            let (first, rest) = claim.split_once('.')?;
            rest.split('.').try_fold(self.all.get(first)?, |value, part| value.get(part))
        });
        match found? {
            Value::String(one) => Some(vec![one.clone()]),
            Value::Array(many) => {
                Some(many.iter().filter_map(Value::as_str).take(GROUPS_MAX).map(str::to_owned).collect())
            }
            _ => None,
        }
    }
}

/// The claims about a person, from the ID token first.
#[derive(Debug, Default)]
pub struct Person {
    pub name: Option<String>,
    pub email: Option<String>,
    pub email_verified: Option<bool>,
    pub groups: Option<Vec<String>>,
}

impl Person {
    pub fn of_token(claims: &IdTokenClaims<OtherClaims, CoreGenderClaim>, groups_claim: &str) -> Self {
        Self {
            name: claims.preferred_username().map(|name| name.as_str().to_owned()),
            email: claims.email().map(|email| email.as_str().to_owned()),
            email_verified: claims.email_verified(),
            groups: claims.additional_claims().groups(groups_claim),
        }
    }

    pub fn of_userinfo(claims: &UserInfoClaims<OtherClaims, CoreGenderClaim>, groups_claim: &str) -> Self {
        Self {
            name: claims.preferred_username().map(|name| name.as_str().to_owned()),
            email: claims.email().map(|email| email.as_str().to_owned()),
            email_verified: claims.email_verified(),
            groups: claims.additional_claims().groups(groups_claim),
        }
    }

    /// Whether the token contains all claims.
    pub fn is_complete(&self) -> bool {
        self.name.is_some() && self.email.is_some() && self.email_verified.is_some() && self.groups.is_some()
    }

    /// Adds the claims of another source. An address and its verification are from one source.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let (email, email_verified) = match &self.email {
            Some(email) if self.email_verified.is_none() && other.email.as_ref() == Some(email) => {
                (self.email, other.email_verified)
            }
            Some(_) => (self.email, self.email_verified),
            None => (other.email, other.email_verified),
        };
        Self { name: self.name.or(other.name), email, email_verified, groups: self.groups.or(other.groups) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_a_list_or_a_text_at_a_path() {
        let claims: OtherClaims = serde_json::from_str(
            r#"{"groups": ["a", 7, "b"], "role": "c", "realm_access": {"roles": ["d"]}, "x.y": ["e"], "n": 1}"#,
        )
        .unwrap();
        for (claim, expected) in [
            ("groups", Some(vec!["a", "b"])),
            ("role", Some(vec!["c"])),
            ("realm_access.roles", Some(vec!["d"])),
            ("x.y", Some(vec!["e"])),
            ("n", None),
            ("realm_access", None),
            ("realm_access.other", None),
            ("none", None),
        ] {
            let groups = claims.groups(claim);
            assert_eq!(
                groups.as_deref().map(|all| all.iter().map(String::as_str).collect()),
                expected,
                "{claim}"
            );
        }
    }

    #[test]
    fn an_address_is_verified_by_the_source_that_has_it() {
        let person = |email: Option<&str>, email_verified| Person {
            email: email.map(str::to_owned),
            email_verified,
            ..Person::default()
        };
        for (token, userinfo, expected) in [
            (person(Some("a"), Some(true)), person(Some("b"), Some(false)), (Some("a"), Some(true))),
            (person(Some("a"), None), person(Some("a"), Some(true)), (Some("a"), Some(true))),
            (person(Some("a"), None), person(Some("b"), Some(true)), (Some("a"), None)),
            (person(None, Some(true)), person(Some("b"), None), (Some("b"), None)),
        ] {
            let both = token.or(userinfo);
            assert_eq!((both.email.as_deref(), both.email_verified), expected);
        }
    }
}
