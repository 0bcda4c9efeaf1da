//! The pages of webhooks and their deliveries, for users who manage the repository.

use super::forms;
use super::frame::frame;
use super::response::{reply, secret};
use super::settings::{Managed, path as settings_path, section_path, with_error as settings_with_error};
use crate::http::public_url::PublicUrl;
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::native::translate::webhooks as translate;
use crate::native::webhooks::{id, log, owner};
use domain::actions::{deliveries, members, webhooks};
use domain::error::{Error, Result};
use domain::model::deliveries::Delivery;
use domain::model::ids::WebhookId;
use domain::model::roles::Role;
use domain::model::webhooks::content::ContentInput;
use domain::model::webhooks::{EventTopics, Webhook, WebhookChange, WebhookInput};
use pages::forms::SubmittedForm;
use pages::messages::settings as msg;
use pages::{Notice, Secret, SettingsSection, WebhookPage};
use std::collections::BTreeSet;
use wire::native::webhooks::WebhookWithDeliveries;

/// Deliveries on one page.
pub const DELIVERIES: u32 = 50;
/// Deliveries whose bodies the page has.
const BODIES: usize = 5;
/// The fields of the form that an error may be about.
const KNOWN: &[&str] = &["url", "events", "description", "format", "secret", "refs", "jobs"];

fn path(ctx: &Managed) -> String {
    format!("{}/webhooks/{}", settings_path(ctx), ctx.request.param(WebhookId::FIELD))
}

pub async fn create(ctx: Managed) -> Result<Reply> {
    let fields = forms::fields(&ctx.request)?;
    let Some(claim) = forms::claim(&ctx.edge, &fields)? else {
        return Ok(forms::done(&section_path(&ctx, SettingsSection::Webhooks), Notice::Repeated));
    };
    let (app, allowed) = (&ctx.edge.app, &ctx.edge.settings.webhook_networks);
    let added = async {
        let format = forms::text(&fields, "format")?;
        let secret = forms::text(&fields, "secret")?;
        let new = WebhookInput {
            url: forms::text(&fields, "url")?.unwrap_or_default(),
            events: fields.all("events").map(str::to_owned).collect(),
            description: forms::text(&fields, "description")?,
            secret: translate::read_secret_of(format.as_deref(), secret)?,
            content: content(&fields, format)?,
        };
        webhooks::add(app, &ctx.proof, allowed, new).await
    };
    match added.await {
        // A chat has no secret of this server.
        Ok(webhook) if webhook.content.format.is_chat() => {
            log(&ctx, webhook.id, "added a webhook");
            claim.keep();
            let page = format!("{}/webhooks/{}", settings_path(&ctx), webhook.id);
            Ok(forms::done(&page, Notice::Created))
        }
        Ok(webhook) => {
            log(&ctx, webhook.id, "added a webhook");
            claim.keep();
            secret_page(&ctx, &webhook)
        }
        Err(error) => {
            settings_with_error(&ctx, (SettingsSection::Webhooks, "webhook"), KNOWN, &fields, &error).await
        }
    }
}

/// The content of a form, whose patterns are one a line.
pub fn content(fields: &Query, format: Option<String>) -> Result<ContentInput> {
    Ok(ContentInput {
        format,
        language: forms::text(fields, "language")?,
        refs: lines(fields, "refs")?,
        jobs: lines(fields, "jobs")?,
        author: forms::text(fields, "author")?,
    })
}

fn lines(fields: &Query, name: &str) -> Result<Vec<String>> {
    let text = forms::text(fields, name)?.unwrap_or_default();
    Ok(text.lines().map(str::to_owned).collect())
}

/// The page that shows a new secret once.
fn secret_page(ctx: &Managed, webhook: &Webhook) -> Result<Reply> {
    let frame = frame(&ctx.edge, &ctx.request, &ctx.proof);
    let secret_text = wire::webhooks::write_secret(webhook.secret.bytes());
    let (title, next) = (
        frame.format(msg::WEBHOOK_TITLE, webhook.id),
        format!("{}/webhooks/{}", settings_path(ctx), webhook.id),
    );
    let parts = [(msg::URL, webhook.url.as_str()), (msg::SECRET, secret_text.as_str())];
    Ok(secret(Secret { frame: &frame, title: &title, parts: &parts, commands: &[], next: &next }.html()))
}

