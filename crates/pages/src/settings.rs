//! The settings of a repository: general, members, policies and webhooks; and the page that deletes expired
//! pipelines.

use crate::Frame;
use crate::accounts::Notice;
use crate::forms::{SubmittedForm, TextInput, text_input};
use crate::messages::{Text, settings as msg};
use askama::Template;
use domain::model::durations;
use domain::model::members::Member;
use domain::model::policies::Policies;
use domain::model::repositories::{Repository, Visibility};
use domain::model::retention::ExpiredPipeline;
use domain::model::roles::Role;
use domain::model::webhooks::content::Format;
use domain::model::webhooks::{Webhook, shown_url};

/// The page.
#[derive(Debug, Clone, Copy, Template)]
#[template(path = "settings.html")]
pub struct Settings<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The repository.
    pub repository: &'a Repository,
    /// Always true here. The tabs of the repository need it.
    pub can_manage: bool,
    /// The members, by name.
    pub members: &'a [Member],
    /// The policies.
    pub policies: &'a Policies,
    /// The webhooks, oldest first.
    pub webhooks: &'a [Webhook],
    /// The section that is shown.
    pub section: SettingsSection,
    /// The names of all users, for administrators.
    pub users: &'a [String],
    /// The rejected form, if any.
    pub submitted: &'a SubmittedForm,
    /// The result of the last action.
    pub notice: Option<Notice>,
}

/// A section of the settings, each with its own page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingsSection {
    /// Description, default branch and visibility.
    General,
    /// Members.
    Members,
    /// Inactivity timeouts and retention.
    Retention,
    /// Gate rules.
    Gates,
    /// Destinations of statuses.
    Forwarding,
    /// Webhooks.
    Webhooks,
}

impl SettingsSection {
    const ALL: [Self; 6] =
        [Self::General, Self::Members, Self::Retention, Self::Gates, Self::Forwarding, Self::Webhooks];

    /// The path below that of the settings.
    pub const fn path(self) -> &'static str {
        match self {
            Self::General => "",
            Self::Members => "/members",
            Self::Retention => "/policies",
            Self::Gates => "/gates",
            Self::Forwarding => "/destinations",
            Self::Webhooks => "/webhooks",
        }
    }

    const fn title(self) -> Text {
        match self {
            Self::General => msg::GENERAL,
            Self::Members => msg::MEMBERS,
            Self::Retention => msg::RETENTION,
            Self::Gates => crate::messages::gate_rules::RULES,
            Self::Forwarding => crate::messages::destinations::FORWARDING,
            Self::Webhooks => msg::WEBHOOKS,
        }
    }

    /// The links to all sections.
    pub(crate) fn tabs(self, frame: &Frame, repository: &Repository) -> crate::Html {
        let mut html = format!("<nav class=\"tabs sections\" aria-label=\"{}\">", frame.text(msg::SECTIONS));
        for section in Self::ALL {
            let current = if section == self { " aria-current=\"page\"" } else { "" };
            let (base, path, title) = (&frame.base, section.path(), frame.text(section.title()));
            html += &format!(
                "<a href=\"{base}/repositories/{}/settings{path}\"{current}>{title}</a>",
                repository.id
            );
        }
        crate::Html(html + "</nav>")
    }
}

/// The texts of the visibilities.
pub(crate) const VISIBILITIES: [(Visibility, Text); 3] = [
    (Visibility::Private, msg::PRIVATE_HINT),
    (Visibility::Internal, msg::INTERNAL_HINT),
    (Visibility::Public, msg::PUBLIC_HINT),
];
/// The texts of the roles.
const ROLES: [(Role, Text); 3] =
    [(Role::Read, msg::ROLE_READ), (Role::Report, msg::ROLE_REPORT), (Role::Manage, msg::ROLE_MANAGE)];

