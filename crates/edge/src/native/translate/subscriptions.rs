//! Subscriptions as the native API represents them.

use super::time;
use domain::actions::subscriptions::Subscription;
use domain::model::webhooks::shown_url;
use wire::native::subscriptions as native;

pub fn list(subscriptions: &[Subscription]) -> native::SubscriptionList {
    native::SubscriptionList { subscriptions: subscriptions.iter().map(subscription).collect() }
}

pub fn subscription(subscription: &Subscription) -> native::Subscription {
    let webhook = &subscription.webhook;
    native::Subscription {
        id: webhook.id.get(),
        repository_id: webhook.repository_id.get(),
        repository: subscription.repository.clone(),
        url: webhook.content.format.is_sent().then(|| shown_url(webhook)),
        format: webhook.content.format.as_str().to_owned(),
        language: webhook.content.language.code().to_owned(),
        events: webhook.topics.names().map(str::to_owned).collect(),
        refs: webhook.content.refs.clone(),
        jobs: webhook.content.jobs.clone(),
        author: webhook.content.author.clone(),
        disabled_at: webhook.disabled.map(|(at, _)| time(at)),
        disabled_why: webhook.disabled.map(|(_, reason)| reason.as_str().to_owned()),
        failing_since: webhook.failing_since.map(time),
        created_at: time(webhook.created_at),
    }
}
