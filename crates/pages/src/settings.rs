//! The settings of a repository, for who manages it: general, members, policies, webhooks, and deleting what is not kept.

use crate::Frame;
use crate::accounts::Notice;
use crate::forms::{Sent, TextInput, text_input};
use crate::limits;
use crate::messages::{Text, settings as w};
use askama::Template;
use domain::model::members::Member;
use domain::model::policies::Policies;
use domain::model::repositories::{Repository, Visibility};
use domain::model::retention::ExpiredPipeline;
use domain::model::roles::Role;
use domain::model::webhooks::Webhook;

/// The page.
#[derive(Debug, Template)]
#[template(path = "settings.html")]
pub struct Settings<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// As it is now.
    pub repository: &'a Repository,
    /// Always true here: what the tabs of a repository ask.
    pub manages: bool,
    /// Its members, by name.
    pub members: &'a [Member],
    /// Its policies.
    pub policies: &'a Policies,
    /// Its webhooks, oldest first.
    pub webhooks: &'a [Webhook],
    /// A form that was refused.
    pub sent: &'a Sent,
    /// What was just done.
    pub notice: Option<Notice>,
}

/// The words of the three visibilities.
const VISIBILITIES: [(Visibility, Text); 3] = [
    (Visibility::Private, w::PRIVATE_HINT),
    (Visibility::Internal, w::INTERNAL_HINT),
    (Visibility::Public, w::PUBLIC_HINT),
];
/// The words of the three roles.
const ROLES: [(Role, Text); 3] =
    [(Role::Read, w::ROLE_READ), (Role::Report, w::ROLE_REPORT), (Role::Manage, w::ROLE_MANAGE)];

impl Settings<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn path(&self) -> String {
        format!("/repositories/{}/settings", self.repository.id)
    }

    fn role(&self, role: &Role) -> &'static str {
        ROLES.into_iter().find(|(known, _)| known == role).map_or("", |(_, text)| self.frame.say(text))
    }

    fn state(&self, webhook: &Webhook) -> &'static str {
        self.frame.say(state(webhook))
    }

    fn field(&self, form: &str, name: &str, kind: &str, label: Text, hint: Option<Text>) -> crate::Html {
        let (label, hint) =
            (self.frame.say(label), hint.map(|hint| self.frame.say(hint)).unwrap_or_default());
        let first = self.first(form, name);
        let required =
            matches!((form, name), ("member", "user") | ("webhook", "url") | ("general", "default_branch"));
        text_input(
            self.frame,
            self.sent,
            TextInput { form, name, kind, label, first: &first, hint, required },
        )
    }

    /// What stands in a field at first.
    fn first(&self, form: &str, name: &str) -> String {
        let policies = self.policies;
        match (form, name) {
            ("general", "description") => self.repository.description.clone().unwrap_or_default(),
            ("general", "default_branch") => self.repository.default_branch.clone(),
            ("policies", "silence_limit") => {
                policies.inactivity_timeout.map(limits::show).unwrap_or_default()
            }
            ("policies", "keep_for") => policies.keep_for.map(limits::show).unwrap_or_default(),
            ("policies", "keep_per_ref") => policies.keep_per_ref.map(|n| n.to_string()).unwrap_or_default(),
            _ => String::new(),
        }
    }

    /// The limits of single stages, one a line.
    fn stage_limits(&self) -> String {
        let line = |(stage, limit): (&String, &Option<_>)| {
            format!("{stage} = {}", limit.map_or_else(|| "off".to_owned(), limits::show))
        };
        let first = self.policies.stage_timeouts.iter().map(line).collect::<Vec<_>>().join("\n");
        self.sent.value("policies", "stage_limits", &first).to_owned()
    }

    fn wants(&self, word: &str) -> bool {
        self.sent.is("webhook", "events", word, word == "pipeline")
    }
}

/// How a webhook stands.
pub(crate) fn state(webhook: &Webhook) -> Text {
    use domain::model::webhooks::DisabledReason;
    match webhook.disabled {
        None => w::ON,
        Some((_, DisabledReason::Manual)) => w::OFF_MANUAL,
        Some((_, DisabledReason::Gone)) => w::OFF_GONE,
        Some((_, DisabledReason::Failing)) => w::OFF_FAILING,
    }
}

/// What deleting now would take away, and the question whether to.
#[derive(Debug, Template)]
#[template(path = "prune.html")]
pub struct Prune<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// Of which repository.
    pub repository: &'a Repository,
    /// Always true here: what the tabs of a repository ask.
    pub manages: bool,
    /// What would go.
    pub expired: &'a [ExpiredPipeline],
    /// There is more than is listed.
    pub more: bool,
    /// What just went: pipelines, jobs, and whether there is more.
    pub pruned: Option<(u64, u64, bool)>,
    /// It was not confirmed.
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
            _ if self.more => w::PRUNE_MORE,
            1 => w::PRUNE_ONE,
            _ => w::PRUNE_COUNT,
        };
        self.frame.fill(text, self.expired.len())
    }

    fn gone(&self) -> Option<String> {
        let (pipelines, jobs, more) = self.pruned?;
        let text = if more { w::PRUNED_MORE } else { w::PRUNED };
        Some(self.frame.fill2(text, pipelines, jobs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insights::tests::repository;
    use crate::layout::tests::frame;
    use domain::SignedDuration;

    #[test]
    fn every_section_has_its_form_with_what_is_set() {
        let hours = |n| Some(SignedDuration::from_hours(n));
        let policies = Policies {
            inactivity_timeout: hours(2),
            stage_timeouts: [("deploy".to_owned(), hours(6)), ("<x>".to_owned(), None)].into(),
            keep_for: hours(24 * 90),
            keep_per_ref: Some(50),
        };
        let (frame, repository, sent) = (frame(), repository(), Sent::default());
        let page = Settings {
            frame: &frame,
            repository: &repository,
            manages: true,
            members: &[],
            policies: &policies,
            webhooks: &[],
            sent: &sent,
            notice: None,
        };
        let html = page.html();
        for wanted in [
            "value=\"2h\"",
            "value=\"90d\"",
            "value=\"50\"",
            "deploy = 6h",
            "value=\"main\"",
            "/settings/prune",
            "No member yet",
        ] {
            assert!(html.contains(wanted), "{wanted} in {html}");
        }
        assert!(!html.contains("<x>"), "{html}");
        assert_eq!(page.stage_limits(), "<x> = off\ndeploy = 6h");
    }

    #[test]
    fn deleting_lists_what_would_go_and_wants_a_tick() {
        let (frame, repository) = (frame(), repository());
        let gone = ExpiredPipeline {
            id: domain::model::ids::PipelineId::new(6).unwrap(),
            sha: "a".repeat(40),
            git_ref: "<b>".into(),
            status: domain::model::status::Status::Failed,
            updated_at: frame.now,
            job_count: 3,
        };
        let of = |expired: &[ExpiredPipeline], pruned| {
            let (frame, repository) = (&frame, &repository);
            Prune { frame, repository, manages: true, expired, more: false, pruned, unconfirmed: true }.html()
        };
        let html = of(&[gone], None);
        assert!(
            html.contains("<p>1 pipeline would go. There is no way back.</p>")
                && html.contains("name=\"confirm\"")
                && html.contains("Tick the box first."),
            "{html}"
        );
        assert!(!html.contains("<b>") || !html.contains("<b>\""), "{html}");
        let html = of(&[], Some((3, 9, false)));
        assert!(
            html.contains("3 pipelines and 9 jobs were deleted") && !html.contains("name=\"confirm\""),
            "{html}"
        );
    }
}
