//! Durations as users write them in forms: `90d`, `12h`, `10m`, `30s`.

use domain::SignedDuration;

/// The units with their length in seconds, longest first.
const UNITS: [(char, i64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// Parses a duration. `None` if the text is no number with a unit.
pub fn parse(text: &str) -> Option<SignedDuration> {
    let text = text.trim();
    let unit = text.chars().last()?;
    let (_, seconds) = UNITS.into_iter().find(|(letter, _)| *letter == unit)?;
    let number: i64 = text.strip_suffix(unit)?.trim().parse().ok()?;
    number.checked_mul(seconds).map(SignedDuration::from_secs)
}

/// Formats a duration for [`parse`], in the longest unit without a fraction.
pub fn format(duration: SignedDuration) -> String {
    let seconds = duration.as_secs();
    let divides = |(_, unit): &(char, i64)| seconds != 0 && seconds % unit == 0;
    let (letter, unit) = UNITS.into_iter().find(divides).unwrap_or(('s', 1));
    format!("{}{letter}", seconds / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formatted_durations_can_be_parsed() {
        for (text, seconds) in
            [("90d", 7_776_000), ("2h", 7_200), ("90m", 5_400), ("61s", 61), ("0s", 0), ("-1h", -3_600)]
        {
            let duration = SignedDuration::from_secs(seconds);
            assert_eq!((parse(text), format(duration).as_str()), (Some(duration), text));
        }
        assert_eq!(parse(" 2 h "), parse("2h"));
        for bad in ["", "2", "h", "2w", "1.5h", "2h30m", "９h", "9223372036854775807d"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
