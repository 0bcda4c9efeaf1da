//! The gate of a commit for one target branch: a part of the pages of commits and merge requests.

use crate::forms::{SubmittedForm, TextInput, text_input};
use crate::messages::{Text, gates as msg};
use crate::{Frame, Html, icons};
use askama::Template;
use domain::Timestamp;
use domain::actions::gates::Gate;
use domain::model::gates::{
    DecidingJob, Evaluation, OutstandingJob, Override, RequirementResult, RequirementState, Subject, Verdict,
    outstanding,
};
use domain::model::ids::{MergeRequestIid, UserId};
use domain::model::repositories::Repository;
use domain::model::roles::Role;
use domain::model::status::Status;

/// Most announced jobs that are listed.
const OUTSTANDING_MAX: usize = 50;
/// The id of the form that overrides, for [`SubmittedForm`].
pub const OVERRIDE_FORM: &str = "override";

/// The subject of an override in a form: the value of its field `requirement`. A requirement may have any name, so
/// names have a prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Overridden<'a> {
    /// The requirement with this name.
    Requirement(&'a str),
    /// The whole gate.
    WholeGate,
}

impl<'a> Overridden<'a> {
    const PREFIX: &'static str = "of-";
    const WHOLE: &'static str = "whole";

    /// Reads the value of a form; `None`: it is none.
    pub fn parse(value: &'a str) -> Option<Self> {
        match value.strip_prefix(Self::PREFIX) {
            Some(name) if !name.is_empty() => Some(Self::Requirement(name)),
            None if value == Self::WHOLE => Some(Self::WholeGate),
            _ => None,
        }
    }

    /// The value for a form.
    pub fn value(&self) -> String {
        match self {
            Self::Requirement(name) => format!("{}{name}", Self::PREFIX),
            Self::WholeGate => Self::WHOLE.to_owned(),
        }
    }
}

/// The gate.
#[derive(Debug, Template)]
#[template(path = "gate.html")]
pub struct GateCard<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The repository of the commit.
    pub repository: &'a Repository,
    /// Its position on the page, from 0, for its ids.
    pub number: usize,
    /// The gate.
    pub gate: &'a Gate,
    /// Its verdict and results.
    pub evaluation: Evaluation<'a>,
    /// The sentence about the verdict.
    pub explanation: String,
    /// The sentence about each result, in order.
    pub explanations: Vec<String>,
    /// The signed-in user, with the role in the repository; `None`: an earlier state, which cannot be changed.
    pub viewer: Option<(UserId, Role)>,
    /// The merge request whose page it is on.
    pub merge_request: Option<MergeRequestIid>,
    /// The target branch in the address of the page; empty: the page shows all that apply.
    pub chosen_target: &'a str,
    /// The rejected form, if any; `None`: there is no form.
    pub submitted: Option<&'a SubmittedForm>,
}

/// A result, as the template shows it.
struct ResultRow<'a> {
    state: Html,
    name: &'a str,
    since: Option<Timestamp>,
    explanation: &'a str,
    jobs: &'a [DecidingJob<'a>],
    more_jobs: usize,
}

/// The status whose icon and colour a verdict has, and its name. Only a verdict that passed is green.
pub(crate) const fn verdict_look(verdict: Verdict) -> (Status, Text) {
    match verdict {
        Verdict::Unset => (Status::Skipped, msg::VERDICT_UNSET),
        Verdict::Passed => (Status::Success, msg::VERDICT_PASSED),
        Verdict::Failed => (Status::Failed, msg::VERDICT_FAILED),
        Verdict::Pending => (Status::Pending, msg::VERDICT_PENDING),
        Verdict::Missing => (Status::TimedOut, msg::VERDICT_MISSING),
    }
}

const fn state_look(state: RequirementState) -> (Status, Text) {
    match state {
        RequirementState::Passed => (Status::Success, msg::STATE_PASSED),
        RequirementState::Failed => (Status::Failed, msg::STATE_FAILED),
        RequirementState::Running => (Status::Running, msg::STATE_RUNNING),
        RequirementState::Waiting => (Status::Pending, msg::STATE_WAITING),
        RequirementState::Missing => (Status::TimedOut, msg::STATE_MISSING),
        RequirementState::WrongSource => (Status::TimedOut, msg::STATE_WRONG_SOURCE),
        RequirementState::NotApplicable => (Status::Skipped, msg::STATE_NOT_APPLICABLE),
        RequirementState::Overridden => (Status::Skipped, msg::STATE_OVERRIDDEN),
    }
}

/// Whether a result needs nothing any more.
fn is_settled(result: &RequirementResult<'_>) -> bool {
    result.state().is_settled()
}

