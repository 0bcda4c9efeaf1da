//! The settings that connect a build system, as `stagepost connect --json` and the page of a repository print them.

use serde::{Deserialize, Serialize};

/// A build system or a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildSystem {
    /// The name in addresses and commands.
    pub name: String,
    /// The title.
    pub title: String,
    /// The purpose of the settings, in one line.
    pub summary: String,
}

/// A build system with its settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildSystemSettings {
    /// The build system.
    #[serde(flatten)]
    pub build_system: BuildSystem,
    /// Notes on the prerequisites.
    pub notes: Vec<String>,
    /// The settings.
    pub snippets: Vec<Snippet>,
}

/// A part of the settings: a file, or commands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snippet {
    /// The file or page for the text.
    pub caption: String,
    /// The name of its language in Markdown.
    pub syntax: String,
    /// The text.
    pub text: String,
}
