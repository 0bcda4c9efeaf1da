//! Signatures of webhooks by Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body`, in base64 after
//! `v1,`. Senders and receivers use the same functions. The messages are in
//! [`native::webhooks`](crate::native::webhooks).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::fmt;

/// The header with the message's id, which is the same for every attempt.
pub const ID_HEADER: &str = "webhook-id";
/// The header with the time of the attempt, in seconds since 1970.
pub const TIMESTAMP_HEADER: &str = "webhook-timestamp";
/// The header with the signatures, separated by spaces.
pub const SIGNATURE_HEADER: &str = "webhook-signature";

/// The prefix of every secret.
const PREFIX: &str = "whsec_";
/// The prefix of every signature: the version of the algorithm.
const VERSION: &str = "v1,";

/// The greatest difference between the clocks of sender and receiver, in seconds.
pub const TOLERANCE: i64 = 300;

/// Why a message is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerifyError {
    /// Its timestamp differs from now by more than [`TOLERANCE`], or is not a number.
    Timestamp,
    /// None of its signatures matches the secret.
    Signature,
    /// The secret is not `whsec_` and base64.
    Secret,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timestamp => "the time of the message is too far from now",
            Self::Signature => "no signature of the message fits",
            Self::Secret => "the secret is not whsec_ and base64",
        })
    }
}

impl std::error::Error for VerifyError {}

/// Formats a secret as `whsec_` and base64.
#[must_use]
pub fn write_secret(bytes: &[u8]) -> String {
    format!("{PREFIX}{}", STANDARD.encode(bytes))
}

/// Reads the bytes of a secret. `None` if it is not `whsec_` and base64.
#[must_use]
pub fn read_secret(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text.strip_prefix(PREFIX)?).ok()
}

/// The value of [`SIGNATURE_HEADER`]: a signature with each of the secrets.
#[must_use]
pub fn sign<'a>(
    secrets: impl IntoIterator<Item = &'a [u8]>,
    id: &str,
    timestamp: i64,
    body: &[u8],
) -> String {
    let sign = |secret| {
        let mac = mac(secret, id, &timestamp.to_string(), body).finalize().into_bytes();
        format!("{VERSION}{}", STANDARD.encode(mac))
    };
    secrets.into_iter().map(sign).collect::<Vec<_>>().join(" ")
}

/// Verifies that a message was signed with the secret and is recent. `id`, `timestamp` and `signatures` are
/// the values of its headers; `now` is in seconds since 1970. Compares signatures in constant time.
///
/// # Errors
/// Why the message is not accepted.
pub fn verify(
    secret: &str,
    id: &str,
    timestamp: &str,
    signatures: &str,
    body: &[u8],
    now: i64,
) -> Result<(), VerifyError> {
    let secret = read_secret(secret).ok_or(VerifyError::Secret)?;
    let sent: i64 = timestamp.parse().map_err(|_| VerifyError::Timestamp)?;
    if sent.abs_diff(now) > TOLERANCE.unsigned_abs() {
        return Err(VerifyError::Timestamp);
    }
    let matches = |signature: &str| {
        let bytes = signature.strip_prefix(VERSION).and_then(|text| STANDARD.decode(text).ok());
        bytes.is_some_and(|bytes| mac(&secret, id, timestamp, body).verify_slice(&bytes).is_ok())
    };
    // No sender has more secrets than this.
    if signatures.split(' ').take(16).any(matches) { Ok(()) } else { Err(VerifyError::Signature) }
}

fn mac(secret: &[u8], id: &str, timestamp: &str, body: &[u8]) -> Hmac<Sha256> {
    // RFC 2104 allows keys of any length, so this cannot fail.
    let mut mac = Hmac::new_from_slice(secret).expect("HMAC takes a key of any length");
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        mac.update(part);
    }
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Secret, id, time, body, signature. The first is the test vector of the specification's libraries; the
    /// others were computed with Python's hmac.
    const VECTORS: [(&str, &str, i64, &str, &str); 3] = [
        (
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
        (
            "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==",
            "msg_0123456789abcdef18bcfe568001ap",
            1_700_000_000,
            r#"{"type":"job.success","name":"任务1"}"#,
            "v1,FeWJrcSsOoZmFgEU6vCw1eQnnl9sWamuh6rnsVlcbMs=",
        ),
        (
            "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX",
            "msg_x",
            0,
            "",
            "v1,i8vHluaJfd0YSbMHQ366Y101xbgbj2kT+LiguwiwgsY=",
        ),
    ];

    #[test]
    fn signatures_match_other_implementations() {
        for (secret, id, time, body, signature) in VECTORS {
            let key = read_secret(secret).unwrap();
            assert_eq!(sign([&key[..]], id, time, body.as_bytes()), signature);
            assert_eq!(verify(secret, id, &time.to_string(), signature, body.as_bytes(), time), Ok(()));
            assert_eq!(write_secret(&key), secret);
        }
    }

    #[test]
    fn one_of_several_signatures_is_enough() {
        let (secret, id, time, body, signature) = VECTORS[0];
        let (old, new) = (read_secret(secret).unwrap(), [9; 32]);
        let both = sign([&new[..], &old[..]], id, time, body.as_bytes());
        assert!(both.ends_with(&format!(" {signature}")));
        let check = |id, time: &str, signatures: &str, body: &str, now| {
            verify(secret, id, time, signatures, body.as_bytes(), now)
        };
        assert_eq!(check(id, "1614265330", &both, body, time + 300), Ok(()));
        assert_eq!(check(id, "1614265330", &format!("v1a,xx {signature}"), body, time - 300), Ok(()));
        for (id, at, signatures, body, now, error) in [
            ("msg_other", "1614265330", signature, body, time, VerifyError::Signature),
            (id, "1614265331", signature, body, time, VerifyError::Signature),
            (id, "1614265330", signature, "{}", time, VerifyError::Signature),
            (id, "1614265330", "", body, time, VerifyError::Signature),
            (id, "1614265330", &signature[3..], body, time, VerifyError::Signature),
            (id, "1614265330", &signature[..signature.len() - 4], body, time, VerifyError::Signature),
            (id, "1614265330", signature, body, time + 301, VerifyError::Timestamp),
            (id, "1614265330", signature, body, time - 301, VerifyError::Timestamp),
            (id, "soon", signature, body, time, VerifyError::Timestamp),
        ] {
            assert_eq!(check(id, at, signatures, body, now), Err(error), "{id} {at} {signatures} {now}");
        }
        assert_eq!(verify("whsec_?", id, "0", "", b"", 0), Err(VerifyError::Secret));
        assert_eq!(read_secret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), None);
    }
}
