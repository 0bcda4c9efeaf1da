//! The framing of HTTP/1 messages (RFC 9112), followed beside hyper to find what hyper accepts silently and
//! another server in between may read differently: a line that ends with LF alone, two lengths, a length beside
//! `Transfer-Encoding`, and a transfer encoding other than `chunked`.
//!
//! It looks at each byte of a head at most once, and skips bodies. hyper parses the same bytes afterwards and
//! refuses everything else that is malformed.

/// Bytes of a line that are kept when the line arrives in parts. It holds every line that matters whole.
const KEPT: usize = 128;

/// The line that begins an HTTP/2 connection (RFC 9113, 3.4).
const HTTP2: &[u8] = b"PRI * HTTP/2.0";

/// The state between two reads.
pub struct Framing {
    state: State,
    /// The beginning of a line whose end has not arrived.
    begun: Vec<u8>,
    /// Length of that line so far, which may exceed what is kept.
    begun_len: usize,
    last: u8,
    head: Head,
    /// Bytes of the present head, or of the previous one during a body.
    head_bytes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    RequestLine,
    Fields,
    /// Bytes of a body that are still to come.
    Body(u64),
    ChunkSize,
    /// Bytes of a chunk that are still to come.
    Chunk(u64),
    ChunkCr,
    ChunkLf,
    Trailers,
    /// HTTP/2, which is not followed.
    Http2,
}

/// The framing of the body according to the current head.
#[derive(Clone, Copy, Default)]
struct Head {
    length: Option<u64>,
    chunked: bool,
}

/// The message is ambiguous.
struct Ambiguous;

impl Framing {
    pub fn new() -> Self {
        Self {
            state: State::RequestLine,
            begun: Vec::new(),
            begun_len: 0,
            last: 0,
            head: Head::default(),
            head_bytes: 0,
        }
    }

    /// Bytes of the head that is arriving or was the last to arrive.
    pub fn head_bytes(&self) -> usize {
        self.head_bytes
    }

    /// Follows the next bytes of the connection.
    ///
    /// # Errors
    /// The position of the byte at which the message became ambiguous. The bytes after it are not interpreted.
    pub fn follow(&mut self, bytes: &[u8]) -> Result<(), usize> {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            at += match self.state {
                State::Http2 => return Ok(()),
                State::Body(left) => {
                    let (skipped, left) = skip(rest, left);
                    self.state = if left == 0 { State::RequestLine } else { State::Body(left) };
                    skipped
                }
                State::Chunk(left) => {
                    let (skipped, left) = skip(rest, left);
                    self.state = if left == 0 { State::ChunkCr } else { State::Chunk(left) };
                    skipped
                }
                State::ChunkCr | State::ChunkLf => {
                    let (wanted, next) = match self.state {
                        State::ChunkCr => (b'\r', State::ChunkLf),
                        _ => (b'\n', State::ChunkSize),
                    };
                    if rest.first() != Some(&wanted) {
                        return Err(at);
                    }
                    self.state = next;
                    1
                }
                State::RequestLine | State::Fields | State::ChunkSize | State::Trailers => {
                    self.line(rest).map_err(|within| at + within)?
                }
            };
        }
        Ok(())
    }

    /// Reads up to the end of a line, and returns the number of bytes read.
    fn line(&mut self, bytes: &[u8]) -> Result<usize, usize> {
        if self.state == State::RequestLine && self.begun_len == 0 {
            self.head_bytes = 0;
        }
        let end = memchr::memchr(b'\n', bytes);
        let read = end.map_or(bytes.len(), |end| end + 1);
        if matches!(self.state, State::RequestLine | State::Fields) {
            self.head_bytes += read;
        }
        let Some(end) = end else {
            self.keep(bytes);
            return Ok(read);
        };
        let before = if end == 0 { self.last_of_begun() } else { bytes.get(end - 1).copied() };
        if before != Some(b'\r') {
            return Err(end);
        }
        let done = if self.begun_len == 0 {
            self.line_is(bytes.get(..end - 1).unwrap_or_default(), true)
        } else {
            self.keep(bytes.get(..end).unwrap_or_default());
            let begun = std::mem::take(&mut self.begun);
            let whole = self.begun_len == begun.len();
            let line = if whole { begun.strip_suffix(b"\r").unwrap_or(&begun) } else { &begun };
            let done = self.line_is(line, whole);
            self.begun = begun;
            self.begun.clear();
            self.begun_len = 0;
            done
        };
        done.map(|()| read).map_err(|Ambiguous| end)
    }

    fn last_of_begun(&self) -> Option<u8> {
        (self.begun_len > 0).then_some(self.last)
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = KEPT.saturating_sub(self.begun.len()).min(bytes.len());
        self.begun.extend_from_slice(bytes.get(..room).unwrap_or_default());
        self.begun_len += bytes.len();
        self.last = bytes.last().copied().unwrap_or(self.last);
    }

    /// Takes a line without its end. `whole`: all of it is there, not only its beginning.
    fn line_is(&mut self, line: &[u8], whole: bool) -> Result<(), Ambiguous> {
        match self.state {
            // Empty lines before a request are ignored (RFC 9112, 2.2).
            State::RequestLine if line.is_empty() => {}
            State::RequestLine => {
                self.state = if whole && line == HTTP2 { State::Http2 } else { State::Fields };
                self.head = Head::default();
            }
            State::Fields if line.is_empty() => {
                self.state = match self.head {
                    Head { chunked: true, .. } => State::ChunkSize,
                    Head { length: Some(length), .. } if length > 0 => State::Body(length),
                    Head { .. } => State::RequestLine,
                };
            }
            State::Fields => self.head.field(line, whole)?,
            State::ChunkSize => {
                self.state = match chunk_size(line).ok_or(Ambiguous)? {
                    0 => State::Trailers,
                    size => State::Chunk(size),
                };
            }
            State::Trailers if line.is_empty() => self.state = State::RequestLine,
            State::Trailers | State::Body(_) | State::Chunk(_) => {}
            State::ChunkCr | State::ChunkLf | State::Http2 => {}
        }
        Ok(())
    }
}

