//! What can go wrong, as meanings. No status codes and no wording: each dialect has its own of both, from one catalogue.

use crate::model::roles::Scope;
use std::borrow::Cow;
use std::fmt;

/// A value somebody sent that cannot be taken: which field, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// The field or parameter as the sender named it.
    pub field: Cow<'static, str>,
    /// Why it is refused.
    pub problem: Problem,
}

impl Invalid {
    /// Names the field and its problem.
    pub fn new(field: impl AsRef<str>, problem: Problem) -> Self {
        Self { field: Cow::Owned(field.as_ref().to_owned()), problem }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}': {:?}", self.field, self.problem)
    }
}

impl std::error::Error for Invalid {}

/// Why a value is refused. The catalogue has the words, in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Required and absent (or null).
    Missing,
    /// Absent (or null), and so is the other; one of the two is required.
    NeitherOf {
        /// The other field.
        other: &'static str,
    },
    /// Present and empty, or only white space.
    Blank,
    /// Not an integer.
    NotInteger,
    /// An integer or number outside its range.
    OutOfRange {
        /// Least allowed value.
        min: i64,
        /// Greatest allowed value.
        max: i64,
    },
    /// Of another JSON type than the named one.
    WrongType {
        /// The wanted type: `string`, `number`, `boolean`, `object`...
        wanted: &'static str,
    },
    /// Longer than allowed.
    TooLong {
        /// Greatest length, in characters.
        max: usize,
    },
    /// More items than allowed.
    TooMany {
        /// Greatest number of items.
        max: usize,
    },
    /// Contains a control character.
    ControlCharacter,
    /// Not an absolute http or https URL.
    NotHttpUrl,
    /// Not one of the allowed words.
    NotOneOf {
        /// The allowed words.
        allowed: &'static [&'static str],
    },
    /// Not an RFC 3339 time with a zone.
    NotTimestamp,
    /// Further in the future than a wrong clock explains.
    InFuture,
    /// Earlier than the field it must follow.
    Before {
        /// The field it must not precede.
        other: &'static str,
    },
    /// A time that this status cannot have.
    NotForStatus {
        /// The status said beside it.
        status: &'static str,
    },
    /// Not a full commit id of 40 or 64 hexadecimal digits.
    NotSha,
    /// Neither a commit id nor the beginning of one.
    NotShaPrefix {
        /// The fewest digits of a beginning.
        min: usize,
    },
    /// Not 32 hexadecimal digits.
    NotHex32,
    /// Not 64 lower-case hexadecimal digits.
    NotHex64,
    /// Not the Authorization header of a signed request.
    NotSigned {
        /// What is wrong with it, in English.
        detail: String,
    },
    /// Not a name: letters, digits, `-`, `_`, `.` and no other characters.
    NotName,
    /// Not JSON, or not the JSON that is wanted here.
    NotJson {
        /// What the parser said, in English, with the place.
        detail: String,
    },
    /// Contradicts another value: names the other.
    Contradicts {
        /// What it must agree with.
        other: &'static str,
    },
    /// Names something that does not exist.
    Unknown,
    /// Is already taken by another.
    Taken,
    /// Given twice.
    Twice,
    /// A password too easy to guess.
    WeakPassword,
    /// It would take from administrators what they are administrators by.
    OwnRights,
    /// Not a URL that webhooks are sent to: absolute, http or https, a host in usual spelling, without user and fragment.
    NotWebhookUrl,
    /// An address within a network that webhooks may not reach.
    NotPublic,
    /// Not a webhook's secret: `whsec_` and the base64 of 24 to 64 bytes.
    NotSecret,
    /// Names something that is disabled.
    Disabled,
    /// Not a duration as people write them, a number and a unit, or one beyond what a policy's limits may be.
    NotDuration,
}

/// Why a credential was refused. For the log and for the messages that the real gateway gives; never more outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthFailure {
    /// No credential on the request.
    Missing,
    /// A token that is unknown, revoked, expired, or of a disabled user.
    Token(&'static str),
    /// A kind of credential that this dialect does not take.
    WrongKind,
    /// `Authorization` is there and cannot be read.
    Malformed(String),
    /// The signature's time is more than 15 minutes off.
    SignatureExpired {
        /// `X-Sdk-Date` as sent.
        signed: String,
        /// The server's time in the same form.
        server: String,
    },
    /// The signature does not fit, or the key is unknown or disabled: outside, these are the same.
    Signature {
        /// The server's canonical request, lines joined by `|`.
        canonical_request: String,
        /// What is true, for the log only.
        reason: &'static str,
    },
    /// The signature fits, and its temporary access key has expired.
    KeyExpired {
        /// When, RFC 3339.
        at: String,
    },
    /// Too many signatures in a row did not fit: this key is not heard from this address for a while.
    Locked,
    /// Name or password is wrong.
    Password,
    /// Too many passwords in a row were wrong: none for this name is heard from this address for a while.
    PasswordLocked,
}

/// The one error of the domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// Nobody we know asks.
    Unauthenticated(AuthFailure),
    /// More than one credential on one request.
    ManyCredentials,
    /// Known, and not allowed to do this.
    Forbidden,
    /// No such repository, or none that this caller may see.
    RepositoryNotFound,
    /// No such pipeline in this repository.
    PipelineNotFound,
    /// No such thing.
    NotFound {
        /// The noun: `user`, `token`, `job`...
        noun: &'static str,
    },
    /// One value is refused.
    Invalid(Invalid),
    /// The same `Idempotency-Key` came with another body.
    KeyReused,
    /// The caller's user may do this here; the token they showed may not.
    InsufficientScope {
        /// The least scope that would do.
        needed: Scope,
    },
    /// The body is larger than allowed.
    TooLarge {
        /// Greatest length, in bytes.
        max: usize,
    },
    /// More is waiting than can be taken: try again in a second.
    Overloaded,
    /// The store cannot answer; whether a write happened is unknown. The text is for the log.
    Unavailable(String),
    /// A fault of ours. The text is for the log.
    Internal(String),
}

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(invalid) => invalid.fmt(f),
            Self::Unavailable(text) | Self::Internal(text) => f.write_str(text),
            other => write!(f, "{other:?}"),
        }
    }
}

impl std::error::Error for Error {}

/// What every fallible operation of the domain answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;
