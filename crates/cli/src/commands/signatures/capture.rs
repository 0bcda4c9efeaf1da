//! A request as people capture it: the bytes that went out (from a proxy, a socket, a dump), or what `curl -v` printed.

use stagepost_client::signatures::CapturedRequest;
use wire::signing::Algorithm;

/// Reads the first request in there; `None` if there is none. A body that is not wholly there is left out: its `Content-Length` tells that
/// there was one.
pub fn read(captured: &[u8]) -> Option<CapturedRequest> {
    // A raw request may have lines like curl's in its body.
    raw(captured).or_else(|| raw(&from_curl(captured)?))
}

fn raw(captured: &[u8]) -> Option<CapturedRequest> {
    let start = captured.iter().position(|byte| !byte.is_ascii_whitespace())?;
    let (head, body) = split(&captured[start..]);
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let mut words = lines.next()?.split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    let is_request = words.next().is_none() && version.starts_with("HTTP/") && target.starts_with('/');
    if !is_request {
        return None;
    }
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in lines {
        let (name, value) = line.split_once(':')?;
        headers.push((name.trim().to_owned(), value.trim_matches([' ', '\t']).to_owned()));
    }
    let mut request = CapturedRequest {
        method: Some(method.to_owned()),
        target: Some(target.to_owned()),
        headers: Some(headers),
        ..CapturedRequest::default()
    };
    let Some(body) = within(body, &request) else { return Some(request) };
    match std::str::from_utf8(body) {
        Ok("") => {}
        Ok(text) => request.body = Some(text.to_owned()),
        Err(_) => {
            let algorithm =
                authorization(&request).and_then(|value| Algorithm::of_authorization(value.as_bytes()));
            request.body_hash = Some(algorithm.unwrap_or(Algorithm::SdkHmacSha256).hash_hex(body));
        }
    }
    Some(request)
}

/// The access key that the request names, for messages.
pub fn access_key(request: &CapturedRequest) -> Option<String> {
    let value = authorization(request)?;
    let (_, rest) = value.split_once("Access=").or_else(|| value.split_once("Credential="))?;
    rest.split([',', '/']).next().map(str::to_owned)
}

fn authorization(request: &CapturedRequest) -> Option<&str> {
    let headers = request.headers.iter().flatten();
    headers
        .into_iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("authorization"))
        .map(|(_, value)| value.as_str())
}

/// The lines that curl marks as sent, if it is curl that marked them. curl does not print the body.
fn from_curl(captured: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(captured);
    let mut sent =
        text.lines().filter_map(|line| line.strip_prefix("> ").or((line == ">").then_some(""))).peekable();
    sent.peek()?;
    // Of several requests the first that is signed: a redirect or a challenge may stand before it.
    let mut requests: Vec<Vec<&str>> = vec![Vec::new()];
    for line in sent {
        match line.trim_end().is_empty() {
            true => requests.push(Vec::new()),
            false => requests.last_mut()?.push(line.trim_end()),
        }
    }
    requests.retain(|lines| !lines.is_empty());
    let signed =
        |lines: &&Vec<&str>| lines.iter().any(|line| line.to_ascii_lowercase().starts_with("authorization:"));
    let lines = requests.iter().find(signed).or(requests.first())?;
    Some(format!("{}\r\n\r\n", lines.join("\r\n")).into_bytes())
}

/// What stands before the empty line, and after it.
fn split(request: &[u8]) -> (&[u8], &[u8]) {
    let ends: [&[u8]; 2] = [b"\r\n\r\n", b"\n\n"];
    let found = ends.into_iter().filter_map(|end| {
        request.windows(end.len()).position(|window| window == end).map(|at| (at, end.len()))
    });
    match found.min() {
        Some((at, length)) => (&request[..at], &request[at + length..]),
        None => (request, b""),
    }
}

/// The body as long as the request says: an editor adds a line end to a file, and another request may follow. `None`: it is not all there.
fn within<'a>(body: &'a [u8], request: &CapturedRequest) -> Option<&'a [u8]> {
    let mut headers = request.headers.iter().flatten();
    let length = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    match length.and_then(|(_, value)| value.parse::<usize>().ok()) {
        Some(length) => body.get(..length),
        // Without one there is no body, or one in chunks, which nobody signs.
        None => Some(b""),
    }
}

#[cfg(test)]
mod tests {
    use super::{access_key, read};

    const RAW: &str = "POST /a?b=c HTTP/1.1\r\nHost: h:1\r\nX-Empty:\r\nAuthorization: SDK-HMAC-SHA256 Access=AK, SignedHeaders=host\r\nContent-Length: 2\r\n\r\n[]\n";

    #[test]
    fn raw_requests_are_read_with_either_line_end() {
        for text in [RAW.to_owned(), RAW.replace("\r\n", "\n"), format!("\n{RAW}GET / HTTP/1.1\r\n\r\n")] {
            let request = read(text.as_bytes()).unwrap();
            assert_eq!(
                (request.method.as_deref(), request.target.as_deref()),
                (Some("POST"), Some("/a?b=c"))
            );
            let headers = request.headers.clone().unwrap();
            assert_eq!(headers[0], ("Host".to_owned(), "h:1".to_owned()));
            assert_eq!(headers[1], ("X-Empty".to_owned(), String::new()));
            assert_eq!(request.body.as_deref(), Some("[]"), "without the line end of the file");
            assert_eq!(access_key(&request).as_deref(), Some("AK"));
        }
        let binary = [&RAW.as_bytes()[..RAW.len() - 3], &[0xff, 0xfe]].concat();
        let request = read(&binary).unwrap();
        assert_eq!((request.body, request.body_hash.map(|hash| hash.len())), (None, Some(64)));
    }

    #[test]
    fn what_curl_prints_is_read() {
        let printed = "*   Trying 127.0.0.1:8443...\n> GET /first HTTP/1.1\n> Host: h\n> \n< HTTP/1.1 401\n< \n{\"a\":1}\n> GET /v4/x HTTP/1.1\r\n> Host: h\r\n> Authorization: V11-HMAC-SHA256 Credential=AK2/20261123/r/s, SignedHeaders=host\r\n>\n* left intact\n";
        let request = read(printed.as_bytes()).unwrap();
        assert_eq!(request.target.as_deref(), Some("/v4/x"));
        assert_eq!(access_key(&request).as_deref(), Some("AK2"));
    }

    #[test]
    fn a_body_that_was_not_captured_is_not_taken_for_an_empty_one() {
        let printed =
            "> POST /a HTTP/1.1\r\n> Host: h\r\n> Content-Length: 2\r\n> \r\n* upload completely sent off\n";
        let cut = RAW.trim_end().strip_suffix(']').unwrap();
        for text in [printed, cut] {
            let request = read(text.as_bytes()).unwrap();
            assert_eq!((request.body, request.body_hash), (None, None));
            assert!(request.headers.unwrap().contains(&("Content-Length".into(), "2".into())));
        }
    }

    #[test]
    fn lines_of_a_body_are_not_curls() {
        let body = "> GET /quoted HTTP/1.1\n> Host: q\n";
        let text = format!("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let request = read(text.as_bytes()).unwrap();
        assert_eq!((request.target.as_deref(), request.body.as_deref()), (Some("/a"), Some(body)));
    }

    #[test]
    fn what_is_no_request_is_none() {
        for text in [
            "",
            "\n",
            "hello",
            "HTTP/1.1 200 OK\r\n\r\n",
            "GET /\r\n\r\n",
            "GET http://h/ HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nno header\r\n\r\n",
        ] {
            assert_eq!(read(text.as_bytes()), None, "{text:?}");
        }
    }
}
