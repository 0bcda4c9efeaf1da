//! The settings that connect a build system, as `stagepost connect --json` and the page of a repository print them.

use serde::{Deserialize, Serialize};

/// A build system or a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildSystem {
    /// The name in addresses and commands.
    pub name: String,
    /// The title.
    pub title: String,
    /// What the settings do, in one line.
    pub summary: String,
}

/// A build system with its settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildSystemSettings {
    /// The build system.
    #[serde(flatten)]
    pub build_system: BuildSystem,
    /// What to know before.
    pub notes: Vec<String>,
    /// The settings.
    pub snippets: Vec<Snippet>,
}

/// A part of the settings: a file, or commands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snippet {
    /// Where the text belongs.
    pub caption: String,
    /// The name of its language in Markdown.
    pub syntax: String,
    /// The text.
    pub text: String,
}
