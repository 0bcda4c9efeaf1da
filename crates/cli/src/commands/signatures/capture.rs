//! Parses a captured request: the raw bytes (from a proxy, a socket or a dump), or the output of `curl -v`.

use stagepost_client::signatures::CapturedRequest;
use wire::signing::Algorithm;

/// Parses the first request; `None` if there is none. An incomplete body is left out; the header
/// `Content-Length` still states that there is one.
pub fn parse(captured: &[u8]) -> Option<CapturedRequest> {
    // Tried first, because the body of a raw request may contain lines like those of curl.
    parse_raw(captured).or_else(|| parse_raw(&from_curl(captured)?))
}

fn parse_raw(captured: &[u8]) -> Option<CapturedRequest> {
    let start = captured.iter().position(|byte| !byte.is_ascii_whitespace())?;
    let (head, body) = split(&captured[start..]);
    // A signature of replaced bytes would be explained wrongly.
    let head = std::str::from_utf8(head).ok()?;
    let mut lines = head.lines();
    let mut parts = lines.next()?.split(' ');
    let (method, target, version) = (parts.next()?, parts.next()?, parts.next()?);
    let is_request = parts.next().is_none() && version.starts_with("HTTP/") && target.starts_with('/');
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
    let Some(body) = limit_body(body, &request) else { return Some(request) };
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

/// The access key in the request, for messages.
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

/// The request in the output of curl, without a body, because curl does not print it. `None` if there is
/// none.
fn from_curl(captured: &[u8]) -> Option<Vec<u8>> {
    // Only these lines: the rest of the output contains the response, whatever its encoding.
    let sent = captured.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b">"));
    let sent: Vec<&str> = sent.map(std::str::from_utf8).collect::<Result<_, _>>().ok()?;
    let sent = sent.into_iter().map(|line| line.trim_end_matches('\r'));
    let mut sent = sent.filter_map(|line| line.strip_prefix("> ").or((line == ">").then_some(""))).peekable();
    sent.peek()?;
    // The first signed request; a redirect or a challenge may come before it.
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

/// The parts before and after the empty line.
fn split(request: &[u8]) -> (&[u8], &[u8]) {
    let ends: [&[u8]; 2] = [b"\r\n\r\n", b"\n\n"];
    let positions = ends.into_iter().filter_map(|end| {
        request.windows(end.len()).position(|window| window == end).map(|at| (at, end.len()))
    });
    match positions.min() {
        Some((at, length)) => (&request[..at], &request[at + length..]),
        None => (request, b""),
    }
}

/// The body with the length of the header `Content-Length`, because an editor may have added a line break and
/// another request may follow. `None` if it is incomplete.
fn limit_body<'a>(body: &'a [u8], request: &CapturedRequest) -> Option<&'a [u8]> {
    let mut headers = request.headers.iter().flatten();
    let length = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    match length.and_then(|(_, value)| value.parse::<usize>().ok()) {
        Some(length) => body.get(..length),
        // Without the header there is no body, or a chunked one, which cannot be signed.
        None => Some(b""),
    }
}

#[cfg(test)]
mod tests {
    use super::{access_key, parse};

    const RAW: &str = "POST /a?b=c HTTP/1.1\r\nHost: h:1\r\nX-Empty:\r\nAuthorization: SDK-HMAC-SHA256 Access=AK, SignedHeaders=host\r\nContent-Length: 2\r\n\r\n[]\n";

    #[test]
    fn headers_that_are_not_utf8_are_not_replaced() {
        assert_eq!(parse(b"GET / HTTP/1.1\r\nHost: x\r\nX-Name: \xb1\xe0\r\n\r\n"), None);
        assert_eq!(parse(b"> GET / HTTP/1.1\n> Host: \xb1\xe0\n>\n"), None);
        let response = parse(b"> GET / HTTP/1.1\n> Host: x\n>\n< HTTP/1.1 200 OK\n<\n\xb1\xe0\n");
        assert_eq!(response.unwrap().target.as_deref(), Some("/"), "a response in another encoding");
    }

    #[test]
    fn raw_requests_may_have_either_line_end() {
        for text in [RAW.to_owned(), RAW.replace("\r\n", "\n"), format!("\n{RAW}GET / HTTP/1.1\r\n\r\n")] {
            let request = parse(text.as_bytes()).unwrap();
            assert_eq!(
                (request.method.as_deref(), request.target.as_deref()),
                (Some("POST"), Some("/a?b=c"))
            );
            let headers = request.headers.clone().unwrap();
            assert_eq!(headers[0], ("Host".to_owned(), "h:1".to_owned()));
            assert_eq!(headers[1], ("X-Empty".to_owned(), String::new()));
            assert_eq!(request.body.as_deref(), Some("[]"), "without the line break of the file");
            assert_eq!(access_key(&request).as_deref(), Some("AK"));
        }
        let binary = [&RAW.as_bytes()[..RAW.len() - 3], &[0xff, 0xfe]].concat();
        let request = parse(&binary).unwrap();
        assert_eq!((request.body, request.body_hash.map(|hash| hash.len())), (None, Some(64)));
    }

    #[test]
    fn output_of_curl_is_parsed() {
        let printed = "*   Trying 127.0.0.1:8443...\n> GET /first HTTP/1.1\n> Host: h\n> \n< HTTP/1.1 401\n< \n{\"a\":1}\n> GET /v4/x HTTP/1.1\r\n> Host: h\r\n> Authorization: V11-HMAC-SHA256 Credential=AK2/20261123/r/s, SignedHeaders=host\r\n>\n* left intact\n";
        let request = parse(printed.as_bytes()).unwrap();
        assert_eq!(request.target.as_deref(), Some("/v4/x"));
        assert_eq!(access_key(&request).as_deref(), Some("AK2"));
    }

    #[test]
    fn a_missing_body_is_not_an_empty_body() {
        let printed =
            "> POST /a HTTP/1.1\r\n> Host: h\r\n> Content-Length: 2\r\n> \r\n* upload completely sent off\n";
        let cut = RAW.trim_end().strip_suffix(']').unwrap();
        for text in [printed, cut] {
            let request = parse(text.as_bytes()).unwrap();
            assert_eq!((request.body, request.body_hash), (None, None));
            assert!(request.headers.unwrap().contains(&("Content-Length".into(), "2".into())));
        }
    }

    #[test]
    fn lines_of_a_body_are_not_output_of_curl() {
        let body = "> GET /quoted HTTP/1.1\n> Host: q\n";
        let text = format!("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let request = parse(text.as_bytes()).unwrap();
        assert_eq!((request.target.as_deref(), request.body.as_deref()), (Some("/a"), Some(body)));
    }

    #[test]
    fn other_input_is_not_a_request() {
        for text in [
            "",
            "\n",
            "hello",
            "HTTP/1.1 200 OK\r\n\r\n",
            "GET /\r\n\r\n",
            "GET http://h/ HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nno header\r\n\r\n",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text:?}");
        }
    }
}