impl Settings<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn path(&self) -> String {
        format!("/repositories/{}/settings", self.repository.id)
    }

    fn role(&self, role: &Role) -> &'static str {
        role_name(self.frame, *role)
    }

    /// The URL of a webhook as pages show it.
    fn shown_url(&self, webhook: &Webhook) -> String {
        shown_url(webhook)
    }

    fn formats(&self) -> Vec<(&'static str, &'static str, bool)> {
        let name = |format: Format| (format.as_str(), self.frame.text(format_text(format)));
        let is_selected = |format: Format| {
            self.submitted.is_selected("webhook", "format", format.as_str(), format == Format::Signed)
        };
        let option = |format| {
            let (value, text) = name(format);
            (value, text, is_selected(format))
        };
        Format::ALL.into_iter().filter(|format| format.is_sent()).map(option).collect()
    }

    fn status(&self, webhook: &Webhook) -> &'static str {
        self.frame.text(webhook_status(webhook))
    }

    fn field(&self, form: &str, name: &str, kind: &str, label: Text, hint: Option<Text>) -> crate::Html {
        let (label, hint) =
            (self.frame.text(label), hint.map(|hint| self.frame.text(hint)).unwrap_or_default());
        let initial = self.initial_value(form, name);
        let required =
            matches!((form, name), ("member", "user") | ("webhook", "url") | ("general", "default_branch"));
        text_input(
            self.frame,
            self.submitted,
            TextInput { form, name, kind, label, initial: &initial, hint, required },
        )
    }

    /// The initial value of a field.
    fn initial_value(&self, form: &str, name: &str) -> String {
        let policies = self.policies;
        match (form, name) {
            ("general", "description") => self.repository.description.clone().unwrap_or_default(),
            ("general", "default_branch") => self.repository.default_branch.clone(),
            ("policies", "silence_limit") => {
                policies.inactivity_timeout.map(durations::format).unwrap_or_default()
            }
            ("policies", "keep_for") => policies.keep_for.map(durations::format).unwrap_or_default(),
            ("policies", "keep_per_ref") => policies.keep_per_ref.map(|n| n.to_string()).unwrap_or_default(),
            _ => String::new(),
        }
    }

    /// The inactivity timeouts of stages, one per line.
    fn stage_limits(&self) -> String {
        let line = |(stage, timeout): (&String, &Option<_>)| {
            format!("{stage} = {}", timeout.map_or_else(|| "off".to_owned(), durations::format))
        };
        let initial = self.policies.stage_timeouts.iter().map(line).collect::<Vec<_>>().join("\n");
        self.submitted.value("policies", "stage_limits", &initial).to_owned()
    }

    fn is_event_selected(&self, topic: &str) -> bool {
        self.submitted.is_selected("webhook", "events", topic, topic == "pipeline")
    }
}

/// The name of a role.
pub(crate) fn role_name(frame: &Frame, role: Role) -> &'static str {
    ROLES.into_iter().find(|(known, _)| *known == role).map_or("", |(_, text)| frame.text(text))
}

/// The name of a format.
pub(crate) const fn format_text(format: Format) -> Text {
    match format {
        Format::Signed => msg::FORMAT_SIGNED,
        Format::Slack => msg::FORMAT_SLACK,
        Format::Feishu => msg::FORMAT_FEISHU,
        Format::DingTalk => msg::FORMAT_DINGTALK,
        Format::WeCom => msg::FORMAT_WECOM,
        Format::Feed => msg::FORMAT_FEED,
    }
}

/// The text for the status of a webhook.
pub(crate) fn webhook_status(webhook: &Webhook) -> Text {
    use domain::model::webhooks::DisabledReason;
    match webhook.disabled {
        None => msg::ENABLED,
        Some((_, DisabledReason::Manual)) => msg::DISABLED_MANUALLY,
        Some((_, DisabledReason::Gone)) => msg::DISABLED_GONE,
        Some((_, DisabledReason::Failing)) => msg::DISABLED_FAILING,
        Some((_, DisabledReason::NoAccess)) => msg::DISABLED_NO_ACCESS,
    }
}

