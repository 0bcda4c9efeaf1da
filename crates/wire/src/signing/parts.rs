//! The parts of which the canonical requests of one request are put together: where the SDKs differ there are several of a part, and every
//! combination is one. The same for who signs, who verifies and who explains.

use super::payload::{Body, Candidates};
use super::verify::Payload;
use super::{Algorithm, SignedRequest, canonical, payload};

#[derive(Clone)]
pub(super) struct Shape<'a> {
    pub(super) method: &'a str,
    pub(super) uri: Vec<u8>,
    /// The most widely understood first, as of the two below.
    pub(super) queries: Vec<Vec<u8>>,
    pub(super) lines: Vec<Vec<u8>>,
    pub(super) signed_headers: &'a str,
    pub(super) hashes: Vec<(Payload, String)>,
    /// A signed header is not in the request.
    pub(super) missing: bool,
    /// A value has a byte that could pretend to be another line.
    pub(super) illegal: bool,
    /// The request states another hash than its body has.
    pub(super) contradicted: bool,
}

impl<'a> Shape<'a> {
    /// `signed_headers` are names joined by `;`.
    pub(super) fn of(
        algorithm: Algorithm,
        signed_headers: &'a str,
        request: &SignedRequest<'a>,
        body: &Body,
    ) -> Self {
        let (path, query) = canonical::split_target(request.target);
        let lines = canonical::header_lines(request, signed_headers.split(';'));
        let Candidates { hashes, contradicted } =
            payload::candidates(algorithm, request, body, signed_headers.split(';'));
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

    /// The most widely understood one.
    pub(super) fn first_text(&self) -> Vec<u8> {
        self.texts().next().map(|(_, text)| text).unwrap_or_default()
    }
}
