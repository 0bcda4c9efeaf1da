//! The page of a repository's settings, for users who manage it.

use super::dialect::PAGES;
use super::forms;
use super::frame::frame;
use super::response::reply;
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::native::translate;
use crate::routes::{Context, WithRole};
use domain::actions::access::{self, Manages};
use domain::actions::members as membership;
use domain::actions::retention::{PREVIEW_MAX, Pruned};
use domain::actions::{policies, repositories, retention, users, webhooks};
use domain::error::{Error, Invalid, Problem, Result};
use domain::model::durations;
use domain::model::ids::integer;
use domain::model::policies::{DURATION_RANGE, Policies};
use domain::model::repositories::{RepositoryChange, Visibility};
use domain::model::roles::Role;
use pages::forms::SubmittedForm;
use pages::{Notice, Prune, Settings, SettingsSection};
use wire::native::repositories::Settings as WireSettings;
use wire::native::retention::PrunePreview;

pub type Managed = Context<WithRole<Manages>>;

/// The path of the page.
pub fn path(ctx: &Managed) -> String {
    format!("/repositories/{}/settings", ctx.proof.repository().id)
}

pub async fn show(ctx: Managed) -> Result<Reply> {
    page(&ctx, SettingsSection::General, &SubmittedForm::default()).await
}

pub async fn show_members(ctx: Managed) -> Result<Reply> {
    page(&ctx, SettingsSection::Members, &SubmittedForm::default()).await
}

pub async fn show_policies(ctx: Managed) -> Result<Reply> {
    page(&ctx, SettingsSection::Retention, &SubmittedForm::default()).await
}

pub async fn show_webhooks(ctx: Managed) -> Result<Reply> {
    page(&ctx, SettingsSection::Webhooks, &SubmittedForm::default()).await
}

/// The path of a section.
pub fn section_path(ctx: &Managed, section: SettingsSection) -> String {
    format!("{}{}", path(ctx), section.path())
}

/// The names of all users, for the list of a field. Only administrators may see them.
async fn user_names(ctx: &Managed) -> Result<Vec<String>> {
    if !ctx.proof.caller().is_administrator() {
        return Ok(Vec::new());
    }
    let signed_in = ctx.edge.auth.sign_in(&ctx.edge.app, PAGES.accepts, &ctx.request).await?;
    let users = users::list(&ctx.edge.app, &access::administrator(signed_in)?).await?;
    Ok(users.into_iter().filter(|user| !user.disabled).map(|user| user.name).collect())
}

async fn page(ctx: &Managed, section: SettingsSection, submitted: &SubmittedForm) -> Result<Reply> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    // The repository of the proof may be outdated.
    let repository = repositories::show(app, by).await?;
    let members = membership::list(app, by).await?;
    let policies = policies::show(app, by).await?;
    let webhooks = webhooks::list(app, by).await?;
    let owners = webhooks::owners(app, by, &webhooks).await?;
    let notice = forms::notice(&ctx.request)?;
    let users = if section == SettingsSection::Members { user_names(ctx).await? } else { Vec::new() };
    let frame = frame(&ctx.edge, &ctx.request, by);
    let native = || WireSettings {
        repository: translate::repository(&repository, Some(by.role())),
        members: members.iter().map(translate::member).collect(),
        policies: translate::policies(&policies),
        webhooks: webhooks
            .iter()
            .map(|webhook| translate::webhooks::webhook(webhook, &owners, false))
            .collect(),
    };
    let page = || {
        let (repository, policies) = (&repository, &policies);
        let (members, webhooks) = (&members[..], &webhooks[..]);
        Settings {
            frame: &frame,
            repository,
            can_manage: true,
            members,
            policies,
            webhooks,
            section,
            users: &users,
            submitted,
            notice,
        }
        .html()
    };
    reply(&ctx.request, native, page)
}

/// The page again, with an error of a form.
pub async fn with_error(
    ctx: &Managed,
    (section, form): (SettingsSection, &str),
    known: &[&str],
    fields: &Query,
    error: &Error,
) -> Result<Reply> {
    let submitted = forms::with_error(form, known, fields, error, &ctx.request)?;
    Ok(page(ctx, section, &submitted).await?.status(400))
}

