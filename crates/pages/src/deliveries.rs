//! The table of deliveries, on the pages of a webhook and of a subscription.

use crate::messages::settings as msg;
use crate::times::absolute;
use crate::{Frame, Html, sanitize};
use askama::Template;
use domain::model::deliveries::{Delivery, DeliveryState};

/// The section with the table.
#[derive(Debug, Template)]
#[template(path = "deliveries.html")]
pub struct DeliveryTable<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The deliveries, newest first.
    pub deliveries: &'a [Delivery],
    /// The path of the webhook below which deliveries are sent again; `None`: the page has no button for that.
    pub redeliver_below: Option<String>,
    /// The webhook is disabled, so that nothing is sent.
    pub is_disabled: bool,
    /// The address of the page with older deliveries, if there are any.
    pub older: Option<String>,
}

impl DeliveryTable<'_> {
    /// The section.
    pub fn html(&self) -> Html {
        Html(crate::render(self))
    }

    /// Whether a delivery is in progress, so that the page is read again soon.
    pub fn is_active(&self) -> bool {
        let is_pending = |delivery: &Delivery| matches!(delivery.state, DeliveryState::Pending(_));
        !self.is_disabled && self.deliveries.iter().any(is_pending)
    }

    /// The newest delivery, for screen readers.
    pub fn summary(&self) -> String {
        let Some(newest) = self.deliveries.first() else { return String::new() };
        format!("{} {} {}", newest.kind, self.status(newest), self.response(newest))
    }

    fn status(&self, delivery: &Delivery) -> &'static str {
        self.frame.text(match delivery.state {
            DeliveryState::Pending(_) => msg::PENDING,
            DeliveryState::Delivered => msg::DELIVERED,
            DeliveryState::Failed => msg::FAILED,
        })
    }

    /// When the next attempt is, after one that failed. A disabled webhook has none.
    fn next_attempt(&self, delivery: &Delivery) -> Option<String> {
        delivery.last.as_ref().filter(|_| !self.is_disabled)?;
        let at = absolute(delivery.state.next_at()?, &self.frame.zone);
        Some(self.frame.format(msg::NEXT_ATTEMPT, at))
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
