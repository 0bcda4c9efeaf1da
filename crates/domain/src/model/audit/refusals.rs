//! Refused requests, summed up so that a flood of them makes few entries.

use super::Action;
use crate::error::{AuthFailure, Error};
use crate::model::credentials::CredentialId;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::net::IpAddr;

/// Maximum number of different refusals between two summaries.
const KEYS_MAX: usize = 100;
/// Maximum number of different names of one address and reason between two summaries.
const NAMES_MAX: usize = 20;
/// Most entries per hour that distinguish addresses and names; further refusals are summed up by their reason.
pub const ROWS_PER_HOUR_MAX: usize = 500;

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident $name:literal $action:ident,)*) => {
        /// Why a request was refused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum RefusalReason {
            $($(#[$doc])* $variant,)*
        }

        impl RefusalReason {
            /// The names of the variants, in order.
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            /// The name.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The variant with this name.
            pub fn parse(name: &str) -> Option<Self> {
                [$(Self::$variant),*].into_iter().find(|reason| reason.as_str() == name)
            }

            /// The action of its entries.
            pub const fn action(self) -> Action {
                match self {
                    $(Self::$variant => Action::$action,)*
                }
            }
        }
    };
}

reasons! {
    /// The name or the password is wrong, or the user is disabled.
    Password "password" SignInRefused,
    /// Too many wrong passwords: none was checked.
    PasswordLocked "password_locked" SignInRefused,
    /// A sign-in with an identity provider or the header of a proxy fails.
    Identity "identity" SignInRefused,
    /// The token is unknown or revoked.
    Token "token" CredentialRefused,
    /// The token has expired, or its user is disabled.
    TokenUnusable "token_unusable" CredentialRefused,
    /// The signature does not match, or the key is unknown or disabled.
    Signature "signature" CredentialRefused,
    /// The time of the signature is too far from that of the server.
    SignatureExpired "signature_expired" CredentialRefused,
    /// The temporary key has expired.
    KeyExpired "key_expired" CredentialRefused,
    /// Too many wrong signatures: none was checked.
    KeyLocked "key_locked" CredentialRefused,
    /// The signed request was sent before.
    Replayed "replayed" CredentialRefused,
    /// The credential cannot be parsed, is of another kind, or is one of several.
    Malformed "malformed" CredentialRefused,
    /// Too many requests.
    Throttled "throttled" CredentialRefused,
    /// The role of the user does not suffice.
    Forbidden "forbidden" AccessRefused,
    /// The scope of the credential does not suffice.
    Scope "scope" AccessRefused,
    /// The credential would create one that outlives it.
    Outlives "outlives" AccessRefused,
    /// The page that sent the request is of another site.
    OtherOrigin "other_origin" AccessRefused,
}

impl RefusalReason {
    /// The reason of an error; `None`: it is none about credentials or permissions. A request without a credential is
    /// not refused, it is asked for one.
    pub const fn of(error: &Error) -> Option<Self> {
        Some(match error {
            Error::Unauthenticated(failure) => match failure {
                AuthFailure::Missing => return None,
                AuthFailure::Token(_) => Self::Token,
                AuthFailure::TokenUnusable { .. } => Self::TokenUnusable,
                AuthFailure::WrongKind | AuthFailure::Malformed(_) => Self::Malformed,
                AuthFailure::SignatureExpired { .. } => Self::SignatureExpired,
                AuthFailure::Signature { .. } => Self::Signature,
                AuthFailure::KeyExpired { .. } => Self::KeyExpired,
                AuthFailure::Locked => Self::KeyLocked,
                AuthFailure::Password => Self::Password,
                AuthFailure::PasswordLocked { .. } => Self::PasswordLocked,
                AuthFailure::Replayed => Self::Replayed,
                AuthFailure::Identity { .. } => Self::Identity,
            },
            Error::ManyCredentials => Self::Malformed,
            Error::Throttled { .. } => Self::Throttled,
            Error::Forbidden => Self::Forbidden,
            Error::InsufficientScope { .. } => Self::Scope,
            Error::Outlives { .. } => Self::Outlives,
            Error::OtherOrigin { .. } => Self::OtherOrigin,
            _ => return None,
        })
    }
}

