//! Tests of the wire formats: the JSON of each dialect, and request signing.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod codearts_json;
mod iam_json;
mod signing_properties;
mod signing_vectors;
