//! The language of a response: Chinese unless the request prefers English.

use crate::http::cookies;
pub use domain::language::Language;
use http::header::ACCEPT_LANGUAGE;
use http::{HeaderMap, HeaderName};

/// The cookie with the language that a user chose on the pages.
pub const COOKIE: &str = "stagepost-language";

static X_LANGUAGE: HeaderName = HeaderName::from_static("x-language");

/// The language that a request prefers, in this order: `X-Language`, the cookie, `Accept-Language`, else Chinese.
pub fn requested(headers: &HeaderMap) -> Language {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(language) = text(&X_LANGUAGE).and_then(Language::from_tag) {
        return language;
    }
    if let Some(language) = cookies::get(headers, COOKIE).and_then(Language::from_tag) {
        return language;
    }
    let accepted = text(&ACCEPT_LANGUAGE).unwrap_or_default();
    let mut best = (0.0, Language::Chinese);
    for part in accepted.split(',') {
        let mut pieces = part.split(';');
        let Some(language) = pieces.next().and_then(Language::from_tag) else { continue };
        let weight = pieces.find_map(|p| p.trim().strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
        if weight > best.0 {
            best = (weight, language);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_unless_english_is_asked_for() {
        let of = |pairs: &[(&'static str, &'static str)]| {
            requested(&pairs.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect())
        };
        use Language::*;
        assert_eq!(of(&[]), Chinese);
        for english in ["en", "en-US", "en-us,zh;q=0.5", "fr, en;q=0.8, zh;q=0.2"] {
            assert_eq!(of(&[("accept-language", english)]), English, "{english}");
        }
        for chinese in ["zh-CN", "zh, en", "fr", "", "en;q=0", "zh;q=0.9, en;q=0.8", "é"] {
            assert_eq!(of(&[("accept-language", chinese)]), Chinese, "{chinese}");
        }
        assert_eq!(of(&[("x-language", "en-us"), ("accept-language", "zh")]), English);
        assert_eq!(of(&[("x-language", "zh-cn"), ("accept-language", "en")]), Chinese);
        assert_eq!(of(&[("x-language", "en_us")]), English);
        assert_eq!(of(&[("cookie", "stagepost-language=en"), ("accept-language", "zh")]), English);
        assert_eq!(of(&[("cookie", "stagepost-language=x"), ("accept-language", "en")]), English);
    }
}
