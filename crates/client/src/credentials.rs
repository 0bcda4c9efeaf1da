//! The credentials of a client: a token in `X-Auth-Token`, or an access key that signs each request.
//!
//! Must not know: where credentials are stored; how the server checks them.

use std::fmt;

/// A credential. Its `Debug` output hides secrets.
#[derive(Clone, PartialEq, Eq)]
pub enum Credentials {
    /// A personal token or an IAM token.
    Token(String),
    /// An access key and its secret, for `SDK-HMAC-SHA256`.
    AccessKey {
        /// The AK.
        access: String,
        /// The SK.
        secret: String,
    },
}

impl Credentials {
    /// A personal token or an IAM token.
    pub fn token(token: impl Into<String>) -> Self {
        Self::Token(token.into())
    }

    /// An access key and its secret.
    pub fn access_key(access: impl Into<String>, secret: impl Into<String>) -> Self {
        Self::AccessKey { access: access.into(), secret: secret.into() }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(_) => f.write_str("Token(****)"),
            Self::AccessKey { access, .. } => write!(f, "AccessKey({access}, ****)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Credentials;

    #[test]
    fn debug_hides_secrets() {
        let text = format!("{:?} {:?}", Credentials::token("hush"), Credentials::access_key("AK1", "hush"));
        assert!(text.contains("AK1") && !text.contains("hush"), "{text}");
    }
}
