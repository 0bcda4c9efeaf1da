//! The errors of the domain. They have no status codes and no texts: each dialect adds both, from one
//! catalogue.

use crate::model::roles::Scope;
use std::borrow::Cow;
use std::fmt;

/// An invalid value in a request: the field and its problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// The name of the field or parameter, as the sender wrote it.
    pub field: Cow<'static, str>,
    /// Why the value is refused.
    pub problem: Problem,
}

impl Invalid {
    /// The error for `field`.
    pub fn new(field: impl AsRef<str>, problem: Problem) -> Self {
        Self { field: Cow::Owned(field.as_ref().to_owned()), problem }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}': {}", self.field, self.problem)
    }
}

impl std::error::Error for Invalid {}

/// Why a value is refused. The error catalogue has the texts in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// A required field is absent or null.
    Missing,
    /// This field and `other` are absent or null; one of the two is required.
    NeitherOf {
        /// The other field.
        other: &'static str,
    },
    /// The text is empty or only white space.
    Blank,
    /// Not an integer.
    NotInteger,
    /// A number outside its range.
    OutOfRange {
        /// The least allowed value.
        min: i64,
        /// The greatest allowed value.
        max: i64,
    },
    /// A value of the wrong JSON type.
    WrongType {
        /// The expected type: `string`, `number`, `boolean`, `object`...
        wanted: &'static str,
    },
    /// The text is longer than allowed.
    TooLong {
        /// The greatest length, in characters.
        max: usize,
    },
    /// There are more items than allowed.
    TooMany {
        /// The greatest number of items.
        max: usize,
    },
    /// The text contains a control character.
    ControlCharacter,
    /// The bytes are not UTF-8.
    NotUtf8,
    /// Not an absolute http or https URL.
    NotHttpUrl,
    /// Not one of the allowed values.
    NotOneOf {
        /// The allowed values.
        allowed: &'static [&'static str],
    },
    /// Not an RFC 3339 time with a time zone.
    NotTimestamp,
    /// Neither an RFC 3339 time with a time zone nor `report:` and the number of a report.
    NotMoment,
    /// A time in the future.
    InFuture,
    /// A moment before the first state that is kept.
    NotKept {
        /// The time of that state.
        since: jiff::Timestamp,
    },
    /// A time before the time of `other`.
    Before {
        /// The field with the earlier limit.
        other: &'static str,
    },
    /// Not a full commit id of 40 or 64 hexadecimal digits.
    NotSha,
    /// Neither a commit id nor a prefix of one.
    NotShaPrefix {
        /// The least number of digits of a prefix.
        min: usize,
    },
    /// Not 32 hexadecimal digits.
    NotHex32,
    /// Not 64 lower-case hexadecimal digits.
    NotHex64,
    /// Not the `Authorization` header of a signed request.
    NotSigned {
        /// The fault, in English.
        detail: String,
    },
    /// Not a name. A name consists of letters, digits, `-`, `_` and `.`.
    NotName,
    /// Not JSON, or JSON of the wrong form.
    NotJson {
        /// The message of the parser, in English, with the position.
        detail: String,
    },
    /// Not TOML.
    NotToml {
        /// The message of the parser, in English.
        detail: String,
    },
    /// Contradicts another value.
    Contradicts {
        /// The field with the other value.
        other: &'static str,
    },
    /// Refers to something that does not exist.
    Unknown,
    /// The request has no such field.
    UnknownField,
    /// Not a path of a file in a repository: it is absolute, or has a part `..`.
    NotRelativePath,
    /// Not a pattern of a name: a `\` precedes a character other than `*` and `\`.
    NotPattern,
    /// Is already in use.
    Taken,
    /// Occurs twice.
    Twice,
    /// The password is too short.
    WeakPassword,
    /// The password of the signed-in user is wrong.
    WrongPassword,
    /// Administrators cannot remove their own administrator rights or disable themselves.
    OwnRights,
    /// Not a URL for webhooks: absolute, http or https, with a host in its usual spelling, without user and
    /// fragment.
    NotWebhookUrl,
    /// A base URL with a query.
    HasQuery,
    /// An address in a network that webhooks may not reach.
    NotPublic,
    /// Not a project of a forge: `owner/name`, or for GitLab an id or a path.
    NotProject,
    /// Not a secret of a webhook: `whsec_` and the base64 of 24 to 64 bytes.
    NotSecret,
    /// Refers to something that is disabled.
    Disabled,
    /// Enables a webhook whose user, by whose rights messages are sent, may not read the repository.
    NoAccess,
    /// Names no user who manages the repository.
    NotManager,
    /// Refers to a destination whose forge limits the rate.
    Paused {
        /// The end of the pause.
        until: jiff::Timestamp,
    },
    /// Not an IPv4 or IPv6 address.
    NotAddress,
    /// Not a duration ([`crate::model::durations`]), or one outside the range of a policy.
    NotDuration,
    /// A retention period without a unit.
    NoUnit {
        /// The number.
        number: String,
    },
}