/// Refused requests of one address, reason and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The address; `None`: it is unknown, or several.
    pub address: Option<IpAddr>,
    /// Why.
    pub reason: RefusalReason,
    /// The name that the client gave, which may be none of a user, and even a secret in the wrong field: it is stored
    /// only if a user has it.
    pub claimed_user: Option<String>,
    /// The credential that the client gave. It is stored only if it exists.
    pub claimed_credential: Option<CredentialId>,
    /// The id of the last request.
    pub request_id: Option<String>,
    /// The first and the last time.
    pub times: (Timestamp, Timestamp),
    /// How many.
    pub count: u64,
}

type Key = (Option<IpAddr>, RefusalReason, Option<String>, Option<(&'static str, Option<String>)>);

/// Counts refusals between two summaries. Its memory and its results are bounded, whatever clients send.
#[derive(Debug, Default)]
pub struct RefusalSummary {
    counts: HashMap<Key, Refusal>,
    /// The number of keys of an address and reason.
    names: HashMap<(Option<IpAddr>, RefusalReason), usize>,
    /// The hour that has begun, and its number of entries.
    hour: Option<(Timestamp, usize)>,
}

impl RefusalSummary {
    /// Counts a refusal.
    pub fn add(&mut self, refusal: Refusal) {
        let names = |refusal: &Refusal| {
            let credential = refusal.claimed_credential.as_ref().map(super::credential_names);
            (refusal.address, refusal.reason, refusal.claimed_user.clone(), credential)
        };
        let mut refusal = refusal;
        let mut key = names(&refusal);
        if !self.counts.contains_key(&key) {
            let of_address = self.names.get(&(refusal.address, refusal.reason)).copied().unwrap_or_default();
            if of_address >= NAMES_MAX {
                (refusal.claimed_user, refusal.claimed_credential) = (None, None);
                key = names(&refusal);
            }
            if !self.counts.contains_key(&key) && self.counts.len() >= self.keys_left(refusal.times.1) {
                refusal.address = None;
                (refusal.claimed_user, refusal.claimed_credential) = (None, None);
                key = names(&refusal);
            }
        }
        match self.counts.get_mut(&key) {
            Some(known) => {
                known.count += refusal.count;
                known.times.1 = known.times.1.max(refusal.times.1);
                known.request_id = refusal.request_id;
            }
            None => {
                *self.names.entry((key.0, key.1)).or_default() += 1;
                self.counts.insert(key, refusal);
            }
        }
    }

    /// The refusals since the last call, the first ones first.
    pub fn take(&mut self, now: Timestamp) -> Vec<Refusal> {
        self.names.clear();
        let mut taken: Vec<Refusal> = self.counts.drain().map(|(_, refusal)| refusal).collect();
        taken.sort_by_key(|refusal| (refusal.times.0, refusal.reason));
        match &mut self.hour {
            Some((since, rows)) if is_in_hour(*since, now) => *rows += taken.len(),
            hour => *hour = Some((now, taken.len())),
        }
        taken
    }

    /// Refusals that were taken and could not be stored are counted again.
    pub fn put_back(&mut self, refusals: Vec<Refusal>) {
        if let Some((_, rows)) = &mut self.hour {
            *rows = rows.saturating_sub(refusals.len());
        }
        refusals.into_iter().for_each(|refusal| self.add(refusal));
    }

    /// The number of keys that are admitted at `now`.
    fn keys_left(&self, now: Timestamp) -> usize {
        let used = self.hour.filter(|(since, _)| is_in_hour(*since, now)).map_or(0, |(_, rows)| rows);
        KEYS_MAX.min(ROWS_PER_HOUR_MAX.saturating_sub(used))
    }
}

/// Whether `now` is in the hour from `since`. A clock that was set back begins an hour too.
fn is_in_hour(since: Timestamp, now: Timestamp) -> bool {
    now >= since && now.duration_since(since) < SignedDuration::from_hours(1)
}
