//! Import of NDJSON: each line is a repository or a complete pipeline. Lines are sent in chunks.
//!
//! Must not know: where the lines come from; how results are displayed.

use crate::error::{Error, ErrorKind};
use crate::transport::{Client, RawBody, Request};
use reqwest::Method;
use std::io::{self, BufRead, Read};
pub use wire::native::imports::{ImportLine, ImportResult};

/// The size of a chunk in bytes, unless a single line is longer.
pub const CHUNK_BYTES: usize = 512 << 10;
/// The longest line that the server accepts, in bytes.
pub const MAX_LINE_BYTES: usize = 1 << 20;

/// A chunk of complete lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chunk {
    /// The lines with their line ends, without empty lines.
    pub bytes: Vec<u8>,
    /// The line number of each line in the input, from 1.
    pub line_numbers: Vec<u64>,
    /// The line numbers of lines that are too long. `bytes` does not contain them.
    pub too_long: Vec<u64>,
    /// The number of bytes read from the input for this chunk.
    pub input_bytes: u64,
}

/// Splits an input into [`Chunk`]s. Memory use is limited to one chunk and one line.
#[derive(Debug)]
pub struct Chunks<R> {
    input: R,
    line_number: u64,
    /// A line that did not fit into the last chunk.
    pending_line: Option<Vec<u8>>,
}

impl<R: BufRead> Chunks<R> {
    /// Reads from the current position of `input`.
    pub fn new(input: R) -> Self {
        Self { input, line_number: 0, pending_line: None }
    }

    /// The next chunk; `None` at the end.
    ///
    /// # Errors
    /// Errors of the input.
    pub fn next_chunk(&mut self) -> io::Result<Option<Chunk>> {
        let mut chunk = Chunk::default();
        loop {
            let line = match self.pending_line.take() {
                Some(line) => line,
                None => match self.read_line(&mut chunk)? {
                    Some(line) => line,
                    None => break,
                },
            };
            if !chunk.bytes.is_empty() && chunk.bytes.len() + line.len() > CHUNK_BYTES {
                self.pending_line = Some(line);
                break;
            }
            chunk.bytes.extend_from_slice(&line);
            chunk.line_numbers.push(self.line_number);
        }
        Ok((chunk.input_bytes > 0 || !chunk.bytes.is_empty()).then_some(chunk))
    }

    /// The next line that is neither empty nor too long, with a line end.
    fn read_line(&mut self, chunk: &mut Chunk) -> io::Result<Option<Vec<u8>>> {
        loop {
            let mut line = Vec::new();
            let mut limited = self.input.by_ref().take(MAX_LINE_BYTES as u64 + 1);
            let read = limited.read_until(b'\n', &mut line)?;
            if read == 0 {
                return Ok(None);
            }
            self.line_number += 1;
            chunk.input_bytes += read as u64;
            if line.last() != Some(&b'\n') {
                if line.len() > MAX_LINE_BYTES {
                    chunk.input_bytes += skip_line(&mut self.input)?;
                } else {
                    line.push(b'\n');
                }
            }
            if line.len() > MAX_LINE_BYTES {
                chunk.too_long.push(self.line_number);
            } else if !line.trim_ascii().is_empty() {
                return Ok(Some(line));
            }
        }
    }
}

/// Skips the rest of the line. Returns the number of bytes.
fn skip_line(input: &mut impl BufRead) -> io::Result<u64> {
    let mut skipped = 0;
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(skipped);
        }
        let (length, end) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(index) => (index + 1, true),
            None => (buffer.len(), false),
        };
        input.consume(length);
        skipped += length as u64;
        if end {
            return Ok(skipped);
        }
    }
}

impl Client {
    /// Imports the lines of a chunk. The results contain the line numbers of the input. A line that was
    /// imported before has the result `known` and changes nothing, so an interrupted import can be repeated.
    ///
    /// # Errors
    /// [`Error`] for the whole chunk.
    pub async fn import(&self, chunk: &Chunk) -> Result<Vec<ImportResult>, Error> {
        let body = RawBody { content_type: "application/x-ndjson".to_owned(), bytes: chunk.bytes.clone() };
        let url = self.url(&["native", "v1", "import"], &[]);
        let request = Request { body: Some(body), ..Request::new(Method::POST, url) };
        let response = self.send(&request).await?.success()?;
        let invalid = |what: String| Error::local(ErrorKind::Other, format!("invalid response: {what}"));
        let mut results = Vec::new();
        for line in response.body.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
            let mut result: ImportResult =
                serde_json::from_slice(line).map_err(|error| invalid(error.to_string()))?;
            let index = usize::try_from(result.line).unwrap_or(usize::MAX).wrapping_sub(1);
            result.line = *chunk
                .line_numbers
                .get(index)
                .ok_or_else(|| invalid(format!("line {} was not sent", result.line)))?;
            results.push(result);
        }
        if results.len() == chunk.line_numbers.len() {
            return Ok(results);
        }
        Err(invalid(format!("{} lines, {} results", chunk.line_numbers.len(), results.len())))
    }
}

#[cfg(test)]
mod tests {
    use super::{CHUNK_BYTES, Chunk, Chunks, MAX_LINE_BYTES};

    fn chunks(input: &[u8]) -> Vec<Chunk> {
        let mut chunks = Chunks::new(input);
        std::iter::from_fn(|| chunks.next_chunk().unwrap()).collect()
    }

    #[test]
    fn skips_empty_lines_and_keeps_line_numbers() {
        let parsed = chunks(b"\n{1}\r\n  \n{2}\n\n{3}");
        assert_eq!(parsed.len(), 1);
        assert_eq!(parsed[0].bytes, b"{1}\r\n{2}\n{3}\n");
        assert_eq!(parsed[0].line_numbers, [2, 4, 6]);
        assert_eq!(parsed[0].input_bytes, 17);
        assert!(chunks(b"").is_empty());
        // There is nothing to send, but the input was read.
        assert_eq!(chunks(b"\n\n")[0].line_numbers, [0_u64; 0]);
    }

    #[test]
    fn splits_between_lines_below_the_limit() {
        let line = vec![b'x'; 200 << 10];
        let input = [line.as_slice(), &line, &line, &line, &line].join(&b'\n');
        let parsed = chunks(&input);
        assert_eq!(
            parsed.iter().map(|chunk| chunk.line_numbers.clone()).collect::<Vec<_>>(),
            [vec![1, 2], vec![3, 4], vec![5]]
        );
        assert!(parsed.iter().all(|chunk| chunk.bytes.len() <= CHUNK_BYTES));
        assert_eq!(parsed.iter().map(|chunk| chunk.input_bytes).sum::<u64>(), input.len() as u64);
    }

    #[test]
    fn sends_a_long_line_alone_and_skips_one_that_is_too_long() {
        let long = vec![b'y'; MAX_LINE_BYTES - 1];
        let too_long = vec![b'z'; MAX_LINE_BYTES * 2];
        let input = [b"a".as_slice(), &long, &too_long, b"b"].join(&b'\n');
        let parsed = chunks(&input);
        let numbers: Vec<u64> = parsed.iter().flat_map(|chunk| chunk.line_numbers.clone()).collect();
        let too_long: Vec<u64> = parsed.iter().flat_map(|chunk| chunk.too_long.clone()).collect();
        assert_eq!((numbers, too_long), (vec![1, 2, 4], vec![3]));
        assert!(parsed.iter().all(|chunk| chunk.bytes.len() <= MAX_LINE_BYTES));
        assert_eq!(parsed.iter().map(|chunk| chunk.input_bytes).sum::<u64>(), input.len() as u64);
    }
}
