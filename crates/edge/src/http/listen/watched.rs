//! The stream of a connection: it records when bytes arrive and when writes are blocked, checks the framing of
//! HTTP/1 before hyper reads it, and limits the buffer that hyper reads into.

use super::activity::{Activity, STALL_BYTES};
use super::framing::Framing;
use super::refused;
use crate::http::budget::{Budget, Reserved};
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf, Take};
use tokio::time::Instant;

/// Bytes of a head that belong to the connection and to no budget.
pub(super) const FREE_HEAD: usize = 16 * 1024;

/// Bytes of one read. hyper doubles its buffer, up to the longest head, after each read that fills it, and every
/// connection keeps its buffer: with less than 16 KiB it stays at 16 KiB.
const READ_MAX: u64 = 16 * 1024 - 1;

/// The greatest response that is copied to send its head and its body together. The system takes longer for two buffers
/// than this copy takes.
const COPIED_MAX: usize = 2 * 1024;

/// The response to a head that the budget has no memory for. It is written before hyper has read the head.
const BUSY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// The bytes that hyper reads after an ambiguous byte, which was replaced by NUL: the end of a head, so that it
/// responds with 400 in its turn, after the responses to the requests before.
const END_OF_HEAD: &[u8] = b"\r\n\r\n";

pub(super) struct Watched<T> {
    stream: Take<T>,
    activity: Arc<Activity>,
    /// When the pending bytes were first blocked; a copy of the recorded time, so that a write that is not
    /// blocked takes no lock.
    blocked_since: Option<Instant>,
    /// Bytes written since then.
    written: usize,
    framing: Framing,
    /// How much of [`END_OF_HEAD`] hyper has read, after an ambiguous byte.
    ended: Option<usize>,
    heads: Arc<Budget>,
    address: Option<IpAddr>,
    head: Option<Reserved>,
}

impl<T: AsyncRead> Watched<T> {
    /// `address`: whom long heads are counted for; `None`: many clients share it.
    pub(super) fn new(
        stream: T,
        activity: Arc<Activity>,
        heads: Arc<Budget>,
        address: Option<IpAddr>,
    ) -> Self {
        Self {
            stream: stream.take(READ_MAX),
            activity,
            blocked_since: None,
            written: 0,
            framing: Framing::new(),
            ended: None,
            heads,
            address,
            head: None,
        }
    }

    fn record_write(&mut self, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &result {
            Poll::Pending if self.blocked_since.is_none() => self.set_blocked(Some(Instant::now())),
            Poll::Ready(Ok(count)) if self.blocked_since.is_some() => {
                self.written += count;
                if self.written >= STALL_BYTES {
                    self.set_blocked(Some(Instant::now()));
                }
            }
            _ => {}
        }
        result
    }

    /// A flush is ready when nothing is pending.
    fn record_flush(&mut self, result: Poll<io::Result<()>>) -> Poll<io::Result<()>> {
        match (&result, self.blocked_since) {
            (Poll::Pending, None) => self.set_blocked(Some(Instant::now())),
            (Poll::Ready(_), Some(_)) => self.set_blocked(None),
            _ => {}
        }
        result
    }

    fn set_blocked(&mut self, since: Option<Instant>) {
        self.blocked_since = since;
        self.written = 0;
        self.activity.set_blocked(since);
    }

    /// Checks what was read into the buffer after `before`. False: there is no memory for the head.
    fn check(&mut self, buf: &mut ReadBuf<'_>, before: usize) -> bool {
        let filled = buf.filled_mut();
        let Some(read) = filled.get_mut(before..) else { return true };
        if let Err(at) = self.framing.follow(read) {
            if let Some(byte) = read.get_mut(at) {
                *byte = 0;
            }
            buf.set_filled(before + at + 1);
            self.ended = Some(0);
            refused("ambiguous");
            return true;
        }
        let long = self.framing.head_bytes();
        if long <= FREE_HEAD {
            self.head = None;
            return true;
        }
        let head = self.head.get_or_insert_with(|| self.heads.open(self.address));
        head.raise_to(long)
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncRead for Watched<T> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if let Some(sent) = this.ended {
            // After it hyper reads the end of the stream.
            let rest = END_OF_HEAD.get(sent..).unwrap_or_default();
            let count = rest.len().min(buf.remaining());
            buf.put_slice(rest.get(..count).unwrap_or_default());
            this.ended = Some(sent + count);
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        this.stream.set_limit(READ_MAX);
        ready!(Pin::new(&mut this.stream).poll_read(cx, buf))?;
        if buf.filled().len() > before {
            this.activity.bytes_arrived();
            if !this.check(buf, before) {
                refused("memory");
                if !this.activity.is_responding() {
                    // The connection ends now, so a response that does not fit into the socket is not sent.
                    let _ = Pin::new(this.stream.get_mut()).poll_write(cx, BUSY);
                    let _ = Pin::new(this.stream.get_mut()).poll_flush(cx);
                    let _ = Pin::new(this.stream.get_mut()).poll_shutdown(cx);
                }
                return Poll::Ready(Err(io::Error::other("no memory for a long header")));
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Watched<T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = Pin::new(this.stream.get_mut()).poll_write(cx, bytes);
        this.record_write(result)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let stream = Pin::new(this.stream.get_mut());
        let result = if slices.iter().map(|slice| slice.len()).sum::<usize>() <= COPIED_MAX {
            let mut copy = [0; COPIED_MAX];
            let copied = (&mut copy[..]).write_vectored(slices)?;
            stream.poll_write(cx, &copy[..copied])
        } else {
            stream.poll_write_vectored(cx, slices)
        };
        this.record_write(result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.get_ref().is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let result = Pin::new(this.stream.get_mut()).poll_flush(cx);
        this.record_flush(result)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let result = Pin::new(this.stream.get_mut()).poll_shutdown(cx);
        this.record_flush(result)
    }
}
