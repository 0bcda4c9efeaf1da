//! Identifiers. Public ids are integers 1..=2147483647, because the Go and Java SDKs store them in 32 bits. Pipeline,
//! stage and job ids are counted per repository.

use crate::error::{Invalid, Problem};
use std::fmt;

/// The greatest id: the SDKs use `int32`.
pub const MAX_ID: i32 = i32::MAX;

/// The greatest pipeline, stage or job id of an import. Later ids are greater, because lists are in order of
/// id; a hundred million remain for them.
pub const IMPORTED_ID_MAX: i32 = MAX_ID - 100_000_000;

/// Checks an id of an import.
///
/// # Errors
/// [`Problem::OutOfRange`] outside 1..=[`IMPORTED_ID_MAX`].
pub fn imported_id(field: &str, value: i64) -> Result<i64, Invalid> {
    match value {
        1.. if value <= i64::from(IMPORTED_ID_MAX) => Ok(value),
        _ => Err(Invalid::new(field, Problem::OutOfRange { min: 1, max: IMPORTED_ID_MAX.into() })),
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $field:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i32);

        impl $name {
            /// The name of this id in requests and in errors.
            pub const FIELD: &'static str = $field;

            /// # Errors
            /// [`Problem::OutOfRange`] outside 1..=2147483647.
            pub fn new(value: i64) -> Result<Self, Invalid> {
                match i32::try_from(value) {
                    Ok(id) if id >= 1 => Ok(Self(id)),
                    _ => Err(Invalid::new($field, Problem::OutOfRange { min: 1, max: i64::from(MAX_ID) })),
                }
            }

            /// Parses decimal digits.
            ///
            /// # Errors
            /// [`Problem::NotInteger`] or [`Problem::OutOfRange`].
            pub fn parse(text: &str) -> Result<Self, Invalid> {
                Self::new(integer($field, text)?)
            }

            /// 1..=2147483647.
            pub const fn get(self) -> i32 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// A repository, unique in the installation.
    RepositoryId,
    "repository_id"
);
id!(
    /// A pipeline, unique in its repository.
    PipelineId,
    "pipeline_id"
);
id!(
    /// A stage, unique in its repository.
    StageId,
    "stage_id"
);
id!(
    /// An attempt of a job, unique in its repository.
    JobId,
    "job_id"
);
id!(
    /// A merge request, unique in its repository. The git host assigns it.
    MergeRequestIid,
    "merge_request_iid"
);
id!(
    /// A webhook, unique in the installation.
    WebhookId,
    "webhook_id"
);
id!(
    /// A destination, unique in the installation.
    DestinationId,
    "destination_id"
);
id!(
    /// A user, unique in the installation.
    UserId,
    "user_id"
);

/// Parses a decimal integer, as every dialect writes parameters: an optional `-` and digits. A number beyond
/// 64 bits becomes the least or greatest `i64`, so that it is out of range and not malformed.
///
/// # Errors
/// [`Problem::NotInteger`] for anything else.
pub fn integer(field: &str, text: &str) -> Result<i64, Invalid> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Invalid::new(field, Problem::NotInteger));
    }
    Ok(text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX }))
}

/// An id of 32 lower-case hexadecimal digits, as CodeArts uses for projects and uuids of repositories.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hex32(String);

impl Hex32 {
    /// # Errors
    /// [`Problem::NotHex32`] unless `text` is 32 hexadecimal digits (upper case becomes lower case).
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        if text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(Invalid::new(field, Problem::NotHex32))
        }
    }

    /// The id of 16 random bytes, or of 16 bytes of a digest.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(hex(&bytes))
    }

    /// The 32 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Hex32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_fit_into_32_bits() {
        assert_eq!(PipelineId::parse("1").unwrap().get(), 1);
        assert_eq!(PipelineId::parse("2147483647").unwrap().get(), MAX_ID);
        for out in ["0", "-1", "2147483648", "99999999999999999999999", "-99999999999999999999999"] {
            let error = PipelineId::parse(out).unwrap_err();
            assert_eq!(
                (error.field.as_ref(), &error.problem),
                ("pipeline_id", &Problem::OutOfRange { min: 1, max: 2147483647 }),
                "{out}"
            );
        }
        for bad in ["", "abc", "1.0", "+1", " 1", "0x1", "１", "-", "1e3"] {
            assert_eq!(PipelineId::parse(bad).unwrap_err().problem, Problem::NotInteger, "{bad:?}");
        }
    }

    #[test]
    fn hex32_has_32_lower_case_digits() {
        let id = Hex32::parse("project_id", "ABCDEF0123456789abcdef0123456789").unwrap();
        assert_eq!(id.as_str(), "abcdef0123456789abcdef0123456789");
        assert!(Hex32::parse("project_id", "abc").is_err());
        assert!(Hex32::parse("project_id", "gbcdef0123456789abcdef0123456789").is_err());
        assert_eq!(Hex32::from_bytes([0xab; 16]).as_str(), "ab".repeat(16));
    }
}
