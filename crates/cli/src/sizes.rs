//! Sizes of settings: `192MiB`, `2G`, or a number of bytes.

/// Parses a size in bytes. The units are powers of 1,024, also without `iB`.
pub fn parse(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end)?;
    let shift = match unit.trim_start().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kib" => 10,
        "m" | "mib" => 20,
        "g" | "gib" => 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(1 << shift)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn sizes_are_numbers_with_units() {
        for (text, bytes) in [
            ("192MiB", 192 << 20),
            ("192 MiB", 192 << 20),
            ("1g", 1 << 30),
            ("64K", 64 << 10),
            ("100000000", 100_000_000),
        ] {
            assert_eq!(parse(text), Some(bytes), "{text}");
        }
        for text in ["", "MiB", "-1", "1.5G", "1TB", "1 M B", "99999999999G", "１"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
