//! Reads text files that people write: configuration, secrets, certificates. Editors and shells on Windows
//! start a file with a byte order mark, or write UTF-16; neither is part of the text.

use crate::exit::Failure;
use crate::messages::Text;
use std::io;
use std::path::Path;

/// Reads a file in UTF-8, with or without a byte order mark, or in UTF-16 with one.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] with a translated message for any other file.
pub fn read(path: &Path) -> io::Result<String> {
    decode(&std::fs::read(path)?)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, Text::NotUtf8.text()))
}

/// Reads a file that contains one secret. Line breaks at the end are removed.
///
/// # Errors
/// As [`read`], with the name of the file.
pub fn read_secret(path: &Path) -> Result<String, Failure> {
    read(path).map(|text| trim_secret(&text).to_owned()).map_err(|error| Failure::file(path, &error))
}

/// A secret without a byte order mark and without line breaks at the end. Spaces may be part of it.
pub fn trim_secret(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text).trim_end_matches(['\r', '\n'])
}

/// The text of bytes in UTF-8, with or without a byte order mark, or in UTF-16 with one.
pub fn decode(bytes: &[u8]) -> Option<String> {
    let utf16 = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
        let (units, rest) = bytes.as_chunks::<2>();
        let units: Vec<u16> = units.iter().map(|unit| read(*unit)).collect();
        String::from_utf16(&units).ok().filter(|_| rest.is_empty())
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        bytes => String::from_utf8(bytes.to_vec()).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::{decode, read, trim_secret};

    #[test]
    fn byte_order_marks_are_not_part_of_the_text() {
        let le: Vec<u8> = "\u{feff}a任\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = "\u{feff}a任\r\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in ["a任\r\n".as_bytes(), "\u{feff}a任\r\n".as_bytes(), &le, &be] {
            assert_eq!(decode(bytes).as_deref(), Some("a任\r\n"), "{bytes:?}");
        }
        for bad in [&b"a\xff"[..], b"\xff\xfea", b"\xff\xfe\x00\xd8"] {
            assert_eq!(decode(bad), None, "{bad:?}");
        }
        assert_eq!(trim_secret("\u{feff} a b \r\n\n"), " a b ");
    }

    #[test]
    fn the_error_of_another_encoding_is_a_sentence() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"caf\xe9\n").unwrap();
        assert_eq!(read(file.path()).unwrap_err().to_string(), "the file is not UTF-8 text");
    }
}
