//! Limits of time as people write them in forms: `90d`, `12h`, `10m`, `30s`.

use domain::SignedDuration;

/// The units, largest first, in seconds.
const UNITS: [(char, i64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// Reads one. `None`: it is none.
pub fn parse(text: &str) -> Option<SignedDuration> {
    let text = text.trim();
    let unit = text.chars().last()?;
    let (_, seconds) = UNITS.into_iter().find(|(letter, _)| *letter == unit)?;
    let number: i64 = text.strip_suffix(unit)?.trim().parse().ok()?;
    number.checked_mul(seconds).map(SignedDuration::from_secs)
}

/// Writes it so that [`parse`] reads it: in the largest unit that needs no fraction.
pub fn show(long: SignedDuration) -> String {
    let seconds = long.as_secs();
    let fits = |(_, unit): &(char, i64)| seconds != 0 && seconds % unit == 0;
    let (letter, unit) = UNITS.into_iter().find(fits).unwrap_or(('s', 1));
    format!("{}{letter}", seconds / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for (text, seconds) in
            [("90d", 7_776_000), ("2h", 7_200), ("90m", 5_400), ("61s", 61), ("0s", 0), ("-1h", -3_600)]
        {
            let long = SignedDuration::from_secs(seconds);
            assert_eq!((parse(text), show(long).as_str()), (Some(long), text));
        }
        assert_eq!(parse(" 2 h "), parse("2h"));
        for bad in ["", "2", "h", "2w", "1.5h", "2h30m", "９h", "9223372036854775807d"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