/// The page that lists expired pipelines and requires a confirmation before it deletes them.
#[derive(Debug, Template)]
#[template(path = "prune.html")]
pub struct Prune<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The repository.
    pub repository: &'a Repository,
    /// Always true here. The tabs of the repository need it.
    pub can_manage: bool,
    /// The pipelines that will be deleted.
    pub expired: &'a [ExpiredPipeline],
    /// Whether more pipelines than listed will be deleted.
    pub more: bool,
    /// The result of a deletion: number of pipelines, number of jobs, and whether more remain.
    pub pruned: Option<(u64, u64, bool)>,
    /// Whether the form was submitted without confirmation.
    pub unconfirmed: bool,
}

impl Prune<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn path(&self) -> String {
        format!("/repositories/{}/settings", self.repository.id)
    }

    fn count(&self) -> String {
        let text = match self.expired.len() {
            _ if self.more => msg::PRUNE_MORE,
            1 => msg::PRUNE_ONE,
            _ => msg::PRUNE_COUNT,
        };
        self.frame.format(text, self.expired.len())
    }

    fn pruned_text(&self) -> Option<String> {
        let (pipelines, jobs, more) = self.pruned?;
        let text = if more { msg::PRUNED_MORE } else { msg::PRUNED };
        Some(self.frame.format2(text, pipelines, jobs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insights::tests::repository;
    use crate::layout::tests::frame;
    use domain::SignedDuration;

    #[test]
    fn every_section_has_a_form_with_the_current_values() {
        let hours = |n| Some(SignedDuration::from_hours(n));
        let policies = Policies {
            inactivity_timeout: hours(2),
            stage_timeouts: [("deploy".to_owned(), hours(6)), ("<x>".to_owned(), None)].into(),
            keep_for: hours(24 * 90),
            keep_per_ref: Some(50),
        };
        let (frame, repository, submitted) = (frame(), repository(), SubmittedForm::default());
        let page = Settings {
            frame: &frame,
            repository: &repository,
            can_manage: true,
            members: &[],
            policies: &policies,
            webhooks: &[],
            section: SettingsSection::General,
            users: &["amy".to_owned()],
            submitted: &submitted,
            notice: None,
        };
        let show = |section| Settings { section, ..page }.html();
        let retention = ["value=\"2h\"", "value=\"90d\"", "value=\"50\"", "deploy = 6h", "/settings/prune"];
        for (section, wanted) in [
            (SettingsSection::General, &["value=\"main\""][..]),
            (SettingsSection::Members, &["No members", "<option value=\"amy\">"]),
            (SettingsSection::Retention, &retention),
            (SettingsSection::Webhooks, &["No webhooks"]),
        ] {
            let html = show(section);
            for wanted in wanted {
                assert!(html.contains(wanted), "{wanted} in {html}");
            }
            assert!(!html.contains("<x>"), "{html}");
            assert_eq!(html.matches("<section class=\"card\"").count(), 1, "{section:?}");
        }
        let page = Settings { section: SettingsSection::Retention, ..page };
        assert_eq!(page.stage_limits(), "<x> = off\ndeploy = 6h");
    }

    #[test]
    fn deletion_lists_the_pipelines_and_requires_confirmation() {
        let (frame, repository) = (frame(), repository());
        let pipeline = ExpiredPipeline {
            id: domain::model::ids::PipelineId::new(6).unwrap(),
            sha: "a".repeat(40),
            git_ref: "<b>".into(),
            status: domain::model::status::Status::Failed,
            updated_at: frame.now,
            job_count: 3,
        };
        let render = |expired: &[ExpiredPipeline], pruned| {
            let (frame, repository) = (&frame, &repository);
            Prune { frame, repository, can_manage: true, expired, more: false, pruned, unconfirmed: true }
                .html()
        };
        let html = render(&[pipeline], None);
        assert!(
            html.contains("<p>1 pipeline will be deleted. This cannot be undone.</p>")
                && html.contains("name=\"confirm\"")
                && html.contains("Select the checkbox to confirm."),
            "{html}"
        );
        assert!(!html.contains("<b>") || !html.contains("<b>\""), "{html}");
        let html = render(&[], Some((3, 9, false)));
        assert!(
            html.contains("Deleted 3 pipelines and 9 jobs") && !html.contains("name=\"confirm\""),
            "{html}"
        );
    }
}