pub async fn change(ctx: Managed) -> Result<Reply> {
    const KNOWN: &[&str] = &["description", "default_branch", "visibility"];
    let fields = forms::fields(&ctx.request)?;
    let changed = async {
        let name = forms::text(&fields, "visibility")?.unwrap_or_default();
        let unknown = || Invalid::new("visibility", Problem::NotOneOf { allowed: Visibility::NAMES });
        let change = RepositoryChange {
            description: Some(forms::text(&fields, "description")?.unwrap_or_default()),
            default_branch: Some(forms::text(&fields, "default_branch")?.unwrap_or_default()),
            visibility: Some(Visibility::parse(&name).ok_or_else(unknown)?),
            archived: Some(forms::checked(&fields, "archived")?),
        };
        repositories::change(&ctx.edge.app, &ctx.proof, change).await
    };
    match changed.await {
        Ok(_) => Ok(forms::done(&path(&ctx), Notice::Saved)),
        Err(error) => with_error(&ctx, (SettingsSection::General, "general"), KNOWN, &fields, &error).await,
    }
}

pub async fn set_member(ctx: Managed) -> Result<Reply> {
    let fields = forms::fields(&ctx.request)?;
    let set = async {
        let user = forms::text(&fields, "user")?.ok_or_else(|| Invalid::new("user", Problem::Missing))?;
        let name = forms::text(&fields, "role")?.unwrap_or_default();
        let unknown = || Invalid::new("role", Problem::NotOneOf { allowed: Role::NAMES });
        let role = Role::parse(&name).ok_or_else(unknown)?;
        membership::set(&ctx.edge.app, &ctx.proof, &user, Some(role)).await.map_err(|error| match error {
            Error::NotFound { .. } => Invalid::new("user", Problem::Unknown).into(),
            other => other,
        })
    };
    match set.await {
        Ok(()) => Ok(forms::done(&section_path(&ctx, SettingsSection::Members), Notice::Saved)),
        Err(error) => {
            let form = (SettingsSection::Members, "member");
            with_error(&ctx, form, &["user", "role"], &fields, &error).await
        }
    }
}

pub async fn remove_member(ctx: Managed) -> Result<Reply> {
    membership::set(&ctx.edge.app, &ctx.proof, ctx.request.param("user"), None).await?;
    Ok(forms::done(&section_path(&ctx, SettingsSection::Members), Notice::Removed))
}

pub async fn set_policies(ctx: Managed) -> Result<Reply> {
    const KNOWN: &[&str] = &["silence_limit", "stage_limits", "keep_for", "keep_per_ref"];
    let fields = forms::fields(&ctx.request)?;
    let set = async { policies::set(&ctx.edge.app, &ctx.proof, read_policies(&fields)?).await };
    match set.await {
        Ok(_) => Ok(forms::done(&section_path(&ctx, SettingsSection::Retention), Notice::Saved)),
        Err(error) => {
            with_error(&ctx, (SettingsSection::Retention, "policies"), KNOWN, &fields, &error).await
        }
    }
}

fn read_policies(fields: &Query) -> Result<Policies> {
    let duration = |field: &str, text: &str| {
        let limit = durations::parse(text).filter(|limit| DURATION_RANGE.contains(limit));
        limit.ok_or_else(|| Invalid::new(field, Problem::NotDuration))
    };
    let time = |name: &str| -> Result<_> {
        Ok(forms::text(fields, name)?.map(|text| duration(name, &text)).transpose()?)
    };
    let keep = forms::text(fields, "keep_per_ref")?.map(|text| integer("keep_per_ref", &text)).transpose()?;
    if let Some(number) = forms::text(fields, "keep_for")?.filter(|text| durations::is_number(text)) {
        return Err(Invalid::new("keep_for", Problem::NoUnit { number: number.trim().to_owned() }).into());
    }
    let mut policies = Policies {
        inactivity_timeout: time("silence_limit")?,
        keep_for: time("keep_for")?,
        // A number beyond 32 bits stays out of range.
        keep_per_ref: keep.map(|n| u32::try_from(n.max(0)).unwrap_or(u32::MAX)),
        ..Policies::default()
    };
    for line in forms::text(fields, "stage_limits")?.unwrap_or_default().lines() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let (stage, limit) =
            line.rsplit_once('=').ok_or_else(|| Invalid::new("stage_limits", Problem::NotDuration))?;
        let limit = match limit.trim() {
            "off" => None,
            text => Some(duration("stage_limits", text)?),
        };
        policies.stage_timeouts.insert(stage.trim().to_owned(), limit);
    }
    Ok(policies)
}

