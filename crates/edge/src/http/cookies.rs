//! Cookies: read from a request, written for an answer. It knows no names.

use http::HeaderMap;
use http::header::COOKIE;

/// The value of a cookie; of two called so, the first.
pub fn get<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value).filter(|value| !value.is_empty())
}

/// A cookie for the whole site, for so many seconds; 0 takes it away. `more` are attributes beside these.
pub fn set(name: &str, value: &str, seconds: i64, more: &str) -> String {
    format!("{name}={value}; Path=/; Max-Age={seconds}{more}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, "xa=1; a=2;b = 3; e=".parse().unwrap());
        headers.append(COOKIE, "a=4; c=5=6".parse().unwrap());
        assert_eq!(get(&headers, "a"), Some("2"));
        assert_eq!(get(&headers, "c"), Some("5=6"));
        assert_eq!((get(&headers, "b"), get(&headers, "e"), get(&headers, "x")), (None, None, None));
    }
}