impl Head {
    fn field(&mut self, line: &[u8], whole: bool) -> Result<(), Ambiguous> {
        // Most names begin with another letter, so this is the only comparison for them.
        match line.first() {
            Some(b'c' | b'C') => {
                let Some(value) = value(line, b"content-length:") else { return Ok(()) };
                let length = number(value).filter(|_| whole && !self.chunked && self.length.is_none());
                self.length = Some(length.ok_or(Ambiguous)?);
            }
            Some(b't' | b'T') => {
                let Some(value) = value(line, b"transfer-encoding:") else { return Ok(()) };
                let only = whole && !self.chunked && self.length.is_none();
                if !only || !value.eq_ignore_ascii_case(b"chunked") {
                    return Err(Ambiguous);
                }
                self.chunked = true;
            }
            _ => {}
        }
        Ok(())
    }
}

/// The value of a line of this name, without white space around it.
fn value<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (start, value) = line.split_at_checked(name.len())?;
    let blank = |b: &u8| matches!(b, b' ' | b'\t');
    let start_of_value = || value.iter().position(|b| !blank(b)).unwrap_or(value.len());
    let end_of_value = || value.iter().rposition(|b| !blank(b)).map_or(0, |at| at + 1);
    start.eq_ignore_ascii_case(name).then(|| value.get(start_of_value()..end_of_value()).unwrap_or_default())
}

fn number(digits: &[u8]) -> Option<u64> {
    let plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(digits).ok().filter(|_| plain)?.parse().ok()
}