/// For the log, in English. People get the text of the error catalogue.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("it is required"),
            Self::NeitherOf { other } => write!(f, "either it or '{other}' is required"),
            Self::Blank => f.write_str("it is empty"),
            Self::NotInteger => f.write_str("it is not an integer"),
            Self::OutOfRange { min, max } => write!(f, "it is not between {min} and {max}"),
            Self::WrongType { wanted } => write!(f, "it is not of type {wanted}"),
            Self::TooLong { max } => write!(f, "it is longer than {max} characters"),
            Self::TooMany { max } => write!(f, "there are more than {max}"),
            Self::NotOneOf { allowed } => write!(f, "it is not one of: {}", allowed.join(", ")),
            Self::NotSigned { detail } => write!(f, "it is not that of a signed request: {detail}"),
            Self::NotJson { detail } => write!(f, "it is not valid JSON: {detail}"),
            Self::NotToml { detail } => write!(f, "it is not valid TOML: {detail}"),
            Self::Contradicts { other } => write!(f, "it contradicts '{other}'"),
            Self::Before { other } => write!(f, "it is before '{other}'"),
            Self::NotName => f.write_str("it has other characters than letters, digits, '-', '_' and '.'"),
            Self::NotPattern => {
                f.write_str("a backslash precedes a character other than '*' and a backslash")
            }
            Self::NotRelativePath => f.write_str("it is absolute, or has a part '..'"),
            Self::NotMoment => f.write_str("it is neither a time nor 'report:' and a number"),
            Self::InFuture => f.write_str("it is in the future"),
            Self::NotKept { since } => write!(f, "it is before {since}, and nothing earlier is kept"),
            Self::Unknown => f.write_str("it does not exist"),
            Self::UnknownField => f.write_str("there is no such field"),
            Self::Taken => f.write_str("it is already taken"),
            Self::Twice => f.write_str("it is specified twice"),
            Self::Disabled => f.write_str("it is disabled"),
            Self::NoAccess => f.write_str("the user by whose rights it sends may not read the repository"),
            Self::NotManager => f.write_str("no user of this name manages the repository"),
            _ => f.write_str("it is not valid"),
        }
    }
}

/// Why a credential was refused. It is for the log, and for the messages that the gateway of CodeArts
/// returns; other responses do not contain it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthFailure {
    /// The request has no credential.
    Missing,
    /// The token is unknown, revoked or expired, or its user is disabled. The text is for the log.
    Token(&'static str),
    /// The dialect does not accept this kind of credential.
    WrongKind,
    /// The header `Authorization` cannot be parsed.
    Malformed(String),
    /// The time of the signature differs by more than 15 minutes from the time of the server.
    SignatureExpired {
        /// `X-Sdk-Date` as sent.
        signed: String,
        /// The time of the server in the same format.
        server: String,
    },
    /// The signature does not match, or the key is unknown or disabled. The response does not distinguish the cases.
    Signature {
        /// The canonical request of the server, lines joined by `|`.
        canonical_request: String,
        /// The exact cause, for the log only.
        reason: &'static str,
    },
    /// The signature matches, and its temporary access key has expired.
    KeyExpired {
        /// The time of expiry, RFC 3339.
        at: String,
    },
    /// Too many wrong signatures in a row: this key is locked for this address for a while.
    Locked,
    /// The name or the password is wrong.
    Password,
    /// Too many wrong passwords: passwords are not checked for a while, for this name from this address or for
    /// any name from it.
    PasswordLocked {
        /// How long, in seconds.
        seconds: u32,
    },
    /// The token exists and cannot be used. The response is the same as for an unknown token.
    TokenUnusable {
        /// Why: it has expired, or its user is disabled.
        cause: &'static str,
        /// The id of the token.
        id: i64,
        /// The name of its user.
        user: String,
    },
    /// The account of an identity provider does not sign in.
    Identity {
        /// The id of the provider, or the issuer of a trusted header.
        provider: String,
        /// Why, for the log only.
        reason: String,
    },
    /// The signature matches and was used before, for a request that changes something.
    Replayed,
}

