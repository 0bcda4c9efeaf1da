//! The parts of the canonical requests of one request. Where the SDKs differ a part has several values; every
//! combination is a canonical request. Signing, verification and explanations use the same parts.

use super::payload::{Body, PayloadHashes};
use super::verify::Payload;
use super::{Algorithm, SignedRequest, canonical, payload};

/// The parts of one request's canonical requests.
#[derive(Clone)]
pub(super) struct RequestParts<'a> {
    pub(super) method: &'a str,
    pub(super) uri: Vec<u8>,
    /// The most widely used one first, as in `lines` and `hashes`.
    pub(super) queries: Vec<Vec<u8>>,
    pub(super) lines: Vec<Vec<u8>>,
    pub(super) signed_headers: &'a str,
    pub(super) hashes: Vec<(Payload, String)>,
    /// A signed header is not in the request.
    pub(super) missing: bool,
    /// The value of a signed header has a line end or a NUL, which could forge another line.
    pub(super) illegal: bool,
    /// The content header is repeated, or states a hash that is not the body's.
    pub(super) contradicted: bool,
}

impl<'a> RequestParts<'a> {
    /// Reads a request. `signed_headers` are names joined by `;`.
    pub(super) fn new(
        algorithm: Algorithm,
        signed_headers: &'a str,
        request: &SignedRequest<'a>,
        body: &Body,
    ) -> Self {
        let (path, query) = canonical::split_target(request.target);
        let lines = canonical::header_lines(request, signed_headers.split(';'));
        let PayloadHashes { hashes, contradicted } =
            payload::hashes(algorithm, request, body, signed_headers.split(';'));
        Self {
            method: request.method,
            uri: canonical::uri(path),
            queries: canonical::queries(query),
            lines: lines.candidates,
            signed_headers,
            hashes,
            missing: lines.missing,
            illegal: lines.illegal,
            contradicted,
        }
    }

    /// Every canonical request, and whether it covers the body.
    pub(super) fn texts(&self) -> impl Iterator<Item = (Payload, Vec<u8>)> {
        self.queries.iter().flat_map(move |query| {
            self.lines.iter().flat_map(move |lines| {
                self.hashes.iter().map(move |(coverage, hash)| {
                    let list = self.signed_headers;
                    (*coverage, canonical::assemble(self.method, &self.uri, query, lines, list, hash))
                })
            })
        })
    }

    /// The most widely used canonical request.
    pub(super) fn first_text(&self) -> Vec<u8> {
        self.texts().next().map(|(_, text)| text).unwrap_or_default()
    }
}
