//! The settings that connect a build system to a repository.

use crate::accounts::confirm_field;
use crate::build_systems::{ALL, BuildSystem, Connection, NO_ACCESS_KEY, NO_SECRET_KEY, Snippet};
use crate::forms::SubmittedForm;
use crate::links::address;
use crate::messages::connect as msg;
use crate::{Frame, Html, Notice};
use askama::Template;
use domain::language::Text;
use domain::model::pipelines::Pipeline;
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
    /// Whether the user may report to the repository.
    pub can_report: bool,
    /// The selected build system.
    pub system: &'static BuildSystem,
    /// The values of the settings.
    pub connection: &'a Connection,
    /// A new access key (AK and SK), which is shown once.
    pub key: Option<(&'a str, &'a str)>,
    /// Whether the password is asked for, because the session expires.
    pub confirm: bool,
    /// The newest pipeline, if there is one.
    pub last: Option<&'a Pipeline>,
    /// The rejected form, if any.
    pub submitted: &'a SubmittedForm,
    /// The result of the last action.
    pub notice: Option<Notice>,
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
        let text = snippet.text(self.connection);
        let Some((access, secret)) = self.key else { return text };
        text.replace(NO_ACCESS_KEY, access).replace(NO_SECRET_KEY, secret)
    }

    /// The address of the page after a secret was shown.
    fn own_address(&self) -> String {
        self.link(self.system)
    }

    fn confirm_field(&self) -> Html {
        confirm_field(self.frame, self.submitted, self.confirm, "connect")
    }

    /// A token for reports is of no use to a user who may not report.
    fn may_create(&self) -> bool {
        self.can_report || self.system.reads
    }

    fn has_secret(&self) -> bool {
        self.key.is_some() || self.connection.token.is_some()
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
                let submitted = &SubmittedForm::default();
                let page = ConnectPage {
                    frame,
                    repository,
                    can_manage: false,
                    can_report: true,
                    system,
                    connection,
                    key: system.reads.then_some(("AK<1>", "SK<1>")),
                    confirm: true,
                    last: None,
                    submitted,
                    notice: None,
                };
                let html = page.html();
                let selected = format!("?system={}\" aria-current=\"page\"", system.name);
                assert_eq!(html.matches(&selected).count(), 1, "{}", system.name);
                assert_eq!(html.matches("<pre").count(), system.snippets.len(), "{}", system.name);
                assert!(html.contains("ci.example/&#60;x&#62;"), "{}: {html}", system.name);
                assert!(!html.contains("<x>"), "{}", system.name);
                // A new key is in the settings, and there is no form for another.
                assert_eq!(html.contains("action=\"/account/connect\""), !system.reads, "{}", system.name);
                assert!(!html.contains("YOUR_AK"), "{}", system.name);
                assert_eq!(html.contains("AK&#60;1&#62;"), system.reads, "{html}");
                let html = ConnectPage { can_report: false, key: None, ..page }.html();
                assert_eq!(html.contains("action=\"/account/connect\""), system.reads, "{html}");
                assert_eq!(html.contains(frame.text(msg::ROLE_NEEDED)), !system.reads, "{html}");
            }
        }
    }
}
