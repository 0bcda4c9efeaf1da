//! Lower-case hexadecimal digits. Reading refuses upper case, so that a signature has one spelling.

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The lower-case digits of `bytes`.
pub(super) fn encode(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

/// Reads an even number of lower-case digits.
pub(super) fn decode(digits: &[u8]) -> Option<Vec<u8>> {
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| Some(value(*high)? << 4 | value(*low)?)).collect()
}

fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn digits_have_one_spelling() {
        assert_eq!(encode(&[0, 0x0f, 0xa5, 0xff]), "000fa5ff");
        assert_eq!(decode(b"000fa5ff"), Some(vec![0, 0x0f, 0xa5, 0xff]));
        for bad in [&b"0"[..], b"0F", b"0g", b" 0", b"+0", b"\xff0"] {
            assert_eq!(decode(bad), None, "{bad:?}");
        }
    }
}