pub async fn show_prune(ctx: Managed) -> Result<Reply> {
    prune_page(&ctx, None, false).await
}

async fn prune_page(ctx: &Managed, pruned: Option<(u64, u64, bool)>, unconfirmed: bool) -> Result<Reply> {
    let expired = retention::preview(&ctx.edge.app, &ctx.proof, None).await?;
    let more = expired.len() == PREVIEW_MAX as usize;
    let frame = frame(&ctx.edge, &ctx.request, &ctx.proof);
    let native = || PrunePreview {
        would_go: expired.iter().map(translate::expired).collect(),
        next_after: expired.last().filter(|_| more).map(translate::cursor),
    };
    let page = || {
        let (repository, expired) = (ctx.proof.repository(), &expired[..]);
        Prune { frame: &frame, repository, can_manage: true, expired, more, pruned, unconfirmed }.html()
    };
    reply(&ctx.request, native, page)
}

pub async fn prune(ctx: Managed) -> Result<Reply> {
    let fields = forms::fields(&ctx.request)?;
    if !forms::checked(&fields, "confirm")? {
        if ctx.request.wants_json {
            return Err(Invalid::new("confirm", Problem::Missing).into());
        }
        return Ok(prune_page(&ctx, None, true).await?.status(400));
    }
    let Pruned { pipelines, jobs, reports, more } = retention::prune(&ctx.edge.app, &ctx.proof).await?;
    let (user, repository) = (&ctx.proof.caller().user.name, ctx.proof.repository().id);
    tracing::info!(user, %repository, pipelines, jobs, reports, "deleted expired pipelines by request");
    prune_page(&ctx, Some((pipelines, jobs, more)), false).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::SignedDuration;

    fn read(pairs: &[(&str, &str)]) -> Result<Policies> {
        let query: Vec<String> =
            pairs.iter().map(|(name, value)| format!("{name}={}", pages::links::encode(value))).collect();
        read_policies(&Query::parse(query.join("&").as_bytes()).0)
    }

    #[test]
    fn policies_are_parsed_from_text() {
        let hours = |n| Some(SignedDuration::from_hours(n));
        let typed = [
            ("silence_limit", "2h"),
            ("stage_limits", "deploy = 6h\r\n\r\n a=b =1h30m\n手动=off\nnight=3600"),
            ("keep_for", " 90d "),
            ("keep_per_ref", "10"),
        ];
        let expected = Policies {
            inactivity_timeout: hours(2),
            stage_timeouts: [
                ("deploy".to_owned(), hours(6)),
                ("a=b".to_owned(), Some(SignedDuration::from_mins(90))),
                ("手动".to_owned(), None),
                ("night".to_owned(), hours(1)),
            ]
            .into(),
            keep_for: hours(24 * 90),
            keep_per_ref: Some(10),
        };
        assert_eq!(read(&typed).unwrap(), expected);
        assert_eq!(read(&[("silence_limit", ""), ("stage_limits", " \n")]).unwrap(), Policies::default());
        for (field, value) in [
            ("silence_limit", "0"),
            ("keep_for", "soon"),
            ("keep_for", "90"),
            ("keep_for", " 7776000 "),
            ("keep_per_ref", "many"),
            ("stage_limits", "deploy"),
            ("stage_limits", "a = 2y"),
        ] {
            let Err(Error::Invalid(invalid)) = read(&[(field, value)]) else { panic!("{field} {value}") };
            assert_eq!(invalid.field, field);
        }
    }
}
