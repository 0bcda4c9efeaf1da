//! The page of a webhook with its deliveries.

use crate::Frame;
use crate::accounts::Notice;
use crate::deliveries::DeliveryTable;
use crate::forms::{SubmittedForm, TextInput, text_input};
use crate::links::address;
use crate::messages::{Text, settings as msg};
use crate::settings::{format_text, webhook_status};
use crate::times::absolute;
use askama::Template;
use domain::model::deliveries::Delivery;
use domain::model::repositories::Repository;
use domain::model::webhooks::{Webhook, shown_url};

/// The page.
#[derive(Debug, Template)]
#[template(path = "webhook.html")]
pub struct WebhookPage<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The repository.
    pub repository: &'a Repository,
    /// Always true here. The tabs of the repository need it.
    pub can_manage: bool,
    /// The webhook.
    pub webhook: &'a Webhook,
    /// The name of its owner, if it is known.
    pub owner: Option<&'a str>,
    /// The users to whom it can be given: the caller, and the members who manage the repository.
    pub managers: &'a [String],
    /// The deliveries, newest first.
    pub deliveries: &'a [Delivery],
    /// The delivery before which the next page starts.
    pub next_before: Option<&'a str>,
    /// The rejected form, if any.
    pub submitted: &'a SubmittedForm,
    /// The result of the last action.
    pub notice: Option<Notice>,
}

impl WebhookPage<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn path(&self) -> String {
        format!("/repositories/{}/settings/webhooks/{}", self.repository.id, self.webhook.id)
    }

    fn settings(&self) -> String {
        format!("/repositories/{}/settings/webhooks", self.repository.id)
    }

    fn table(&self) -> DeliveryTable<'_> {
        let path = self.path();
        DeliveryTable {
            frame: self.frame,
            deliveries: self.deliveries,
            is_disabled: self.webhook.disabled.is_some(),
            older: self.next_before.map(|before| address(&path, &[("before", before)])),
            redeliver_below: Some(path),
        }
    }

    fn is_owner(&self, name: &str) -> bool {
        self.submitted.is_selected("owner", "owner", name, self.owner == Some(name))
    }

    fn status(&self) -> &'static str {
        self.frame.text(webhook_status(self.webhook))
    }

    fn is_chat(&self) -> bool {
        self.webhook.content.format.is_chat()
    }

    fn shown_url(&self) -> String {
        shown_url(self.webhook)
    }

    fn format(&self) -> &'static str {
        self.frame.text(format_text(self.webhook.content.format))
    }

    /// The patterns of a field, one a line.
    fn patterns(&self, field: &str, patterns: &[String]) -> String {
        self.submitted.value("change", field, &patterns.join("\n")).to_owned()
    }

    fn failing(&self) -> Option<String> {
        let at = absolute(self.webhook.failing_since?, &self.frame.zone);
        Some(self.frame.format(msg::FAILING_SINCE, at))
    }

    fn field(&self, name: &str, kind: &str, label: Text) -> crate::Html {
        let initial = match name {
            "url" if self.is_chat() => "",
            "url" => self.webhook.url.as_str(),
            _ => self.webhook.description.as_deref().unwrap_or_default(),
        };
        let label = self.frame.text(label);
        let required = name == "url" && !self.is_chat();
        text_input(
            self.frame,
            self.submitted,
            TextInput { form: "change", name, kind, label, initial, hint: "", required },
        )
    }

    fn is_event_selected(&self, topic: &str) -> bool {
        self.submitted.is_selected(
            "change",
            "events",
            topic,
            self.webhook.topics.names().any(|selected| selected == topic),
        )
    }
}
