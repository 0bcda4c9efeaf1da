//! The body of a report: its content and its changes. The first byte is the version of the format.
//!
//! After it: the status of the report and after it (four bits each); effect, rules and `allow_failure` (two bits
//! each); the reason and the dialect, by their numbers; the credential; the changed fields;
//! the bits of the values that follow.
//! Times are differences in milliseconds, the first one to the time of receipt, the others to the one before.
//! A text that is not that of the base has no bytes that it shares with the beginning of that one; a link, with that
//! of the link of the base with the own `third_build_id`.

use super::credential::{self, StoredCredential};
use super::texts::{TARGET_URL, THIRD_BUILD_ID, Texts};
use crate::rows::binary::{Decoder, Encode};
use crate::rows::types::{status_number, status_of_number};
use crate::sql::corrupt;
use domain::model::conclusions::Conclusion;
use domain::model::credentials::ReportCredential;
use domain::model::details::DetailsKey;
use domain::model::reports::{Adjustments, Authority, Effect, FieldSet, Reason, ReportedState, Rules};
use domain::model::status::Status;
use domain::{Result, Timestamp};
use std::borrow::Cow;

const VERSION: u8 = 3;
/// The version without credentials.
const NO_CREDENTIAL: u8 = 2;
/// The version without credentials whose texts are whole, or those of the base.
const WHOLE: u8 = 1;

/// Dialects in order of their numbers, from 1. Others are stored by their names, after the number 0.
const DIALECTS: [&str; 7] = ["native", "gitlab", "import", "watchdog", "github", "gitea", "bitbucket"];

/// The first bits are those of the texts.
const OCCURRED_AT: u64 = 1 << 5;
const STARTED_AT: u64 = 1 << 6;
const FINISHED_AT: u64 = 1 << 7;
const STAGE_ORDER: u64 = 1 << 8;
const COVERAGE: u64 = 1 << 9;
const CLOSING_REASON: u64 = 1 << 10;
const ADJUSTED: u64 = 1 << 11;
const SENT_URL: u64 = 1 << 12;
/// The report has a base. The bits of the texts that are equal in it follow.
const HAS_BASE: u64 = 1 << 13;
/// The first bit of the number of the conclusion.
const CONCLUSION: u32 = 14;
const DETAILS: u64 = 1 << 15;
/// The other bits of that number.
const CONCLUSION_REST: u32 = 16;
/// The reporter named the attempt by its id.
const NAMES_JOB: u64 = 1 << 18;
const KEEPS_STATUS: u64 = 1 << 19;
const OCCURRED_AT_RECEIPT: u64 = 1 << 20;
/// Case does not distinguish the name of the job.
const NAME_IGNORES_CASE: u64 = 1 << 21;
/// All of the above.
const ALL: u64 = (1 << 22) - 1;

/// The body of a report to write; fields of `HistoryEntry` and `Report`.
pub struct Body<'a> {
    pub dialect: &'a str,
    pub received_at: Timestamp,
    pub state: &'a ReportedState,
    pub texts: Texts<&'a str>,
    pub effect: Effect,
    pub changed: FieldSet,
    pub status_after: Option<Status>,
    /// `None` for a report of a version that did not record it.
    pub reason: Option<Reason>,
    pub closing_reason: Option<&'a str>,
    pub names_job: bool,
    pub name_ignores_case: bool,
    pub stage_order: Option<i32>,
}