impl GateCard<'_> {
    /// The gate as HTML.
    pub fn html(&self) -> Html {
        Html(crate::render(self))
    }

    /// Whether a rule applies to the target branch.
    pub fn has_rules(&self) -> bool {
        self.evaluation.verdict != Verdict::Unset
    }

    /// Whether its form was rejected.
    pub fn is_rejected(&self) -> bool {
        self.submitted.is_some_and(|submitted| submitted.error.is_some())
    }

    /// Whether the verdict waits for jobs.
    pub fn is_pending(&self) -> bool {
        self.evaluation.verdict == Verdict::Pending
    }

    /// The verdict in words, for the summary of the page.
    pub fn summary(&self) -> String {
        let verdict = self.frame.text(verdict_look(self.evaluation.verdict).1);
        format!("{}: {verdict}", self.frame.sanitize(&self.gate.target))
    }

    fn title(&self) -> String {
        self.frame.format(msg::GATE, self.frame.sanitize(&self.gate.target))
    }

    fn verdict(&self) -> Html {
        let (status, text) = verdict_look(self.evaluation.verdict);
        icons::named(status, self.frame.text(text))
    }

    fn rows(&self, settled: bool) -> Vec<ResultRow<'_>> {
        let results = self.evaluation.requirements.iter().zip(&self.explanations);
        results.filter(|(result, _)| is_settled(result) == settled).map(|found| self.row(found)).collect()
    }

    fn row<'b>(&'b self, (result, explanation): (&'b RequirementResult<'b>, &'b String)) -> ResultRow<'b> {
        let (status, text) = state_look(result.state());
        ResultRow {
            state: icons::named(status, self.frame.text(text)),
            name: requirement(result).unwrap_or_else(|| self.frame.text(msg::ANNOUNCED_JOBS)),
            since: result.reason.period().0,
            explanation,
            jobs: &result.jobs,
            more_jobs: result.job_count.saturating_sub(result.jobs.len()),
        }
    }

    fn job_path(&self, job: &DecidingJob<'_>) -> String {
        format!("/repositories/{}/pipelines/{}/jobs/{}", self.repository.id, job.pipeline_id, job.id)
    }

    fn outstanding(&self) -> Vec<OutstandingJob<'_>> {
        if self.has_rules() { outstanding(&self.gate.record.facts) } else { Vec::new() }
    }

    fn announced_name(&self, of: &OutstandingJob<'_>) -> String {
        let name = &of.announced.name;
        let name =
            of.announced.stage.as_ref().map_or_else(|| name.clone(), |stage| format!("{stage} / {name}"));
        self.frame.sanitize(name)
    }

    fn overrides(&self) -> Vec<&Override> {
        self.gate.overrides().collect()
    }

    fn decided_by(&self, decision: &Override) -> String {
        self.by(decision.by_name.as_deref())
    }

    fn withdrawn_by(&self, decision: &Override) -> String {
        self.by(decision.withdrawn_by_name.as_deref())
    }

    fn by(&self, name: Option<&str>) -> String {
        let name = name
            .map_or_else(|| self.frame.text(msg::DELETED_USER).to_owned(), |name| self.frame.sanitize(name));
        self.frame.format(msg::BY, name)
    }

    fn may_withdraw(&self, decision: &Override) -> bool {
        let Some((user, role)) = self.viewer else { return false };
        decision.withdrawn_at.is_none() && self.gate.may_withdraw(decision, user, role)
    }

    fn may_override_all(&self) -> bool {
        let Some((user, role)) = self.viewer else { return false };
        self.gate.may_override(None, user, role)
    }

    /// The requirements that have not passed and that the viewer may override.
    fn overridable(&self) -> Vec<&str> {
        let Some((user, role)) = self.viewer else { return Vec::new() };
        let open = self.evaluation.requirements.iter().filter(|result| !is_settled(result));
        open.filter_map(requirement).filter(|name| self.gate.may_override(Some(name), user, role)).collect()
    }

    /// Whether there is something to override that the viewer may override.
    fn may_override(&self) -> bool {
        let open = self.evaluation.requirements.iter().any(|result| !is_settled(result));
        open && (self.may_override_all() || !self.overridable().is_empty())
    }

    /// The values and texts of what the viewer may override.
    fn choices(&self) -> Vec<(String, &str)> {
        let named = self.overridable().into_iter().map(|name| (Overridden::Requirement(name).value(), name));
        let whole = self
            .may_override_all()
            .then(|| (Overridden::WholeGate.value(), self.frame.text(msg::WHOLE_GATE)));
        named.chain(whole).collect()
    }

    /// The hidden fields that name the page of a form.
    fn page_fields(&self) -> Html {
        let hidden = |name: &str, value: &str| {
            format!(r#"<input type="hidden" name="{name}" value="{}">"#, crate::escape(value))
        };
        let merge_request = self.merge_request.map(|iid| hidden("merge_request", &iid.to_string()));
        let chosen = Some(self.chosen_target).filter(|target| !target.is_empty());
        let chosen = chosen.map(|target| hidden("chosen_target", target));
        Html(merge_request.into_iter().chain(chosen).collect())
    }

    fn path(&self) -> String {
        format!("/repositories/{}/commits/{}/overrides", self.repository.id, self.gate.sha)
    }

    fn reason_field(&self, submitted: &SubmittedForm) -> Html {
        let label = self.frame.text(msg::REASON);
        let reason = TextInput {
            form: OVERRIDE_FORM,
            name: "reason",
            kind: "text",
            label,
            initial: "",
            hint: "",
            required: true,
        };
        text_input(self.frame, submitted, reason)
    }
}

/// The name of the requirement that a result is about; `None`: the announced jobs.
fn requirement<'a>(result: &'a RequirementResult<'a>) -> Option<&'a str> {
    match result.subject {
        Subject::Requirement(name) => Some(name),
        Subject::Announced => None,
    }
}
