//! Values in compact binary forms: numbers with 7 bits per byte, the low bits first, and texts after their lengths. The
//! highest bit of a byte of a number is set if another one follows.
//!
//! A function that takes a value removes it from the beginning of the bytes, and returns `None` if the bytes are
//! damaged.

/// Appends a number.
pub fn put_uint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends bytes after their length.
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_uint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Appends a text, without the bytes that it shares with the beginning of another one.
pub fn put_text_after(out: &mut Vec<u8>, previous: &str, text: &str) {
    let shared = shared_prefix(previous, text);
    put_uint(out, shared as u64);
    put_bytes(out, &text.as_bytes()[shared..]);
}

/// The number of bytes that two texts share at their beginning.
pub fn shared_prefix(one: &str, other: &str) -> usize {
    const STEP: usize = 16;
    let (one, other) = (one.as_bytes(), other.as_bytes());
    // Many bytes at once are compared quicker.
    let steps = one.chunks_exact(STEP).zip(other.chunks_exact(STEP));
    let shared = STEP * steps.take_while(|(one, other)| one == other).count();
    shared + one[shared..].iter().zip(&other[shared..]).take_while(|(one, other)| one == other).count()
}

/// Takes one byte.
pub fn take_byte(bytes: &mut &[u8]) -> Option<u8> {
    let (first, rest) = bytes.split_first()?;
    *bytes = rest;
    Some(*first)
}

/// Takes a number that [`put_uint`] wrote.
pub fn take_uint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = take_byte(bytes)?;
        let bits = u64::from(byte & 0x7f);
        if bits << shift >> shift != bits {
            return None;
        }
        value |= bits << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

/// Takes bytes that [`put_bytes`] wrote.
pub fn take_bytes<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(take_uint(bytes)?).ok()?;
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

/// Takes a text that [`put_bytes`] wrote.
pub fn take_text(bytes: &mut &[u8]) -> Option<String> {
    Some(std::str::from_utf8(take_bytes(bytes)?).ok()?.to_owned())
}

/// Takes a text that [`put_text_after`] wrote with the same `previous`.
pub fn take_text_after(bytes: &mut &[u8], previous: &str) -> Option<String> {
    let shared = usize::try_from(take_uint(bytes)?).ok()?;
    let shared = previous.as_bytes().get(..shared)?;
    // The parts may end within a character.
    String::from_utf8([shared, take_bytes(bytes)?].concat()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shared_beginning_of_two_texts_is_counted_by_bytes() {
        let text = "0123456789abcdef0123456789abcdef0123456789abcdef";
        for (one, other, expected) in [
            ("", "a", 0),
            ("ä", "ö", 1),
            (text, text, 48),
            (text, &text[..40], 40),
            (&text[..33], text, 33),
            (text, "0123456789abcdef0123456789abcdeF", 31),
        ] {
            assert_eq!(shared_prefix(one, other), expected, "{one} {other}");
        }
    }

    #[test]
    fn small_numbers_are_short() {
        for (value, len) in [(0, 1), (127, 1), (128, 2), (1 << 21, 4), (u64::MAX, 10)] {
            let mut written = Vec::new();
            put_uint(&mut written, value);
            assert_eq!(written.len(), len);
            assert_eq!(take_uint(&mut &written[..]), Some(value));
        }
        assert_eq!(take_uint(&mut &[0xff; 10][..]), None, "more than 64 bits");
    }
}
