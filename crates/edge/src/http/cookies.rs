//! Reads and writes cookies of any name.

use http::HeaderMap;
use http::header::COOKIE;

/// The value of a cookie that is not empty; of two with the same name, the first.
pub fn get<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value).filter(|value| !value.is_empty())
}

/// The value of `Set-Cookie` for this path and those below it. The cookie lasts this many seconds; 0 deletes it.
/// `attributes` are added.
pub fn set(name: &str, value: &str, path: &str, seconds: i64, attributes: &str) -> String {
    format!("{name}={value}; Path={path}; Max-Age={seconds}{attributes}")
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
