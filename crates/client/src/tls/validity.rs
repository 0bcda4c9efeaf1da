//! The period of validity of a certificate (RFC 5280, 4.1.2.5), read from its DER.

use super::bad_encoding;
use rustls::CertificateError;
use rustls::pki_types::{CertificateDer, UnixTime};
use wire::signing::SdkDate;

const SEQUENCE: u8 = 0x30;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// The tag of the optional version of a certificate.
const VERSION: u8 = 0xa0;

/// Checks that `now` is within the period of validity, both ends included.
pub fn check(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), rustls::Error> {
    let (from, until) = period(certificate).ok_or_else(bad_encoding)?;
    let seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    let now = SdkDate::from_unix_seconds(seconds).to_string().replace('T', "");
    let problem = if now < from {
        CertificateError::NotValidYet
    } else if now > until {
        CertificateError::Expired
    } else {
        return Ok(());
    };
    Err(rustls::Error::InvalidCertificate(problem))
}

/// Start and end as `YYYYMMDDHHMMSSZ`.
fn period(certificate: &[u8]) -> Option<(String, String)> {
    let (certificate, _) = element(certificate, SEQUENCE)?;
    let (mut fields, _) = element(certificate, SEQUENCE)?;
    if fields.first() == Some(&VERSION) {
        fields = any(fields)?.2;
    }
    // Serial number, algorithm of the signature, issuer.
    for _ in 0..3 {
        fields = any(fields)?.2;
    }
    let (times, _) = element(fields, SEQUENCE)?;
    let (from, rest) = time(times)?;
    Some((from, time(rest)?.0))
}

fn time(input: &[u8]) -> Option<(String, &[u8])> {
    let (tag, content, rest) = any(input)?;
    let text = std::str::from_utf8(content).ok()?;
    let digits = text.strip_suffix('Z')?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let text = match (tag, digits.len()) {
        (UTC_TIME, 12) if digits < "50" => format!("20{text}"),
        (UTC_TIME, 12) => format!("19{text}"),
        (GENERALIZED_TIME, 14) => text.to_owned(),
        _ => return None,
    };
    Some((text, rest))
}

/// The content of an element with this tag, and what follows it.
fn element(input: &[u8], expected: u8) -> Option<(&[u8], &[u8])> {
    let (tag, content, rest) = any(input)?;
    (tag == expected).then_some((content, rest))
}

/// Tag, content, and what follows the element. Lengths have at most three bytes.
fn any(input: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = input.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let length = match first {
        0..=0x7f => usize::from(first),
        0x81..=0x83 => {
            let mut length = 0;
            for _ in 0x80..first {
                let (&byte, after) = rest.split_first()?;
                (length, rest) = (length << 8 | usize::from(byte), after);
            }
            length
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The beginning of a certificate with these encoded times.
    fn certificate(times: &[(u8, &str)]) -> Vec<u8> {
        let wrap = |tag: u8, content: &[u8]| {
            let mut out = vec![tag, 0x82, 0, u8::try_from(content.len()).unwrap()];
            out.extend(content);
            out
        };
        let times: Vec<u8> = times.iter().flat_map(|(tag, text)| wrap(*tag, text.as_bytes())).collect();
        let fields = [
            wrap(VERSION, &[2, 1, 2]),
            wrap(2, &[7]),
            wrap(SEQUENCE, &[]),
            wrap(SEQUENCE, &[]),
            wrap(SEQUENCE, &times),
        ];
        wrap(SEQUENCE, &wrap(SEQUENCE, &fields.concat()))
    }

    #[test]
    fn a_certificate_is_valid_from_its_first_to_its_last_second() {
        let at = |seconds| UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        let der = certificate(&[(UTC_TIME, "261124000000Z"), (GENERALIZED_TIME, "20261124000010Z")]);
        let der = CertificateDer::from(der);
        let start = 1_795_478_400;
        let problem = |seconds| match check(&der, at(seconds)) {
            Ok(()) => None,
            Err(rustls::Error::InvalidCertificate(problem)) => Some(problem),
            Err(error) => panic!("{error}"),
        };
        assert_eq!(problem(start - 1), Some(CertificateError::NotValidYet));
        assert_eq!((problem(start), problem(start + 10)), (None, None));
        assert_eq!(problem(start + 11), Some(CertificateError::Expired));
    }

    #[test]
    fn two_digit_years_are_of_1950_to_2049() {
        let period = |from, until| period(&certificate(&[(UTC_TIME, from), (UTC_TIME, until)]));
        let (from, until) = period("500101000000Z", "491231235959Z").unwrap();
        assert_eq!((from.as_str(), until.as_str()), ("19500101000000Z", "20491231235959Z"));
        for bad in ["5001010000Z", "500101000000+0100", "50010100000xZ"] {
            assert_eq!(period(bad, "491231235959Z"), None, "{bad}");
        }
    }

    #[test]
    fn cut_certificates_have_no_period() {
        let whole = certificate(&[(UTC_TIME, "261124000000Z"), (UTC_TIME, "271124000000Z")]);
        assert!(period(&whole).is_some());
        for end in 0..whole.len() {
            assert_eq!(period(&whole[..end]), None, "{end}");
        }
    }
}
