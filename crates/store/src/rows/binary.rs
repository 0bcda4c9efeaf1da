//! The compact binary form of rows and the journal: numbers and texts as in [`binary`], and times.

use crate::sql::corrupt;
use domain::model::binary;
use domain::{Result, Timestamp};

/// Appends values to bytes.
pub trait Encode {
    /// A number without a sign.
    fn put_uint(&mut self, value: u64);
    /// Bytes after their length.
    fn put_bytes(&mut self, value: &[u8]);

    /// A number with a sign: small amounts are short.
    fn put_int(&mut self, value: i64) {
        self.put_uint(((value << 1) ^ (value >> 63)).cast_unsigned());
    }

    /// A length, or a number of items.
    fn put_len(&mut self, value: usize) {
        self.put_uint(value as u64);
    }

    /// A text.
    fn put_text(&mut self, value: &str) {
        self.put_bytes(value.as_bytes());
    }

    /// A text, without the bytes that it shares with the beginning of another one.
    fn put_text_after(&mut self, previous: &str, value: &str);

    /// A time, with all its nanoseconds.
    fn put_time(&mut self, value: Timestamp) {
        let (seconds, nanoseconds) = (value.as_second(), value.subsec_nanosecond());
        if nanoseconds % 1_000_000 == 0 {
            self.put_int(value.as_millisecond() << 1);
        } else {
            self.put_int((seconds << 1) | 1);
            self.put_int(nanoseconds.into());
        }
    }
}

impl Encode for Vec<u8> {
    fn put_uint(&mut self, value: u64) {
        binary::put_uint(self, value);
    }

    fn put_bytes(&mut self, value: &[u8]) {
        binary::put_bytes(self, value);
    }

    fn put_text_after(&mut self, previous: &str, value: &str) {
        binary::put_text_after(self, previous, value);
    }
}

/// Reads what [`Encode`] wrote. Every error is [`domain::Error::Internal`]: the bytes are damaged.
pub struct Decoder<'a>(&'a [u8]);

impl<'a> Decoder<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether everything was read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of bytes that were not read yet.
    pub fn remaining(&self) -> usize {
        self.0.len()
    }

    pub fn byte(&mut self) -> Result<u8> {
        binary::take_byte(&mut self.0).ok_or_else(ends_early)
    }

    pub fn uint(&mut self) -> Result<u64> {
        binary::take_uint(&mut self.0)
            .ok_or_else(|| corrupt("a binary number that ends early or has more than 64 bits"))
    }

    pub fn int(&mut self) -> Result<i64> {
        let value = self.uint()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    /// A number that fits into `T`.
    pub fn number<T: TryFrom<u64>>(&mut self) -> Result<T> {
        T::try_from(self.uint()?).map_err(|_| corrupt("a binary number out of range"))
    }

    /// So many bytes.
    pub fn take(&mut self, len: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or_else(ends_early)?;
        self.0 = rest;
        Ok(taken)
    }

    pub fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        <[u8; N]>::try_from(self.take(N)?).map_err(corrupt)
    }

    /// Bytes after their length.
    pub fn bytes(&mut self) -> Result<&'a [u8]> {
        binary::take_bytes(&mut self.0).ok_or_else(ends_early)
    }

    pub fn text(&mut self) -> Result<String> {
        binary::take_text(&mut self.0).ok_or_else(not_a_text)
    }

    /// Reads the text that [`Encode::put_text_after`] wrote with the same `previous`.
    pub fn text_after(&mut self, previous: &str) -> Result<String> {
        binary::take_text_after(&mut self.0, previous).ok_or_else(not_a_text)
    }

    pub fn time(&mut self) -> Result<Timestamp> {
        let value = self.int()?;
        if value & 1 == 0 {
            return Timestamp::from_millisecond(value >> 1).map_err(corrupt);
        }
        let nanoseconds = i32::try_from(self.int()?).map_err(corrupt)?;
        Timestamp::new(value >> 1, nanoseconds).map_err(corrupt)
    }
}

fn ends_early() -> domain::Error {
    corrupt("a binary value that ends early")
}

fn not_a_text() -> domain::Error {
    corrupt("a text that ends early or is no UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn values_are_read_as_written(
            unsigned: u64,
            signed: i64,
            bytes: Vec<u8>,
            text: String,
            (previous, next) in ("[aäö]{0,4}", "[aäö]{0,4}"),
            (second, nanosecond) in (-377_705_023_000_i64..253_402_200_000, 0..1_000_000_000),
            millisecond in 0..4_000_000_000_000_i64,
        ) {
            let times = [
                Timestamp::new(second, nanosecond).unwrap(),
                Timestamp::from_millisecond(millisecond).unwrap(),
            ];
            let mut written = Vec::new();
            written.put_uint(unsigned);
            written.put_int(signed);
            written.put_bytes(&bytes);
            written.put_text(&text);
            written.put_text_after(&previous, &next);
            times.iter().for_each(|time| written.put_time(*time));
            let mut read = Decoder::new(&written);
            prop_assert_eq!(read.uint().unwrap(), unsigned);
            prop_assert_eq!(read.int().unwrap(), signed);
            prop_assert_eq!(read.bytes().unwrap(), bytes);
            prop_assert_eq!(read.text().unwrap(), text);
            prop_assert_eq!(read.text_after(&previous).unwrap(), next);
            prop_assert_eq!([read.time().unwrap(), read.time().unwrap()], times);
            prop_assert!(read.is_empty() && read.byte().is_err());
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let mut read = Decoder::new(&bytes);
            while !read.is_empty() {
                let left = read.remaining();
                let read_one = [
                    |read: &mut Decoder<'_>| read.uint().map(drop),
                    |read: &mut Decoder<'_>| read.text().map(drop),
                    |read: &mut Decoder<'_>| read.text_after("former").map(drop),
                    |read: &mut Decoder<'_>| read.time().map(drop),
                ][left % 4];
                if read_one(&mut read).is_err() {
                    break;
                }
                prop_assert!(read.remaining() < left);
            }
        }
    }
}
