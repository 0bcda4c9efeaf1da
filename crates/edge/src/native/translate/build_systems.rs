//! The settings that connect a build system.

use crate::language::Language;
use pages::build_systems::{BuildSystem, Connection, Snippet};
use wire::native::build_systems as native;

/// A build system in a list.
pub fn build_system(system: &BuildSystem, language: Language) -> native::BuildSystem {
    native::BuildSystem {
        name: system.name.to_owned(),
        title: system.title.to_owned(),
        summary: system.summary.in_language(language).to_owned(),
    }
}

/// A build system with its settings for a connection.
pub fn settings(
    system: &BuildSystem,
    connection: &Connection,
    language: Language,
) -> native::BuildSystemSettings {
    let snippet = |snippet: &Snippet| native::Snippet {
        caption: snippet.caption.in_language(language).to_owned(),
        syntax: snippet.syntax.to_owned(),
        text: snippet.text(connection),
    };
    native::BuildSystemSettings {
        build_system: build_system(system, language),
        notes: system.notes(connection).map(|note| note.in_language(language).to_owned()).collect(),
        snippets: system.snippets.iter().map(snippet).collect(),
    }
}
