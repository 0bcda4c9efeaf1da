//! One webhook of a repository, with its deliveries.

use crate::accounts::Notice;
use crate::forms::{Sent, TextInput, text_input};
use crate::links::address;
use crate::messages::{Text, settings as w};
use crate::settings::state;
use crate::times::absolute;
use crate::{Frame, plain};
use askama::Template;
use domain::model::deliveries::{Delivery, DeliveryState};
use domain::model::repositories::Repository;
use domain::model::webhooks::Webhook;

/// The page.
#[derive(Debug, Template)]
#[template(path = "webhook.html")]
pub struct WebhookPage<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// Of which repository.
    pub repository: &'a Repository,
    /// Always true here: what the tabs of a repository ask.
    pub manages: bool,
    /// The webhook.
    pub webhook: &'a Webhook,
    /// Its deliveries, newest first.
    pub deliveries: &'a [Delivery],
    /// Where the older ones begin.
    pub next_before: Option<&'a str>,
    /// A form that was refused.
    pub sent: &'a Sent,
    /// What was just done.
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
        format!("/repositories/{}/settings#webhooks", self.repository.id)
    }

    fn older(&self) -> Option<String> {
        self.next_before.map(|before| address(&self.path(), &[("before", before)]))
    }

    fn state(&self) -> &'static str {
        self.frame.say(state(self.webhook))
    }

    fn failing(&self) -> Option<String> {
        let at = absolute(self.webhook.failing_since?, &self.frame.zone);
        Some(self.frame.fill(w::FAILING_SINCE, at))
    }

    fn field(&self, name: &str, kind: &str, label: Text) -> crate::Html {
        let first = match name {
            "url" => self.webhook.url.as_str(),
            _ => self.webhook.description.as_deref().unwrap_or_default(),
        };
        let label = self.frame.say(label);
        text_input(
            self.frame,
            self.sent,
            TextInput { form: "change", name, kind, label, first, hint: "", required: name == "url" },
        )
    }

    fn wants(&self, word: &str) -> bool {
        self.sent.is("change", "events", word, self.webhook.topics.names().any(|wanted| wanted == word))
    }

    fn stands(&self, delivery: &Delivery) -> &'static str {
        self.frame.say(match delivery.state {
            DeliveryState::Pending(_) => w::PENDING,
            DeliveryState::Delivered => w::DELIVERED,
            DeliveryState::Failed => w::FAILED,
        })
    }

    /// What came of the last attempt.
    fn answer(&self, delivery: &Delivery) -> String {
        let Some(last) = &delivery.last else { return String::new() };
        let status = last.status.map(|status| status.to_string()).unwrap_or_default();
        let why = last.error.as_deref().or(last.response_body.as_deref()).unwrap_or_default();
        plain(format!("{status} {why}").trim())
    }
}