/// For the log, in English.
impl fmt::Display for AuthFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("there is no credential"),
            Self::Token(reason) | Self::TokenUnusable { cause: reason, .. } => {
                write!(f, "the token is refused: {reason}")
            }
            Self::WrongKind => f.write_str("the API does not accept this kind of credential"),
            Self::Malformed(detail) => write!(f, "the header Authorization cannot be parsed: {detail}"),
            Self::SignatureExpired { signed, server } => {
                write!(f, "the signature of {signed} has expired; the time of the server is {server}")
            }
            Self::Signature { reason, .. } => write!(f, "the signature is refused: {reason}"),
            Self::KeyExpired { at } => write!(f, "the temporary access key has expired at {at}"),
            Self::Locked => f.write_str("the access key is locked for this address"),
            Self::Password => f.write_str("the name or the password is wrong"),
            Self::PasswordLocked { seconds } => {
                write!(f, "passwords for the name are not checked for this address for {seconds} s")
            }
            Self::Identity { provider, reason } => {
                write!(f, "the sign-in with {provider} is refused: {reason}")
            }
            Self::Replayed => f.write_str("the signature was used before"),
        }
    }
}

/// The error of every operation of the domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The caller is not authenticated.
    Unauthenticated(AuthFailure),
    /// The request has more than one credential.
    ManyCredentials,
    /// The caller is authenticated and not allowed to do this.
    Forbidden,
    /// The repository does not exist, or the caller may not see it.
    RepositoryNotFound,
    /// The repository has no such pipeline.
    PipelineNotFound,
    /// Another entity does not exist.
    NotFound {
        /// The kind of entity: `user`, `token`, `job`...
        noun: &'static str,
    },
    /// A value is invalid.
    Invalid(Invalid),
    /// The same `Idempotency-Key` was used with another body.
    KeyReused,
    /// The user of the caller is allowed to do this; the scope of the credential is too narrow.
    InsufficientScope {
        /// The narrowest sufficient scope.
        needed: Scope,
    },
    /// The credential of the caller expires before the credential that the caller requests.
    Outlives {
        /// When the credential expires.
        ends_at: jiff::Timestamp,
    },
    /// A form of another site, or of an address that the server does not know as its own.
    OtherOrigin {
        /// The origin of the page with the form; empty when the browser did not name it.
        sent: String,
        /// The address of the server, as far as the server knows.
        expected: String,
        /// The address of the reverse proxy whose headers are ignored, because no setting names it.
        ignored_proxy: Option<std::net::IpAddr>,
    },
    /// This client uses its share of a resource: retry later.
    Throttled {
        /// How long to wait, in seconds.
        seconds: u32,
    },
    /// The request body is larger than allowed.
    TooLarge {
        /// The greatest length, in bytes.
        max: usize,
    },
    /// The queue is full: retry after a second.
    Overloaded,
    /// The store is unavailable. It is unknown whether a write was committed. The text is for the log.
    Unavailable(String),
    /// The database is damaged: the store can be read, and refuses writes.
    Damaged,
    /// An internal error. The text is for the log.
    Internal(String),
}

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

/// For the log, in English. People get the text of the error catalogue.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unauthenticated(failure) => failure.fmt(f),
            Self::ManyCredentials => f.write_str("the request has more than one credential"),
            Self::Forbidden => f.write_str("the caller is not allowed to do this"),
            Self::RepositoryNotFound => f.write_str("no such repository"),
            Self::PipelineNotFound => f.write_str("no such pipeline"),
            Self::NotFound { noun } => write!(f, "no such {noun}"),
            Self::Invalid(invalid) => invalid.fmt(f),
            Self::KeyReused => f.write_str("the Idempotency-Key was used with another body"),
            Self::InsufficientScope { needed } => {
                write!(f, "the scope of the token is too narrow: {} is needed", needed.as_str())
            }
            Self::Outlives { ends_at } => {
                write!(f, "the credential ends at {ends_at}, before what it would create")
            }
            Self::OtherOrigin { sent, expected, .. } => {
                write!(f, "a form of {sent:?} was sent, and {expected:?} is expected")
            }
            Self::Throttled { .. } => f.write_str("the client exceeds its share"),
            Self::TooLarge { max } => write!(f, "the request body has more than {max} bytes"),
            Self::Overloaded => f.write_str("the server is overloaded"),
            Self::Damaged => f.write_str("the database is damaged, so the server does not write"),
            Self::Unavailable(text) | Self::Internal(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for Error {}

/// The result of every fallible operation of the domain.
pub type Result<T, E = Error> = std::result::Result<T, E>;
