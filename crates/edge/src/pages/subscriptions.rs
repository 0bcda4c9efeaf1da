//! The pages of the subscriptions of the signed-in user.

use super::forms;
use super::frame::frame;
use super::response::reply;
use super::webhooks::{DELIVERIES, content};
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::native::subscriptions::{add, id, repository, send_test};
use crate::native::translate;
use crate::routes::{Authenticated, Context};
use domain::actions::subscriptions;
use domain::error::{Error, Invalid, Problem, Result};
use domain::model::webhooks::{WebhookChange, WebhookInput};
use pages::forms::SubmittedForm;
use pages::{Notice, SubscriptionPage, SubscriptionsPage};
use wire::native::subscriptions::SubscriptionWithDeliveries;

const PATH: &str = "/account/subscriptions";
/// The fields of the form that an error may be about.
const KNOWN: &[&str] = &["repository", "url", "format", "secret", "events", "refs", "jobs", "author"];

pub async fn show(ctx: Context<Authenticated>) -> Result<Reply> {
    page(&ctx, &SubmittedForm::default()).await
}

async fn page(ctx: &Context<Authenticated>, submitted: &SubmittedForm) -> Result<Reply> {
    let all = subscriptions::list(&ctx.edge.app, &ctx.proof).await?;
    let frame = frame(&ctx.edge, &ctx.request, &ctx.proof);
    let notice = forms::notice(&ctx.request)?;
    let feed = format!("{}/account/subscriptions.atom", ctx.request.public_url());
    let page =
        || SubscriptionsPage { frame: &frame, feed: &feed, subscriptions: &all, submitted, notice }.html();
    reply(&ctx.request, || translate::subscriptions::list(&all), page)
}

/// The page of one subscription.
pub async fn show_one(ctx: Context<Authenticated>) -> Result<Reply> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let subscription = subscriptions::show(app, by, id(&ctx)?).await?;
    let before = ctx.request.query.get("before")?.map(str::to_owned);
    let found =
        match subscriptions::deliveries(app, by, subscription.webhook.id, before, DELIVERIES + 1).await {
            Ok(found) => Some(found),
            Err(Error::RepositoryNotFound) => None,
            Err(error) => return Err(error),
        };
    let found = found.map(|found| translate::webhooks::older_than(found, DELIVERIES));
    let (found, next_before) = found.unzip();
    let next_before = next_before.flatten();
    let frame = frame(&ctx.edge, &ctx.request, by);
    let notice = forms::notice(&ctx.request)?;
    let native = || SubscriptionWithDeliveries {
        subscription: translate::subscriptions::subscription(&subscription),
        deliveries: found.as_ref().map(|all| all.iter().map(translate::webhooks::delivery).collect()),
        next_before: next_before.clone(),
    };
    let page = || {
        let (deliveries, next_before) = (found.as_deref(), next_before.as_deref());
        SubscriptionPage { frame: &frame, subscription: &subscription, deliveries, next_before, notice }
            .html()
    };
    reply(&ctx.request, native, page)
}

pub async fn create(ctx: Context<Authenticated>) -> Result<Reply> {
    let fields = forms::fields(&ctx.request)?;
    let Some(claim) = forms::claim(&ctx.edge, &fields)? else {
        return Ok(forms::done(PATH, Notice::Repeated));
    };
    match subscribe(&ctx, &fields).await {
        Ok(()) => {
            claim.keep();
            Ok(forms::done(PATH, Notice::Created))
        }
        Err(error) => {
            // The form has the repository, so a missing one is an error beside its field.
            let error = match error {
                Error::RepositoryNotFound => Invalid::new("repository", Problem::Unknown).into(),
                error => error,
            };
            let submitted = forms::with_error("subscription", KNOWN, &fields, &error, &ctx.request)?;
            Ok(page(&ctx, &submitted).await?.status(400))
        }
    }
}

async fn subscribe(ctx: &Context<Authenticated>, fields: &Query) -> Result<()> {
    let named = forms::text(fields, "repository")?;
    let named = named.ok_or_else(|| Invalid::new("repository", Problem::Missing))?;
    let format = forms::text(fields, "format")?;
    let secret = forms::text(fields, "secret")?;
    let input = WebhookInput {
        url: forms::text(fields, "url")?.unwrap_or_default(),
        events: fields.all("events").map(str::to_owned).collect(),
        description: None,
        secret: translate::webhooks::read_secret_of(format.as_deref(), secret)?,
        content: content(fields, format)?,
    };
    add(ctx, &repository(&named), input).await.map(drop)
}

pub async fn delete(ctx: Context<Authenticated>) -> Result<Reply> {
    subscriptions::remove(&ctx.edge.app, &ctx.proof, id(&ctx)?).await?;
    Ok(forms::done(PATH, Notice::Removed))
}

pub async fn switch(ctx: Context<Authenticated>) -> Result<Reply> {
    let disabled = forms::fields(&ctx.request)?.flag("disabled")?;
    let change = WebhookChange { disabled, ..WebhookChange::default() };
    let allowed = &ctx.edge.settings.webhook_networks;
    subscriptions::change(&ctx.edge.app, &ctx.proof, allowed, id(&ctx)?, change).await?;
    Ok(forms::done(PATH, Notice::Saved))
}

pub async fn test(ctx: Context<Authenticated>) -> Result<Reply> {
    send_test(&ctx).await?;
    Ok(forms::done(&format!("{PATH}/{}", id(&ctx)?), Notice::Queued))
}