impl Body<'_> {
    /// The bytes. Text that is shared with `base` is left out.
    pub fn encode(&self, base: Option<&Texts<String>>) -> Vec<u8> {
        let Self { state, .. } = self;
        let texts = self.texts.to_array();
        let times = [state.occurred_at, state.started_at, state.finished_at];
        let bit = |bit: u64, set: bool| if set { bit } else { 0 };
        let conclusion = state.conclusion.map_or(0, |conclusion| u64::from(conclusion.number()));
        let present = (0..).zip(texts).map(|(at, text)| bit(1 << at, text.is_some())).sum::<u64>()
            | bit(OCCURRED_AT, state.occurred_at.is_some())
            | bit(STARTED_AT, state.started_at.is_some())
            | bit(FINISHED_AT, state.finished_at.is_some())
            | bit(STAGE_ORDER, self.stage_order.is_some())
            | bit(COVERAGE, state.coverage.is_some())
            | bit(CLOSING_REASON, self.closing_reason.is_some())
            | bit(ADJUSTED, !state.adjusted.is_empty())
            | bit(SENT_URL, state.sent_url.is_some())
            | bit(HAS_BASE, base.is_some())
            | bit(DETAILS, state.details.is_some())
            | bit(NAMES_JOB, self.names_job)
            | bit(KEEPS_STATUS, state.keeps_status)
            | bit(OCCURRED_AT_RECEIPT, state.occurred_at_receipt)
            | bit(NAME_IGNORES_CASE, self.name_ignores_case)
            | (conclusion & 1) << CONCLUSION
            | conclusion >> 1 << CONCLUSION_REST;
        let mut out = Vec::with_capacity(32 + if base.is_some() { 64 } else { self.texts.len() });
        let status_after = self.status_after.map_or(0, status_number);
        out.push(VERSION);
        out.push((status_number(state.status) | status_after << 4) as u8);
        let allow_failure = state.allow_failure.map_or(0, |allowed| 1 + u8::from(allowed));
        out.push(self.effect as u8 | rules_number(state.rules) << 2 | allow_failure << 4);
        out.push(self.reason.map_or(0, reason_number));
        let dialect =
            (1..).zip(DIALECTS).find(|(_, name)| *name == self.dialect).map_or(0, |(number, _)| number);
        out.push(dialect);
        if dialect == 0 {
            out.put_text(self.dialect);
        }
        let base_credential = base.and_then(|base| base.credential.as_ref());
        credential::put_after(&mut out, base_credential, self.texts.credential.as_ref());
        out.put_uint(self.changed.bits().into());
        out.put_uint(present);
        let repeated = base.map_or(0, |base| self.texts.repeated(base));
        if base.is_some() {
            out.push(repeated);
        }
        let other_url = base.filter(|_| repeated >> TARGET_URL & 1 == 0);
        let url = other_url.and_then(|base| base.expected_url(self.texts.third_build_id));
        let mut bases =
            base.map(|base| base.to_array().map(|text| text.map(String::as_str))).unwrap_or_default();
        bases[TARGET_URL] = url.as_deref();
        for (at, (text, base)) in (0..).zip(texts.into_iter().zip(bases)) {
            if let Some(text) = text.filter(|_| repeated >> at & 1 == 0) {
                match base {
                    Some(base) => out.put_text_after(base, text),
                    None => out.put_text(text),
                }
            }
        }
        let mut last = self.received_at.as_millisecond();
        for at in times.into_iter().flatten() {
            out.put_int(at.as_millisecond() - last);
            last = at.as_millisecond();
        }
        self.stage_order.into_iter().for_each(|order| out.put_int(order.into()));
        state.coverage.into_iter().for_each(|percent| out.extend(percent.to_be_bytes()));
        self.closing_reason.into_iter().for_each(|text| out.put_text(text));
        if !state.adjusted.is_empty() {
            out.put_uint(state.adjusted.bits());
        }
        state.sent_url.into_iter().for_each(|digest| out.extend(digest.to_be_bytes()));
        if let Some(DetailsKey { digest, bytes, annotations }) = state.details.as_deref() {
            out.extend(digest);
            out.put_uint((*bytes).into());
            out.put_uint((*annotations).into());
        }
        out
    }
}

/// A body as it was stored; fields of [`Body`].
#[derive(Debug, PartialEq)]
pub struct StoredBody {
    pub dialect: String,
    pub state: ReportedState,
    pub effect: Effect,
    pub changed: FieldSet,
    pub status_after: Option<Status>,
    pub reason: Option<Reason>,
    pub closing_reason: Option<String>,
    pub names_job: bool,
    pub name_ignores_case: bool,
    pub stage_order: Option<i32>,
    pub web_url: Option<String>,
    pub trigger_user: Option<String>,
    pub credential: Option<ReportCredential>,
}

