//! Webhooks of a repository. `docs/webhooks.md` documents them.

use super::translate::webhooks as translate;
use crate::http::json;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Manages;
use domain::actions::webhooks;
use domain::error::{Error, Result};
use domain::model::ids::WebhookId;
use domain::model::webhooks::content::ContentInput;
use domain::model::webhooks::{EventTopics, WebhookChange, WebhookInput};
use wire::native::webhooks::{self as native, NewSecret, NewWebhook, WebhookList};

type Managed = Context<WithRole<Manages>>;

/// The webhook that the path names.
pub fn id(ctx: &Managed) -> Result<WebhookId> {
    Ok(WebhookId::parse(ctx.request.param(WebhookId::FIELD))?)
}

pub async fn list(ctx: Managed) -> Result<Reply> {
    let webhooks = webhooks::list(&ctx.edge.app, &ctx.proof).await?;
    Reply::json(&WebhookList {
        webhooks: webhooks.iter().map(|webhook| translate::webhook(webhook, false)).collect(),
    })
}

pub async fn create(ctx: Managed) -> Result<Reply> {
    let new: NewWebhook = json::read("webhook", ctx.request.body()?)?;
    let new = WebhookInput {
        url: new.url,
        events: new.events.unwrap_or_else(|| vec!["pipeline".to_owned()]),
        description: new.description,
        secret: translate::read_secret_of(new.format.as_deref(), new.secret)?,
        content: ContentInput {
            format: new.format,
            language: new.language,
            refs: new.refs.unwrap_or_default(),
            jobs: new.jobs.unwrap_or_default(),
            author: None,
        },
    };
    let (app, allowed) = (&ctx.edge.app, &ctx.edge.settings.webhook_networks);
    let webhook = webhooks::add(app, &ctx.proof, allowed, new).await?;
    log(&ctx, webhook.id, "added a webhook");
    Ok(Reply::json(&translate::webhook(&webhook, true))?.status(201))
}

pub async fn show(ctx: Managed) -> Result<Reply> {
    let webhook = webhooks::show(&ctx.edge.app, &ctx.proof, id(&ctx)?).await?;
    Reply::json(&translate::webhook(&webhook, false))
}

pub async fn change(ctx: Managed) -> Result<Reply> {
    let id = id(&ctx)?;
    let change: native::WebhookChange = json::read("webhook", ctx.request.body()?)?;
    let change = WebhookChange {
        url: change.url,
        topics: change.events.map(|words| EventTopics::parse("events", &words)).transpose()?,
        description: change.description,
        disabled: change.disabled,
        secret: None,
        refs: change.refs,
        jobs: change.jobs,
    };
    let (app, allowed) = (&ctx.edge.app, &ctx.edge.settings.webhook_networks);
    let webhook = webhooks::change(app, &ctx.proof, allowed, id, change).await?;
    log(&ctx, id, "changed a webhook");
    Reply::json(&translate::webhook(&webhook, false))
}

pub async fn rotate(ctx: Managed) -> Result<Reply> {
    let id = id(&ctx)?;
    let NewSecret { secret } = json::read_optional("secret", ctx.request.body()?)?;
    let format = match webhooks::show(&ctx.edge.app, &ctx.proof, id).await {
        Ok(webhook) => Some(webhook.content.format.as_str()),
        // The body is checked first.
        Err(Error::NotFound { .. }) => None,
        Err(error) => return Err(error),
    };
    let secret = translate::read_secret_of(format, secret)?;
    let webhook = webhooks::rotate(&ctx.edge.app, &ctx.proof, id, secret).await?;
    log(&ctx, id, "gave a webhook a new secret");
    Reply::json(&translate::webhook(&webhook, true))
}

pub async fn delete(ctx: Managed) -> Result<Reply> {
    let id = id(&ctx)?;
    webhooks::remove(&ctx.edge.app, &ctx.proof, id).await?;
    log(&ctx, id, "removed a webhook");
    Ok(Reply::no_content())
}

/// Logs the user who changed a webhook.
pub fn log(ctx: &Managed, webhook: WebhookId, action: &str) {
    let (user, repository) = (&ctx.proof.caller().user.name, ctx.proof.repository().id);
    tracing::info!(user, %repository, %webhook, "{action}");
}
