//! Signatures of messages to chat systems. Both are HMAC-SHA256 in base64, with the time of the attempt and the secret
//! that the chat system gave, but they differ in what is the key. Sources: the documentation of custom bots of the
//! Feishu open platform, and that of custom robots of the DingTalk open platform.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The field `sign` of a message to Feishu. `timestamp` is in seconds since 1970. Time and secret are the key, and what
/// is signed is empty.
#[must_use]
pub fn feishu_signature(secret: &[u8], timestamp: i64) -> String {
    sign(&time_and_secret(timestamp, secret), b"")
}

/// The parameter `sign` of the URL of DingTalk, before it is percent-encoded. `timestamp` is in milliseconds since
/// 1970. The secret is the key, and time and secret are signed.
#[must_use]
pub fn dingtalk_signature(secret: &[u8], timestamp: i64) -> String {
    sign(secret, &time_and_secret(timestamp, secret))
}

fn time_and_secret(timestamp: i64, secret: &[u8]) -> Vec<u8> {
    [timestamp.to_string().as_bytes(), b"\n", secret].concat()
}

fn sign(key: &[u8], text: &[u8]) -> String {
    // RFC 2104 allows keys of any length, so this cannot fail.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text);
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with OpenSSL.
    #[test]
    fn signatures_match_another_implementation() {
        let feishu = "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=";
        assert_eq!(feishu_signature(b"demo", 1_599_360_473), feishu);
        let dingtalk = "lOvVf9TQCVugV68mGbSZCg0gzOl1SVjxWi1MyVZCUuA=";
        assert_eq!(dingtalk_signature(b"SECdemo", 1_700_000_000_000), dingtalk);
    }
}
