//! Import: NDJSON, one repository or one whole pipeline a line, sent in chunks of whole lines.
//!
//! Must not know: where the lines come from; how the outcome is shown.

use crate::error::{Error, Kind};
use crate::transport::{Client, RawBody, Request};
use reqwest::Method;
use std::io::{self, BufRead, Read};
pub use wire::native::imports::{ImportLine, ImportResult};

/// How much is sent at once, unless one line alone is longer.
pub const CHUNK_BYTES: usize = 512 << 10;
/// The longest line the server can take.
pub const LINE_BYTES: usize = 1 << 20;

/// Whole lines, ready to send.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chunk {
    /// The lines, each with its line end; empty ones are left out.
    pub bytes: Vec<u8>,
    /// The number of each line in the input, from 1.
    pub numbers: Vec<u64>,
    /// The numbers of lines too long for any server; they are not in `bytes`.
    pub too_long: Vec<u64>,
    /// How many bytes of the input this chunk stands for.
    pub input_bytes: u64,
}

/// Cuts an input into [`Chunk`]s without ever holding more than a chunk and a line.
#[derive(Debug)]
pub struct Chunks<R> {
    input: R,
    number: u64,
    held: Option<Vec<u8>>,
}

impl<R: BufRead> Chunks<R> {
    /// Reads from `input`, from its present place on.
    pub fn new(input: R) -> Self {
        Self { input, number: 0, held: None }
    }

    /// The next chunk; `None` at the end.
    ///
    /// # Errors
    /// Those of the input.
    pub fn next_chunk(&mut self) -> io::Result<Option<Chunk>> {
        let mut chunk = Chunk::default();
        loop {
            let line = match self.held.take() {
                Some(line) => line,
                None => match self.read_line(&mut chunk)? {
                    Some(line) => line,
                    None => break,
                },
            };
            if !chunk.bytes.is_empty() && chunk.bytes.len() + line.len() > CHUNK_BYTES {
                self.held = Some(line);
                break;
            }
            chunk.bytes.extend_from_slice(&line);
            chunk.numbers.push(self.number);
        }
        Ok((chunk.input_bytes > 0 || !chunk.bytes.is_empty()).then_some(chunk))
    }

    /// The next line worth sending, with a line end.
    fn read_line(&mut self, chunk: &mut Chunk) -> io::Result<Option<Vec<u8>>> {
        loop {
            let mut line = Vec::new();
            let mut limited = self.input.by_ref().take(LINE_BYTES as u64 + 1);
            let read = limited.read_until(b'\n', &mut line)?;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            chunk.input_bytes += read as u64;
            if line.last() != Some(&b'\n') {
                if line.len() > LINE_BYTES {
                    chunk.input_bytes += skip_line(&mut self.input)?;
                } else {
                    line.push(b'\n');
                }
            }
            if line.len() > LINE_BYTES {
                chunk.too_long.push(self.number);
            } else if !line.trim_ascii().is_empty() {
                return Ok(Some(line));
            }
        }
    }
}

/// Reads to the end of the line without keeping it.
fn skip_line(input: &mut impl BufRead) -> io::Result<u64> {
    let mut skipped = 0;
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(skipped);
        }
        let (length, end) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(place) => (place + 1, true),
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
    /// Imports the lines of a chunk. The answers carry the numbers of the lines in the input. What was there
    /// already is `known` and left alone, so a broken-off import can be run again.
    ///
    /// # Errors
    /// [`Error`], for the chunk as a whole.
    pub async fn import(&self, chunk: &Chunk) -> Result<Vec<ImportResult>, Error> {
        let body = RawBody { content_type: "application/x-ndjson".to_owned(), bytes: chunk.bytes.clone() };
        let url = self.url(&["native", "v1", "import"], &[]);
        let request = Request { body: Some(body), ..Request::new(Method::POST, url) };
        let response = self.send(&request).await?.success()?;
        let unreadable =
            |what: String| Error::local(Kind::Other, format!("the answer cannot be read: {what}"));
        let mut answers = Vec::new();
        for line in response.body.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
            let mut answer: ImportResult =
                serde_json::from_slice(line).map_err(|error| unreadable(error.to_string()))?;
            let place = usize::try_from(answer.line).unwrap_or(usize::MAX).wrapping_sub(1);
            answer.line = *chunk
                .numbers
                .get(place)
                .ok_or_else(|| unreadable(format!("line {} was not sent", answer.line)))?;
            answers.push(answer);
        }
        if answers.len() == chunk.numbers.len() {
            return Ok(answers);
        }
        Err(unreadable(format!("{} lines, {} answers", chunk.numbers.len(), answers.len())))
    }
}

#[cfg(test)]
mod tests {
    use super::{CHUNK_BYTES, Chunk, Chunks, LINE_BYTES};

    fn chunks(input: &[u8]) -> Vec<Chunk> {
        let mut chunks = Chunks::new(input);
        std::iter::from_fn(|| chunks.next_chunk().unwrap()).collect()
    }

    #[test]
    fn leaves_empty_lines_out_and_keeps_the_numbers() {
        let found = chunks(b"\n{1}\r\n  \n{2}\n\n{3}");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].bytes, b"{1}\r\n{2}\n{3}\n");
        assert_eq!(found[0].numbers, [2, 4, 6]);
        assert_eq!(found[0].input_bytes, 17);
        assert!(chunks(b"").is_empty());
        // Nothing to send, and yet the input moved on.
        assert_eq!(chunks(b"\n\n")[0].numbers, [0_u64; 0]);
    }

    #[test]
    fn cuts_between_lines_below_the_limit() {
        let line = vec![b'x'; 200 << 10];
        let input = [line.as_slice(), &line, &line, &line, &line].join(&b'\n');
        let found = chunks(&input);
        assert_eq!(
            found.iter().map(|chunk| chunk.numbers.clone()).collect::<Vec<_>>(),
            [vec![1, 2], vec![3, 4], vec![5]]
        );
        assert!(found.iter().all(|chunk| chunk.bytes.len() <= CHUNK_BYTES));
        assert_eq!(found.iter().map(|chunk| chunk.input_bytes).sum::<u64>(), input.len() as u64);
    }

    #[test]
    fn sends_a_long_line_alone_and_leaves_out_one_that_is_too_long() {
        let long = vec![b'y'; LINE_BYTES - 1];
        let too_long = vec![b'z'; LINE_BYTES * 2];
        let input = [b"a".as_slice(), &long, &too_long, b"b"].join(&b'\n');
        let found = chunks(&input);
        let numbers: Vec<u64> = found.iter().flat_map(|chunk| chunk.numbers.clone()).collect();
        let too_long: Vec<u64> = found.iter().flat_map(|chunk| chunk.too_long.clone()).collect();
        assert_eq!((numbers, too_long), (vec![1, 2, 4], vec![3]));
        assert!(found.iter().all(|chunk| chunk.bytes.len() <= LINE_BYTES));
        assert_eq!(found.iter().map(|chunk| chunk.input_bytes).sum::<u64>(), input.len() as u64);
    }
}
