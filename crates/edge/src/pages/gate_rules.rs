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
use domain::model::gates::RuleSetInput;
use domain::model::ids::integer;
use domain::ports::KnownRules;
use pages::messages::gate_rules as msg;
use pages::{EditedRules, GateRulesPage, Notice, RuleChange};
use wire::native::gates::{GateRules, GateRulesFile, NewGateRules, RequirementChange};

pub async fn show(ctx: Managed) -> Result<Reply> {
    let version = ctx.request.query.get("version")?.map(|text| integer("version", text)).transpose()?;
    let known = gates::rules(&ctx.edge.app, &ctx.proof, version).await?;
    let edited = match version {
        Some(_) => None,
        None => {
            let (text, version) = (text_of(known.as_ref())?, version_of(known.as_ref()));
            Some(EditedRules { text, version, ..EditedRules::default() })
        }
    };
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

/// The version of the rules; 0: there are none.
fn version_of(known: Option<&KnownRules>) -> i64 {
    known.map_or(0, |known| known.rules.version)
}

/// The rules as `stagepost gate show` prints them; without rules and refs of merge queues nothing.
fn text_of(known: Option<&KnownRules>) -> Result<String> {
    let rules = translate::rules(known);
    if rules.rules.is_empty() && rules.merge_queues.is_empty() {
        return Ok(String::new());
    }
    ::toml::to_string(&GateRulesFile::from(rules))
        .map_err(|error| Error::Internal(format!("gate rules cannot be written as TOML: {error}")))
}

/// Applies the text of the form, or shows what it would change.
pub async fn change(ctx: Managed) -> Result<Reply> {
    let (app, by) = (&ctx.edge.app, &ctx.proof);
    let fields = forms::fields(&ctx.request)?;
    let text = fields.get("text")?.ok_or_else(|| Invalid::new("text", Problem::Missing))?;
    // Browsers end lines with CR LF.
    let text = text.replace("\r\n", "\n");
    let applies = forms::text(&fields, "action")?.as_deref() == Some("apply");
    let submitted = forms::text(&fields, "version")?.map(|text| integer("version", &text)).transpose()?;
    let result = if applies { apply(&ctx, &text, submitted).await } else { preview(&ctx, &text).await };
    if let Ok(Outcome::Applied) = result {
        let user = &by.caller().user.name;
        tracing::info!(user, repository = %by.repository().id, "changed the gate rules");
        return Ok(forms::done(&format!("{}/gates", settings_path(&ctx)), Notice::Saved));
    }
    let known = gates::rules(app, by, None).await?;
    let version = version_of(known.as_ref());
    let mut edited = EditedRules { text, version, ..EditedRules::default() };
    // The page shows the current rules beside the text, and a note that they have changed.
    if submitted.is_some_and(|submitted| submitted != version) {
        let frame = frame(&ctx.edge, &ctx.request, by);
        edited.error = Some((None, frame.format(msg::CHANGED_MEANWHILE, version)));
    }
    let error = match result {
        Ok(Outcome::Applied | Outcome::OtherVersion) => {
            return Ok(page(&ctx, known.as_ref(), Some(&edited))?.status(409));
        }
        Ok(Outcome::WouldBe(after)) => {
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
    // The message is about the text only, so a later attempt must still detect another version.
    edited.version = submitted.unwrap_or(version);
    edited.error = Some((line, catalogue::describe(&error, ctx.request.language).message));
    Ok(page(&ctx, known.as_ref(), Some(&edited))?.status(400))
}

/// The line at which a text is not TOML.
fn line_of_syntax(text: &str) -> Option<usize> {
    toml::read_strictly::<GateRulesFile>("text", text).err().and_then(|refused| refused.line)
}

/// The result of a form.
enum Outcome {
    /// The rules are written.
    Applied,
    /// The last version is not the one that the form changes, and nothing is written.
    OtherVersion,
    /// The rules after the form would be applied.
    WouldBe(GateRules),
}

fn read(text: &str) -> Result<RuleSetInput> {
    let file: GateRulesFile =
        toml::read_strictly("text", text).map_err(|Refused { invalid, .. }| Error::from(invalid))?;
    Ok(translate::read_rules(NewGateRules::from(file)))
}

async fn preview(ctx: &Managed, text: &str) -> Result<Outcome> {
    let after = gates::preview_rules(&ctx.edge.app, &ctx.proof, read(text)?).await?;
    Ok(Outcome::WouldBe(translate::rules(Some(&after))))
}

async fn apply(ctx: &Managed, text: &str, expected: Option<i64>) -> Result<Outcome> {
    let written = gates::replace_rules(&ctx.edge.app, &ctx.proof, read(text)?, expected).await?;
    Ok(written.map_or(Outcome::OtherVersion, |_| Outcome::Applied))
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
