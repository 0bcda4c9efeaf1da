//! The page of the rules of merge gates, for users who manage the repository: the rules as they are, and a form that
//! takes them as the file of `stagepost gate apply`.

use super::forms;
use super::frame::frame;
use super::response::html;
use super::settings::{Managed, path as settings_path};
use crate::catalogue;
use crate::http::reply::Reply;
use crate::http::toml::{self, Refused};
use crate::native::translate::gates as translate;
use domain::actions::gates;
use domain::error::{Error, Invalid, Problem, Result};
use domain::model::ids::integer;
use domain::ports::KnownRules;
use pages::messages::gate_rules as msg;
use pages::{EditedRules, GateRulesPage, Notice, RuleChange};
use wire::native::gates::{GateRules, GateRulesFile, NewGateRules, RequirementChange};

pub async fn show(ctx: Managed) -> Result<Reply> {
    let version = ctx.request.query.get("version")?.map(|text| integer("version", text)).transpose()?;
    let known = gates::rules(&ctx.edge.app, &ctx.proof, version).await?;
    let edited =
        version.is_none().then(|| EditedRules { text: text_of(known.as_ref()), ..EditedRules::default() });
    page(&ctx, known.as_ref(), edited.as_ref())
}

fn page(ctx: &Managed, known: Option<&KnownRules>, edited: Option<&EditedRules>) -> Result<Reply> {
    if ctx.request.wants_json {
        return Reply::json(&translate::rules(known));
    }
    let notice = forms::notice(&ctx.request)?;
    let frame = frame(&ctx.edge, &ctx.request, &ctx.proof);
    let repository = ctx.proof.repository();
    Ok(html(GateRulesPage { frame: &frame, repository, can_manage: true, known, edited, notice }.html()))
}

/// The rules as `stagepost gate show` prints them; without rules nothing.
fn text_of(known: Option<&KnownRules>) -> String {
    let rules = translate::rules(known);
    if rules.rules.is_empty() {
        String::new()
    } else {
        ::toml::to_string(&GateRulesFile::from(rules)).unwrap_or_default()
    }
}

/// Applies the text of the form, or shows what it would change.
pub async fn change(ctx: Managed) -> Result<Reply> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let fields = forms::fields(&ctx.request)?;
    let text = fields.get("text")?.ok_or_else(|| Invalid::new("text", Problem::Missing))?;
    // Browsers end lines with CR LF.
    let text = text.replace("\r\n", "\n");
    let applies = forms::text(&fields, "action")?.as_deref() == Some("apply");
    let known = gates::rules(app, by, None).await?;
    let version = known.as_ref().map_or(0, |known| known.rules.version);
    let seen = forms::text(&fields, "version")?.map(|text| integer("version", &text)).transpose()?;
    let mut edited = EditedRules { text, ..EditedRules::default() };
    if applies && seen.is_some_and(|seen| seen != version) {
        let frame = frame(&ctx.edge, &ctx.request, by);
        edited.error = Some((None, frame.format(msg::CHANGED_MEANWHILE, version)));
        return Ok(page(&ctx, known.as_ref(), Some(&edited))?.status(409));
    }
    let error = match read_and_check(&ctx, &edited.text, applies).await {
        Ok(_) if applies => {
            let user = &by.caller().user.name;
            tracing::info!(user, repository = %by.repository().id, "changed the gate rules");
            return Ok(forms::done(&format!("{}/gates", settings_path(&ctx)), Notice::Saved));
        }
        Ok(after) => {
            edited.changes = Some(changes(&ctx, &translate::rules(known.as_ref()), &after));
            return page(&ctx, known.as_ref(), Some(&edited));
        }
        Err(error) => error,
    };
    let Error::Invalid(invalid) = &error else { return Err(error) };
    if ctx.request.wants_json {
        return Err(error);
    }
    let line = match invalid.problem {
        Problem::NotToml { .. } => line_of_syntax(&edited.text),
        _ => toml::line_of(&edited.text, &invalid.field),
    };
    edited.error = Some((line, catalogue::describe(&error, ctx.request.language).message));
    Ok(page(&ctx, known.as_ref(), Some(&edited))?.status(400))
}

/// The line at which a text is not TOML.
fn line_of_syntax(text: &str) -> Option<usize> {
    toml::read_strictly::<GateRulesFile>("text", text).err().and_then(|refused| refused.line)
}

/// Reads the text, and writes the rules if `applies`. Returns them as they are then, or would be.
async fn read_and_check(ctx: &Managed, text: &str, applies: bool) -> Result<GateRules> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let file: GateRulesFile =
        toml::read_strictly("text", text).map_err(|Refused { invalid, .. }| Error::from(invalid))?;
    let input = translate::read_rules(NewGateRules::from(file));
    let known = match applies {
        true => gates::set_rules(app, by, input).await?,
        false => gates::preview_rules(app, by, input).await?,
    };
    Ok(translate::rules(Some(&known)))
}

fn changes(ctx: &Managed, before: &GateRules, after: &GateRules) -> Vec<(RuleChange, String)> {
    let change = |(change, name): (RequirementChange, String)| match change {
        RequirementChange::Added => (RuleChange::Added, name),
        RequirementChange::Changed => (RuleChange::Changed, name),
        RequirementChange::Removed => (RuleChange::Removed, name),
    };
    let queues = || (RuleChange::Changed, msg::QUEUES.in_language(ctx.request.language).to_owned());
    let requirements = after.changes_since(before).into_iter().map(change);
    requirements.chain(after.has_other_queues(before).then(queues)).collect()
}