pub async fn show(ctx: Managed) -> Result<Reply> {
    page(&ctx, &SubmittedForm::default()).await
}

async fn page(ctx: &Managed, submitted: &SubmittedForm) -> Result<Reply> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let webhook = webhooks::show(app, by, id(ctx)?).await?;
    let before = ctx.request.query.get("before")?.map(str::to_owned);
    let found = deliveries::list(app, by, webhook.id, before, DELIVERIES + 1).await?;
    let (mut found, next_before) = translate::older_than(found, DELIVERIES);
    let owners = webhooks::owners(app, by, std::slice::from_ref(&webhook)).await?;
    let owner = webhook.content.creator.and_then(|user| owners.get(&user)).map(String::as_str);
    let managers = managers(ctx, owner).await?;
    if !ctx.request.wants_json {
        add_bodies(ctx, webhook.id, &mut found).await?;
    }
    let notice = forms::notice(&ctx.request)?;
    let frame = frame(&ctx.edge, &ctx.request, by);
    let native = || WebhookWithDeliveries {
        webhook: translate::webhook(&webhook, &owners, false),
        deliveries: found.iter().map(translate::delivery).collect(),
        next_before: next_before.clone(),
    };
    let page = || {
        let (repository, deliveries) = (by.repository(), &found[..]);
        let (webhook, next_before) = (&webhook, next_before.as_deref());
        WebhookPage {
            frame: &frame,
            repository,
            can_manage: true,
            webhook,
            owner,
            managers: &managers,
            deliveries,
            next_before,
            submitted,
            notice,
        }
        .html()
    };
    reply(&ctx.request, native, page)
}

/// The users to whom a webhook can be given: the caller, the members who manage the repository, and its owner.
async fn managers(ctx: &Managed, owner: Option<&str>) -> Result<Vec<String>> {
    let members = members::list(&ctx.edge.app, &ctx.proof).await?;
    let managing = members.into_iter().filter(|member| member.role == Role::Manage);
    let caller = ctx.proof.caller().user.name.clone();
    let names = managing.map(|member| member.user_name).chain([caller]).chain(owner.map(str::to_owned));
    Ok(names.collect::<BTreeSet<_>>().into_iter().collect())
}

