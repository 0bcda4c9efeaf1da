//! The page of a webhook with its deliveries.

use crate::accounts::Notice;
use crate::forms::{SubmittedForm, TextInput, text_input};
use crate::links::address;
use crate::messages::{Text, settings as msg};
use crate::settings::{format_text, webhook_status};
use crate::times::absolute;
use crate::{Frame, sanitize};
use askama::Template;
use domain::model::deliveries::{Delivery, DeliveryState};
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

    fn older(&self) -> Option<String> {
        self.next_before.map(|before| address(&self.path(), &[("before", before)]))
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

    fn delivery_status(&self, delivery: &Delivery) -> &'static str {
        self.frame.text(match delivery.state {
            DeliveryState::Pending(_) => msg::PENDING,
            DeliveryState::Delivered => msg::DELIVERED,
            DeliveryState::Failed => msg::FAILED,
        })
    }

    /// Whether a delivery is in progress, so that the page is read again soon.
    fn is_active(&self) -> bool {
        self.deliveries.iter().any(|delivery| matches!(delivery.state, DeliveryState::Pending(_)))
    }

    /// The newest delivery, for screen readers.
    fn summary(&self) -> String {
        let Some(newest) = self.deliveries.first() else { return String::new() };
        format!("{} {} {}", newest.kind, self.delivery_status(newest), self.response(newest))
    }

    /// The status of the response to the last attempt, or its error.
    fn response(&self, delivery: &Delivery) -> String {
        let Some(last) = &delivery.last else { return String::new() };
        let status = last.status.map(|status| format!("HTTP {status}")).unwrap_or_default();
        sanitize(format!("{status} {}", last.error.as_deref().unwrap_or_default()).trim())
    }

    /// The body of the response to the last attempt.
    fn answer<'d>(&self, delivery: &'d Delivery) -> Option<&'d str> {
        delivery.last.as_ref()?.response_body.as_deref().filter(|body| !body.is_empty())
    }
}
