//! `GET /errors.json`.

use serde::{Deserialize, Serialize};

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorText {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// One code of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorEntry {
    /// The code.
    pub code: String,
    /// The HTTP status.
    pub status: u16,
    /// The message.
    pub meaning: ErrorText,
    /// The solution.
    pub advice: ErrorText,
}

/// The catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorList {
    /// Its codes.
    pub errors: Vec<ErrorEntry>,
}
