//! The settings that connect a build system to a repository.

use crate::Frame;
use crate::build_systems::{ALL, BuildSystem, Connection, Snippet};
use crate::links::address;
use crate::messages::connect as msg;
use askama::Template;
use domain::language::Text;
use domain::model::repositories::Repository;

/// The page.
#[derive(Debug, Template)]
#[template(path = "connect.html")]
pub struct ConnectPage<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The repository.
    pub repository: &'a Repository,
    /// Whether the user can change the settings of the repository.
    pub can_manage: bool,
    /// The selected build system.
    pub system: &'static BuildSystem,
    /// The values of the settings.
    pub connection: &'a Connection,
}

impl ConnectPage<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn systems(&self) -> &'static [&'static BuildSystem] {
        ALL
    }

    fn link(&self, system: &BuildSystem) -> String {
        let path = format!("/repositories/{}/connect", self.repository.id);
        address(&path, &[("system", system.name)])
    }

    fn is_selected(&self, system: &BuildSystem) -> bool {
        system.name == self.system.name
    }

    fn notes(&self) -> impl Iterator<Item = Text> {
        self.system.notes(self.connection)
    }

    fn text(&self, snippet: &Snippet) -> String {
        snippet.text(self.connection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::tests::frame;
    use crate::messages::Language;

    #[test]
    fn every_build_system_has_a_page_in_both_languages() {
        let repository = crate::insights::tests::repository();
        for language in [Language::English, Language::Chinese] {
            let frame = Frame { language, ..frame() };
            for system in ALL {
                let server = "https://ci.example/<x>".to_owned();
                let connection = Connection { server, path: "acme/demo".into(), token: None };
                let (frame, repository, connection) = (&frame, &repository, &connection);
                let page = ConnectPage { frame, repository, can_manage: false, system, connection };
                let html = page.html();
                let selected = format!("?system={}\" aria-current=\"page\"", system.name);
                assert_eq!(html.matches(&selected).count(), 1, "{}", system.name);
                assert_eq!(html.matches("<pre").count(), system.snippets.len(), "{}", system.name);
                assert!(html.contains("ci.example/&#60;x&#62;"), "{}: {html}", system.name);
                assert!(!html.contains("<x>"), "{}", system.name);
                assert_eq!(html.contains("/account#tokens"), !system.reads, "{}", system.name);
                assert_eq!(html.contains("/account#keys-title-2"), system.reads, "{}", system.name);
            }
        }
    }
}