impl StoredBody {
    /// Reads what [`Body::encode`] wrote. `base` is the body of the base, if there is one, and `root` that of the
    /// base of the base.
    ///
    /// # Errors
    /// [`domain::Error::Internal`] for other bytes.
    pub fn decode(
        bytes: &[u8],
        base: Option<&[u8]>,
        root: Option<&[u8]>,
        received_at: Timestamp,
        authority: Authority,
    ) -> Result<Self> {
        let mut read = Decoder::new(bytes);
        let head = Head::read(&mut read)?;
        let has = |bit: u64| head.present & bit != 0;
        if has(HAS_BASE) != base.is_some() {
            return Err(corrupt("a report and its base do not match"));
        }
        let base = base.map(|base| texts_of_base(base, root)).transpose()?.unwrap_or_default();
        let Texts { third_build_id, target_url, description, web_url, trigger_user, credential } =
            head.texts(&mut read, base)?;
        let mut last = received_at.as_millisecond();
        let mut time = |bit: u64, read: &mut Decoder<'_>| -> Result<Option<Timestamp>> {
            if !has(bit) {
                return Ok(None);
            }
            last = last.checked_add(read.int()?).ok_or_else(|| corrupt("a time out of range"))?;
            Timestamp::from_millisecond(last).map_err(corrupt).map(Some)
        };
        let (occurred_at, started_at, finished_at) =
            (time(OCCURRED_AT, &mut read)?, time(STARTED_AT, &mut read)?, time(FINISHED_AT, &mut read)?);
        let stage_order =
            if has(STAGE_ORDER) { Some(i32::try_from(read.int()?).map_err(corrupt)?) } else { None };
        let coverage = if has(COVERAGE) { Some(f64::from_be_bytes(read.array()?)) } else { None };
        let closing_reason = if has(CLOSING_REASON) { Some(read.text()?) } else { None };
        let adjusted = if has(ADJUSTED) { read.uint()? } else { 0 };
        let sent_url = if has(SENT_URL) { Some(u64::from_be_bytes(read.array()?)) } else { None };
        let details = if has(DETAILS) { Some(Box::new(read_details(&mut read)?)) } else { None };
        if !read.is_empty() {
            return Err(corrupt("a report that is longer than its content"));
        }
        let conclusion = head.conclusion()?;
        Ok(Self {
            dialect: head.dialect,
            state: ReportedState {
                status: head.status,
                keeps_status: has(KEEPS_STATUS),
                conclusion,
                authority,
                third_build_id,
                target_url,
                description,
                coverage,
                allow_failure: head.allow_failure,
                occurred_at,
                occurred_at_receipt: has(OCCURRED_AT_RECEIPT),
                started_at,
                finished_at,
                sent_url,
                details,
                adjusted: Adjustments::from_bits(adjusted),
                rules: head.rules,
            },
            effect: head.effect,
            changed: head.changed,
            status_after: head.status_after,
            reason: head.reason,
            closing_reason,
            names_job: has(NAMES_JOB),
            name_ignores_case: has(NAME_IGNORES_CASE),
            stage_order,
            web_url,
            trigger_user,
            credential,
        })
    }
}

fn read_details(read: &mut Decoder<'_>) -> Result<DetailsKey> {
    Ok(DetailsKey { digest: read.array()?, bytes: read.number()?, annotations: read.number()? })
}

/// The texts of the base of a report. `root` is the base of the base.
fn texts_of_base(bytes: &[u8], root: Option<&[u8]>) -> Result<Texts<String>> {
    let mut read = Decoder::new(bytes);
    let head = Head::read(&mut read)?;
    if (head.present & HAS_BASE != 0) != root.is_some() {
        return Err(corrupt("the base of a report and its base do not match"));
    }
    let root = root.map(|root| texts_of_base(root, None)).transpose()?.unwrap_or_default();
    head.texts(&mut read, root)
}

/// The beginning of a body.
struct Head {
    /// The texts that follow are whole.
    whole: bool,
    dialect: String,
    status: Status,
    status_after: Option<Status>,
    effect: Effect,
    rules: Rules,
    allow_failure: Option<bool>,
    reason: Option<Reason>,
    credential: StoredCredential,
    changed: FieldSet,
    present: u64,
}

