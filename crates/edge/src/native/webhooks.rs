//! Webhooks of a repository. `docs/webhooks.md` documents them.

use super::translate::webhooks as translate;
use crate::http::json;
use crate::http::reply::Reply;
use crate::routes::{Context, WithRole};
use domain::actions::access::Manages;
use domain::actions::webhooks;
use domain::error::{Error, Result};
use domain::model::ids::{UserId, WebhookId};
use domain::model::webhooks::content::ContentInput;
use domain::model::webhooks::{EventTopics, Webhook, WebhookChange, WebhookInput};
use wire::native::webhooks::{self as native, NewSecret, NewWebhook, WebhookList};

type Managed = Context<WithRole<Manages>>;

/// The webhook that the path names.
pub fn id(ctx: &Managed) -> Result<WebhookId> {
    Ok(WebhookId::parse(ctx.request.param(WebhookId::FIELD))?)
}

pub async fn list(ctx: Managed) -> Result<Reply> {
    let webhooks = webhooks::list(&ctx.edge.app, &ctx.proof).await?;
    let owners = webhooks::owners(&ctx.edge.app, &ctx.proof, &webhooks).await?;
    let webhooks = webhooks.iter().map(|webhook| translate::webhook(webhook, &owners, false)).collect();
    Reply::json(&WebhookList { webhooks })
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
    Ok(response(&ctx, webhook, true).await?.status(201))
}

async fn response(ctx: &Managed, webhook: Webhook, with_secret: bool) -> Result<Reply> {
    let all = [webhook];
    let owners = webhooks::owners(&ctx.edge.app, &ctx.proof, &all).await?;
    let [webhook] = &all;
    Reply::json(&translate::webhook(webhook, &owners, with_secret))
}

pub async fn show(ctx: Managed) -> Result<Reply> {
    let webhook = webhooks::show(&ctx.edge.app, &ctx.proof, id(&ctx)?).await?;
    response(&ctx, webhook, false).await
}

pub async fn change(ctx: Managed) -> Result<Reply> {
    let id = id(&ctx)?;
    let change: native::WebhookChange = json::read("webhook", ctx.request.body()?)?;
    let owner = owner(&ctx, change.owner.as_deref()).await?;
    let change = WebhookChange {
        url: change.url,
        topics: change.events.map(|words| EventTopics::parse("events", &words)).transpose()?,
        description: change.description,
        disabled: change.disabled,
        secret: None,
        refs: change.refs,
        jobs: change.jobs,
        owner,
    };
    let (app, allowed) = (&ctx.edge.app, &ctx.edge.settings.webhook_networks);
    let webhook = webhooks::change(app, &ctx.proof, allowed, id, change).await?;
    log(&ctx, id, "changed a webhook");
    response(&ctx, webhook, false).await
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
    response(&ctx, webhook, true).await
}

pub async fn delete(ctx: Managed) -> Result<Reply> {
    let id = id(&ctx)?;
    webhooks::remove(&ctx.edge.app, &ctx.proof, id).await?;
    log(&ctx, id, "removed a webhook");
    Ok(Reply::no_content())
}

/// The user of a name, to whom a webhook is to be given.
pub async fn owner(ctx: &Managed, name: Option<&str>) -> Result<Option<UserId>> {
    match name {
        Some(name) => webhooks::manager(&ctx.edge.app, &ctx.proof, name).await.map(Some),
        None => Ok(None),
    }
}

/// Logs the user who changed a webhook.
pub fn log(ctx: &Managed, webhook: WebhookId, action: &str) {
    let (user, repository) = (&ctx.proof.caller().user.name, ctx.proof.repository().id);
    tracing::info!(user, %repository, %webhook, "{action}");
}