/// The size in a line that begins a chunk: hexadecimal digits, and extensions, which are ignored.
fn chunk_size(line: &[u8]) -> Option<u64> {
    let digits = line.iter().take_while(|b| b.is_ascii_hexdigit()).count();
    let (digits, rest) = line.split_at_checked(digits)?;
    let has_end = rest.is_empty() || rest.trim_ascii_start().starts_with(b";");
    if digits.is_empty() || digits.len() > 16 || !has_end {
        return None;
    }
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// How many of `left` bytes are here, and how many are still to come.
fn skip(bytes: &[u8], left: u64) -> (usize, u64) {
    let here = usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
    (here, left - here as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the bytes are accepted, however they are divided into reads.
    fn accepts(text: &str) -> bool {
        let bytes = text.as_bytes();
        let whole = Framing::new().follow(bytes);
        for size in [1, 2, 3, 7, 24] {
            let mut framing = Framing::new();
            let mut start = 0;
            let parts = bytes.chunks(size).try_for_each(|part| {
                let result = framing.follow(part).map_err(|at| start + at);
                start += part.len();
                result
            });
            assert_eq!(parts, whole, "{text:?} in reads of {size} bytes");
        }
        whole.is_ok()
    }

    const NEXT: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    #[test]
    fn requests_of_every_framing_follow_each_other() {
        let requests = [
            "GET / HTTP/1.1\r\nHost: x\r\nCookie: a\r\nTE: trailers\r\nContent-Type: a\r\n\r\n",
            "POST / HTTP/1.1\r\ncontent-length: 4\r\n\r\na\nb\n",
            "POST / HTTP/1.1\r\nContent-Length:\t 0 \r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n3;x=\"y\"\r\na\nb\r\nA ;x\r\n0123456789\r\n0\r\nx: y\r\n\r\n",
            "\r\nGET / HTTP/1.0\r\n\r\n",
        ];
        assert!(accepts(&requests.concat()));
        // Each is followed to its end: what comes next is read as a head.
        for request in requests {
            assert!(accepts(&[request, NEXT].concat()), "{request}");
            assert!(!accepts(&[request, "GET / HTTP/1.1\n\n"].concat()), "{request}");
        }
    }

    #[test]
    fn a_body_that_is_unclear_is_refused() {
        for fields in [
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
            "Content-Length: 0\r\nContent-Length: 0\r\n",
            "Content-Length: 0\r\nX: y\r\ncontent-length: 5\r\n",
            "Content-Length: 0, 0\r\n",
            "Content-Length: +1\r\n",
            "Content-Length: -1\r\n",
            "Content-Length: 0x1\r\n",
            "Content-Length: 1 0\r\n",
            "Content-Length:\r\n",
            "Content-Length: 18446744073709551616\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
            "Transfer-Encoding: gzip, chunked\r\n",
            "Transfer-Encoding: chunked, identity\r\n",
            "Transfer-Encoding: identity\r\n",
            "Transfer-Encoding: chunked,\r\n",
            "Transfer-Encoding: \"chunked\"\r\n",
            "Transfer-Encoding: \u{b}chunked\r\n",
            "Transfer-Encoding:\r\n",
        ] {
            assert!(!accepts(&format!("POST / HTTP/1.1\r\nHost: x\r\n{fields}\r\n")), "{fields}");
        }
        let padded = format!("POST / HTTP/1.1\r\nContent-Length:{}5\r\n\r\n", " ".repeat(200));
        let mut framing = Framing::new();
        assert!(padded.as_bytes().chunks(10).any(|part| framing.follow(part).is_err()), "too long to keep");
    }

    #[test]
    fn every_line_ends_with_cr_and_lf() {
        for text in [
            "GET / HTTP/1.1\nHost: x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\n\n",
            "\nGET / HTTP/1.1\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;a\nx\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nx: y\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\n",
        ] {
            assert!(!accepts(text), "{text:?}");
        }
    }

    #[test]
    fn a_chunk_has_a_plain_size_and_the_length_it_says() {
        for chunk in [
            "+1\r\nx\r\n",
            "0x1\r\nx\r\n",
            "\r\nx\r\n",
            "1 x\r\nx\r\n",
            "1 \r\nx\r\n",
            "10000000000000001\r\n",
            "1\r\nxyz",
        ] {
            assert!(
                !accepts(&format!("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}")),
                "{chunk:?}"
            );
        }
    }

    #[test]
    fn an_http2_connection_is_not_followed() {
        assert!(accepts("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\n\0\0\n"));
    }

    #[test]
    fn the_bytes_of_a_head_are_counted() {
        let mut framing = Framing::new();
        framing.follow(b"POST / HTTP/1.1\r\nX: ").unwrap();
        framing.follow(&[b'y'; 1000]).unwrap();
        assert_eq!(framing.head_bytes(), 1020);
        framing.follow(b"\r\nContent-Length: 9\r\n\r\n123456789").unwrap();
        assert_eq!(framing.head_bytes(), 1043);
        framing.follow(b"G").unwrap();
        assert_eq!(framing.head_bytes(), 1);
    }
}