impl Head {
    fn read(read: &mut Decoder<'_>) -> Result<Self> {
        let (whole, has_credential) = match read.byte()? {
            VERSION => (false, true),
            NO_CREDENTIAL => (false, false),
            WHOLE => (true, false),
            other => return Err(corrupt(format!("a report of the format {other}"))),
        };
        let statuses = read.byte()?;
        let status = |number: u8| status_of_number(number.into());
        let status_after = match statuses >> 4 {
            0 => None,
            number => Some(status(number).ok_or_else(|| corrupt(format!("status {number}")))?),
        };
        let status = status(statuses & 0xf).ok_or_else(|| corrupt(format!("status {statuses}")))?;
        let choices = read.byte()?;
        let effect = Effect::ALL.get(usize::from(choices & 3)).copied().ok_or_else(|| corrupt(choices))?;
        let rules = match choices >> 2 & 3 {
            1 => Rules::First,
            2 => Rules::Second,
            3 => Rules::Third,
            other => return Err(corrupt(format!("rules {other}"))),
        };
        let allow_failure = match choices >> 4 {
            0 => None,
            1 => Some(false),
            2 => Some(true),
            other => return Err(corrupt(format!("allow_failure {other}"))),
        };
        let reason = match read.byte()? {
            0 => None,
            number => Some(reason_of_number(number).ok_or_else(|| corrupt(format!("reason {number}")))?),
        };
        let dialect = match read.byte()? {
            0 => read.text()?,
            number => {
                let name = DIALECTS.get(usize::from(number) - 1);
                (*name.ok_or_else(|| corrupt(format!("dialect {number}")))?).to_owned()
            }
        };
        let credential = if has_credential { credential::read(read)? } else { StoredCredential::Own(None) };
        let changed = FieldSet::from_bits(read.number()?);
        let present = read.uint()?;
        if credential == StoredCredential::OfBase && present & HAS_BASE == 0 {
            return Err(corrupt("a report with the credential of no base"));
        }
        if present & !ALL != 0 {
            return Err(corrupt("a report with unknown values"));
        }
        Ok(Self {
            whole,
            dialect,
            status,
            status_after,
            effect,
            rules,
            allow_failure,
            reason,
            credential,
            changed,
            present,
        })
    }

    fn conclusion(&self) -> Result<Option<Conclusion>> {
        let number = self.present >> CONCLUSION & 1 | (self.present >> CONCLUSION_REST & 0b11) << 1;
        let number = u8::try_from(number).map_err(corrupt)?;
        Conclusion::of_number(number).map_err(|number| corrupt(format!("conclusion {number}")))
    }

    fn texts(&self, read: &mut Decoder<'_>, base: Texts<String>) -> Result<Texts<String>> {
        let repeated = if self.present & HAS_BASE != 0 { read.byte()? } else { 0 };
        let bases = base.to_array();
        let mut texts: [Option<String>; 5] = Default::default();
        for at in 0..texts.len() {
            if repeated >> at & 1 != 0 {
                let text =
                    bases[at].ok_or_else(|| corrupt("a text that the base of a report does not have"))?;
                texts[at] = Some(text.clone());
            } else if self.present >> at & 1 != 0 {
                let base = match at {
                    _ if self.whole => None,
                    TARGET_URL => base.expected_url(texts[THIRD_BUILD_ID].as_deref()),
                    _ => bases[at].map(Cow::from),
                };
                texts[at] = Some(match base {
                    Some(base) => read.text_after(&base)?,
                    None => read.text()?,
                });
            }
        }
        let credential = match &self.credential {
            StoredCredential::Own(credential) => credential.clone(),
            StoredCredential::OfBase => base.credential.clone(),
        };
        Ok(Texts::from_array(texts, credential))
    }
}

fn rules_number(rules: Rules) -> u8 {
    match rules {
        Rules::First => 1,
        Rules::Second => 2,
        Rules::Third => 3,
    }
}

/// The number of a reason, from 1, in the order of [`Reason::all`].
fn reason_number(reason: Reason) -> u8 {
    (1..).zip(Reason::all()).find(|(_, known)| *known == reason).map_or(0, |(number, _)| number)
}

fn reason_of_number(number: u8) -> Option<Reason> {
    (1..).zip(Reason::all()).find(|(known, _)| *known == number).map(|(_, reason)| reason)
}

#[cfg(test)]
mod tests;
