//! The responses of an operation: their fields, an example, and the errors of its statuses.

use super::KnownError;

/// A response of an operation that is not an error.
#[derive(Debug, Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: String,
    /// The reason phrase.
    pub reason: String,
    /// The media type of the body; empty without a body.
    pub kind: String,
    /// The fields of a JSON body, in the order of the document.
    pub fields: Vec<ResponseField>,
    /// Whether there are more fields than `fields` has.
    pub more: bool,
    /// An example of a JSON body; empty without one.
    pub example: String,
}

/// A field of a JSON body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseField {
    /// The path: `jobs[].name`.
    pub path: String,
    /// The JSON types: `string or null`.
    pub kind: String,
    /// Whether it is always there.
    pub required: bool,
    /// The description in the language of the page.
    pub description: String,
}

/// An error status of an operation.
#[derive(Debug, Clone)]
pub struct ErrorStatus {
    /// The HTTP status.
    pub status: String,
    /// The reason phrase.
    pub reason: String,
    /// The errors of the catalogue with this status.
    pub errors: Vec<KnownError>,
}