/// Adds what was sent to the newest deliveries.
async fn add_bodies(ctx: &Managed, webhook: WebhookId, found: &mut [Delivery]) -> Result<()> {
    for delivery in found.iter_mut().take(BODIES) {
        match deliveries::show(&ctx.edge.app, &ctx.proof, webhook, &delivery.id).await {
            Ok(whole) => delivery.body = whole.body,
            // It was deleted meanwhile.
            Err(Error::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn with_error(ctx: &Managed, fields: &Query, error: &Error) -> Result<Reply> {
    let submitted = forms::with_error("change", KNOWN, fields, error, &ctx.request)?;
    Ok(page(ctx, &submitted).await?.status(400))
}

pub async fn change(ctx: Managed) -> Result<Reply> {
    let id = id(&ctx)?;
    let fields = forms::fields(&ctx.request)?;
    let (app, allowed) = (&ctx.edge.app, &ctx.edge.settings.webhook_networks);
    let changed = async {
        let events: Vec<String> = fields.all("events").map(str::to_owned).collect();
        // The page does not have the URL of a chat, so an empty one is no change.
        let is_chat = webhooks::show(app, &ctx.proof, id).await?.content.format.is_chat();
        let url = forms::text(&fields, "url")?;
        let change = WebhookChange {
            url: if is_chat { url } else { Some(url.unwrap_or_default()) },
            refs: fields.get("refs")?.map(|_| lines(&fields, "refs")).transpose()?,
            jobs: fields.get("jobs")?.map(|_| lines(&fields, "jobs")).transpose()?,
            topics: Some(EventTopics::parse("events", &events)?),
            description: Some(forms::text(&fields, "description")?.unwrap_or_default()),
            ..WebhookChange::default()
        };
        webhooks::change(app, &ctx.proof, allowed, id, change).await
    };
    match changed.await {
        Ok(_) => {
            log(&ctx, id, "changed a webhook");
            Ok(forms::done(&path(&ctx), Notice::Saved))
        }
        // A webhook that does not exist is an error of the page, not of the form.
        Err(error @ Error::NotFound { .. }) => Err(error),
        Err(error) => with_error(&ctx, &fields, &error).await,
    }
}

pub async fn switch(ctx: Managed) -> Result<Reply> {
    let id = id(&ctx)?;
    let fields = forms::fields(&ctx.request)?;
    let disabled = fields.flag("disabled")?;
    let (app, allowed) = (&ctx.edge.app, &ctx.edge.settings.webhook_networks);
    let change = WebhookChange { disabled, ..WebhookChange::default() };
    match webhooks::change(app, &ctx.proof, allowed, id, change).await {
        Ok(_) => {
            log(&ctx, id, "changed a webhook");
            Ok(forms::done(&path(&ctx), Notice::Saved))
        }
        Err(error @ Error::NotFound { .. }) => Err(error),
        Err(error) => with_error(&ctx, &fields, &error).await,
    }
}

/// Gives a webhook to another user.
pub async fn give(ctx: Managed) -> Result<Reply> {
    let id = id(&ctx)?;
    let fields = forms::fields(&ctx.request)?;
    let (app, allowed) = (&ctx.edge.app, &ctx.edge.settings.webhook_networks);
    let name = forms::text(&fields, "owner")?.unwrap_or_else(|| ctx.proof.caller().user.name.clone());
    let given = async {
        let owner = owner(&ctx, Some(&name)).await?;
        webhooks::change(app, &ctx.proof, allowed, id, WebhookChange { owner, ..WebhookChange::default() })
            .await
    };
    match given.await {
        Ok(_) => {
            log(&ctx, id, "gave a webhook to a user");
            Ok(forms::done(&path(&ctx), Notice::Saved))
        }
        Err(error @ Error::NotFound { .. }) => Err(error),
        Err(error) => {
            let submitted = forms::with_error("owner", &["owner"], &fields, &error, &ctx.request)?;
            Ok(page(&ctx, &submitted).await?.status(400))
        }
    }
}

pub async fn rotate(ctx: Managed) -> Result<Reply> {
    let id = id(&ctx)?;
    let Some(claim) = forms::claim(&ctx.edge, &forms::fields(&ctx.request)?)? else {
        return Ok(forms::done(&path(&ctx), Notice::Repeated));
    };
    let webhook = webhooks::rotate(&ctx.edge.app, &ctx.proof, id, None).await?;
    claim.keep();
    log(&ctx, id, "gave a webhook a new secret");
    secret_page(&ctx, &webhook)
}

pub async fn delete(ctx: Managed) -> Result<Reply> {
    let id = id(&ctx)?;
    webhooks::remove(&ctx.edge.app, &ctx.proof, id).await?;
    log(&ctx, id, "removed a webhook");
    Ok(forms::done(&section_path(&ctx, SettingsSection::Webhooks), Notice::Removed))
}

pub async fn test(ctx: Managed) -> Result<Reply> {
    let repository = ctx.proof.repository();
    let public_url = ctx.edge.settings.public_url.as_deref().map(PublicUrl::as_str);
    let body = |to: &Webhook, at| translate::test_message_for(to, &repository.path, public_url, at);
    deliveries::test(&ctx.edge.app, &ctx.proof, id(&ctx)?, body).await?;
    Ok(forms::done(&path(&ctx), Notice::Queued))
}

pub async fn redeliver(ctx: Managed) -> Result<Reply> {
    let delivery = ctx.request.param("delivery_id");
    deliveries::redeliver(&ctx.edge.app, &ctx.proof, id(&ctx)?, delivery).await?;
    Ok(forms::done(&path(&ctx), Notice::Queued))
}
