//! The pages of the subscriptions of a user.

use crate::accounts::Notice;
use crate::deliveries::DeliveryTable;
use crate::forms::{SubmittedForm, TextInput, text_input};
use crate::links::address;
use crate::messages::{Text, subscriptions as msg};
use crate::settings::{format_text, webhook_status};
use crate::{Frame, Html};
use askama::Template;
use domain::actions::subscriptions::Subscription;
use domain::model::deliveries::Delivery;
use domain::model::webhooks::content::Format;
use domain::model::webhooks::shown_url;

/// The page.
#[derive(Debug, Template)]
#[template(path = "subscriptions.html")]
pub struct SubscriptionsPage<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The URL of the feed.
    pub feed: &'a str,
    /// The subscriptions, oldest first.
    pub subscriptions: &'a [Subscription],
    /// The rejected form, if any.
    pub submitted: &'a SubmittedForm,
    /// The result of the last action.
    pub notice: Option<Notice>,
}

/// The page of a subscription with its deliveries.
#[derive(Debug, Template)]
#[template(path = "subscription.html")]
pub struct SubscriptionPage<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The subscription.
    pub subscription: &'a Subscription,
    /// The deliveries, newest first; `None`: the user may not read the repository.
    pub deliveries: Option<&'a [Delivery]>,
    /// The delivery before which the next page starts.
    pub next_before: Option<&'a str>,
    /// The result of the last action.
    pub notice: Option<Notice>,
}

/// The form of a new subscription.
const FORM: &str = "subscription";

/// The texts about a subscription on both pages.
trait SubscriptionTexts {
    fn frame(&self) -> &Frame;

    fn repository(&self, subscription: &Subscription) -> String {
        match &subscription.repository {
            Some(path) => self.frame().sanitize(path),
            None => {
                format!("{} {}", subscription.webhook.repository_id, self.frame().text(msg::NOT_READABLE))
            }
        }
    }

    fn chat(&self, subscription: &Subscription) -> String {
        let format = self.frame().text(format_text(subscription.webhook.content.format));
        if !subscription.webhook.content.format.is_sent() {
            return format.to_owned();
        }
        format!("{format} · {}", self.frame().sanitize(shown_url(&subscription.webhook)))
    }

    fn status(&self, subscription: &Subscription) -> &'static str {
        self.frame().text(webhook_status(&subscription.webhook))
    }

    fn is_disabled(&self, subscription: &Subscription) -> bool {
        subscription.webhook.disabled.is_some()
    }

    fn can_test(&self, subscription: &Subscription) -> bool {
        subscription.webhook.content.format.is_sent() && !self.is_disabled(subscription)
    }

    /// A disabled one whose repository is not readable cannot be enabled.
    fn can_switch(&self, subscription: &Subscription) -> bool {
        !self.is_disabled(subscription) || subscription.repository.is_some()
    }

    /// What the subscription is about: events, then patterns and author.
    fn about(&self, subscription: &Subscription) -> Vec<String> {
        let content = &subscription.webhook.content;
        let events = subscription.webhook.topics.names().map(str::to_owned);
        let patterns = content.refs.iter().chain(&content.jobs).chain(&content.author);
        events.chain(patterns.map(|text| self.frame().sanitize(text))).collect()
    }
}

impl SubscriptionTexts for SubscriptionsPage<'_> {
    fn frame(&self) -> &Frame {
        self.frame
    }
}

impl SubscriptionTexts for SubscriptionPage<'_> {
    fn frame(&self) -> &Frame {
        self.frame
    }
}

impl SubscriptionPage<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn path(&self) -> String {
        format!("/account/subscriptions/{}", self.subscription.webhook.id)
    }

    fn table(&self) -> Option<DeliveryTable<'_>> {
        Some(DeliveryTable {
            frame: self.frame,
            deliveries: self.deliveries?,
            older: self.next_before.map(|before| address(&self.path(), &[("before", before)])),
            redeliver_below: None,
            is_disabled: self.is_disabled(self.subscription),
        })
    }
}

impl SubscriptionsPage<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn formats(&self) -> Vec<(&'static str, &'static str, bool)> {
        let chats = Format::ALL.into_iter().filter(|format| *format != Format::Signed);
        let option = |format: Format| {
            let is_selected = self.submitted.is_selected(FORM, "format", format.as_str(), false);
            (format.as_str(), self.frame.text(format_text(format)), is_selected)
        };
        chats.map(option).collect()
    }

    fn topics(&self) -> Vec<(&'static str, &'static str, bool)> {
        let topics = [("pipeline", msg::EVENT_PIPELINE), ("job", msg::EVENT_JOB), ("gate", msg::EVENT_GATE)];
        let option = |(name, text): (&'static str, Text)| {
            let is_selected = self.submitted.is_selected(FORM, "events", name, name == "pipeline");
            (name, self.frame.text(text), is_selected)
        };
        topics.map(option).to_vec()
    }

    fn field(&self, name: &str, kind: &str, label: Text, hint: Option<Text>) -> Html {
        let (label, hint) =
            (self.frame.text(label), hint.map(|hint| self.frame.text(hint)).unwrap_or_default());
        let required = name == "repository";
        let input = TextInput { form: FORM, name, kind, label, initial: "", hint, required };
        text_input(self.frame, self.submitted, input)
    }
}
