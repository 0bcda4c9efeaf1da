//! A parser for server-sent events that accepts chunks of any size.

use crate::error::{Error, ErrorKind};

/// The longest message accepted, in bytes. The server sends none that is near this.
const MAX_MESSAGE_BYTES: usize = 1 << 20;

/// One message of the stream.
#[derive(Debug, Default, PartialEq)]
pub struct SseMessage {
    /// The field `event`.
    pub name: String,
    /// The field `data`; several lines are joined by a line feed.
    pub data: String,
}

/// The state between two chunks.
#[derive(Default)]
pub struct SseParser {
    line: Vec<u8>,
    message: SseMessage,
}

impl SseParser {
    /// Adds a chunk and returns the messages that it completes.
    ///
    /// # Errors
    /// [`ErrorKind::Other`] for a message longer than 1 MiB.
    pub fn push(&mut self, chunk: &[u8]) -> Result<Vec<SseMessage>, Error> {
        let mut messages = Vec::new();
        for &byte in chunk {
            if byte != b'\n' {
                self.line.push(byte);
                if self.line.len() + self.message.data.len() > MAX_MESSAGE_BYTES {
                    return Err(Error::local(ErrorKind::Other, "an event is too long"));
                }
                continue;
            }
            let line = std::mem::take(&mut self.line);
            let Ok(line) = std::str::from_utf8(&line) else {
                return Err(Error::local(ErrorKind::Other, "an event is not valid UTF-8"));
            };
            let line = line.trim_end_matches('\r');
            if line.is_empty() {
                let message = std::mem::take(&mut self.message);
                if !message.data.is_empty() {
                    messages.push(message);
                }
                continue;
            }
            self.add_line(line);
        }
        Ok(messages)
    }

    fn add_line(&mut self, line: &str) {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "event" => self.message.name = value.to_owned(),
            "data" => {
                if !self.message.data.is_empty() {
                    self.message.data.push('\n');
                }
                self.message.data.push_str(value);
            }
            // Comments, `retry`, and `id`, which the data repeats.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_of_any_size_give_the_same_messages() {
        let text = ": hello\nretry: 3000\nid: 1\nevent: ready\ndata: {\"a\":\ndata:1}\n\nid: 2\r\nevent:ping\r\ndata: 任务\r\n\r\n\n";
        let expected = [("ready", "{\"a\":\n1}"), ("ping", "任务")]
            .map(|(name, data)| SseMessage { name: name.into(), data: data.into() });
        for size in 1..text.len() {
            let mut parser = SseParser::default();
            let messages: Vec<SseMessage> =
                text.as_bytes().chunks(size).flat_map(|chunk| parser.push(chunk).unwrap()).collect();
            assert_eq!(messages, expected, "{size}");
        }
        let mut parser = SseParser::default();
        assert!((0..=MAX_MESSAGE_BYTES).any(|_| parser.push(b"x").is_err()), "the length is limited");
    }
}
