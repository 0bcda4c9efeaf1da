//! Percent-encoding as the signature defines it. Works on bytes: they need not be UTF-8.

const DIGITS: &[u8; 16] = b"0123456789ABCDEF";

/// As [`decode`], for a query: a `+` is a space, as the server reads it. No SDK sends one: a space is `%20` and a
/// plus sign is `%2B`. If a `+` were signed as `%2B`, one signature would be valid for two different values.
pub(super) fn decode_query(text: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    decode(&spaced)
}

/// Replaces each `%` and two hexadecimal digits by their byte. Any other `%` is unchanged, as in Python's
/// `unquote`.
pub(super) fn decode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        rest = tail;
        let byte = match tail {
            [high, low, tail @ ..] if *first == b'%' => digit(*high).zip(digit(*low)).map(|(high, low)| {
                rest = tail;
                high << 4 | low
            }),
            _ => None,
        };
        out.push(byte.unwrap_or(*first));
    }
    out
}

/// Appends `bytes` to `out`: `A-Z a-z 0-9 - _ . ~` as they are, all others as `%` and two upper-case digits.
pub(super) fn encode(bytes: &[u8], out: &mut Vec<u8>) {
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(byte);
        } else {
            out.extend([b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
    }
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    fn recoded(text: &[u8]) -> String {
        let mut out = Vec::new();
        encode(&decode(text), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn decodes_once_and_encodes_in_one_spelling() {
        for (sent, canonical) in [
            (&b"a%2fb%2Fc"[..], "a%2Fb%2Fc"),
            (b"%7e~%61", "~~a"),
            (b"a+b%2Bc d", "a%2Bb%2Bc%20d"),
            (b"%252F", "%252F"),
            (b"%", "%25"),
            (b"%4", "%254"),
            (b"%zz%", "%25zz%25"),
            (b"%%41", "%25A"),
            (b"\xff%FF*'!()", "%FF%FF%2A%27%21%28%29"),
            (b"", ""),
        ] {
            assert_eq!(recoded(sent), canonical, "{}", sent.escape_ascii());
        }
    }
}
