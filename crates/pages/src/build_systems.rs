//! The catalogue of build systems and clients, with the settings that connect each to a server. The page of a
//! repository, the command `stagepost connect` and the documents in `docs/reporters` show the same texts.
//!
//! Must not know: where a text is shown.

mod argo;
mod buildbot;
mod clients;
mod containers;
mod hosted;
mod jenkins;
mod shell;

use domain::language::{Language, Text};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::sync::LazyLock;

/// A build system that reports, or a client that reads.
#[derive(Debug)]
pub struct BuildSystem {
    /// The name in addresses and commands.
    pub name: &'static str,
    /// The title, the same in both languages.
    pub title: &'static str,
    /// The purpose of the settings, in one line.
    pub summary: Text,
    /// Notes on the prerequisites, and the limits of the build system.
    notes: &'static [Text],
    /// The settings.
    pub snippets: &'static [Snippet],
    /// Whether it only reads.
    pub reads: bool,
}

/// A part of the settings: a file, or commands.
#[derive(Debug)]
pub struct Snippet {
    /// The file or page for the text.
    pub caption: Text,
    /// The name of its language in Markdown.
    pub syntax: &'static str,
    /// The text, with the placeholders of [`Connection::fill`].
    template: &'static str,
}

/// The values that the settings of every build system have.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The address of the server, without a slash at the end.
    pub server: String,
    /// The path of the repository.
    pub path: String,
    /// A token of the scope `report`; without one the settings name a placeholder.
    pub token: Option<String>,
}

/// The text in place of a token that is not known.
const NO_TOKEN: &str = "YOUR_TOKEN";
/// The texts in place of an access key that is not known.
pub const NO_ACCESS_KEY: &str = "YOUR_AK";
/// See [`NO_ACCESS_KEY`].
pub const NO_SECRET_KEY: &str = "YOUR_SK";
/// The characters of a path that an address has as they are, without `/`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

impl Connection {
    /// Replaces the placeholders of a template: `@server@`, `@origin@` (the server without its path), `@path@`,
    /// `@project@` (the encoded path), `@owner@` and `@repo@` (its first segment and the encoded rest), `@token@`.
    fn fill(&self, template: &str) -> String {
        let encode = |text: &str| utf8_percent_encode(text, ENCODED).to_string();
        let (owner, repo) = self.path.split_once('/').unwrap_or(("", &self.path));
        let token = self.token.as_deref().unwrap_or(NO_TOKEN);
        let server = self.server.trim_end_matches('/');
        let host = server.find("://").map_or(0, |at| at + 3);
        let origin = server[host..].find('/').map_or(server, |at| &server[..host + at]);
        [
            ("@server@", server),
            ("@origin@", origin),
            ("@path@", &self.path),
            ("@project@", &encode(&self.path)),
            ("@owner@", &encode(owner)),
            ("@repo@", &encode(repo)),
            ("@token@", token),
        ]
        .iter()
        .fold(template.to_owned(), |text, (name, value)| text.replace(name, value))
    }
}

/// The note on settings whose addresses have an owner and a name, for a repository whose path has one part.
const NO_OWNER: Text = Text::new(
    "该仓库的路径只有一段，而此接口的地址需要两段，如 acme/demo，因此使用此类地址的设置不可用。\
     请改用路径有两段的仓库，或通过 GitLab 接口上报的构建系统。",
    "The path of this repository has one part, and the addresses of this API need two, as in acme/demo. Settings \
     with such an address do not work: use a repository whose path has two parts, or a build system that reports \
     to the GitLab API.",
);

impl Snippet {
    /// The text with the values of a connection. It ends with a line break.
    pub fn text(&self, connection: &Connection) -> String {
        connection.fill(self.template)
    }
}

/// All build systems and clients.
pub static ALL: &[&BuildSystem] = &[
    &shell::SHELL,
    &jenkins::GITLAB,
    &jenkins::GITHUB,
    &jenkins::BITBUCKET,
    &jenkins::GITEA,
    &buildbot::BUILDBOT,
    &hosted::GITLAB_CI,
    &hosted::GITHUB_ACTIONS,
    &hosted::BUILDKITE,
    &containers::WOODPECKER,
    &containers::DRONE,
    &containers::TEKTON,
    &argo::ARGO,
    &clients::PYTHON,
    &clients::GO,
    &clients::JAVA,
];

/// The names of all.
pub static NAMES: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| ALL.iter().map(|system| system.name).collect());

/// The build system with this name.
pub fn find(name: &str) -> Option<&'static BuildSystem> {
    ALL.iter().copied().find(|system| system.name == name)
}

impl BuildSystem {
    /// Notes on the prerequisites and the limits, also for the repository of this connection.
    pub fn notes(&self, connection: &Connection) -> impl Iterator<Item = Text> {
        let has_owner = connection.path.contains('/');
        let needs_owner = self.snippets.iter().any(|snippet| snippet.template.contains("@owner@"));
        (needs_owner && !has_owner).then_some(NO_OWNER).into_iter().chain(self.notes.iter().copied())
    }

    /// The settings as Markdown.
    pub fn markdown(&self, connection: &Connection, language: Language) -> String {
        let mut text = format!("# {}\n\n{}\n", self.title, self.summary.in_language(language));
        let notes: Vec<Text> = self.notes(connection).collect();
        for note in &notes {
            text += &format!("\n- {}", note.in_language(language));
        }
        text += if notes.is_empty() { "" } else { "\n" };
        for snippet in self.snippets {
            let (caption, filled) = (snippet.caption.in_language(language), snippet.text(connection));
            text += &format!("\n**{caption}**\n\n```{}\n{filled}```\n", snippet.syntax);
        }
        text
    }
}

#[cfg(test)]
mod tests;
