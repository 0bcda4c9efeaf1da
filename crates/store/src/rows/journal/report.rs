//! The bytes of a report in the journal.

use crate::rows::binary::{Decoder, Encode};
use crate::sql::corrupt;
use domain::Result;
use domain::model::conclusions::Conclusion;
use domain::model::details::{Details, DetailsKey};
use domain::model::ids::{JobId, PipelineId};
use domain::model::reports::{Adjustments, Authority, PipelineChoice, Report, ReportedState, Rules};
use domain::model::status::Status;
use std::sync::Arc;

/// The fields that a report has, and those that it shares with the report before it in its batch.
mod flags {
    pub const REF_IS_DEFAULT: u64 = 1;
    pub const STAGE_ORDER: u64 = 1 << 1;
    pub const PIPELINE_ID: u64 = 1 << 2;
    pub const PIPELINE_KEY: u64 = 1 << 3;
    pub const WEB_URL: u64 = 1 << 4;
    pub const TRIGGER_USER: u64 = 1 << 5;
    pub const THIRD_BUILD_ID: u64 = 1 << 6;
    pub const TARGET_URL: u64 = 1 << 7;
    pub const DESCRIPTION: u64 = 1 << 8;
    pub const COVERAGE: u64 = 1 << 9;
    pub const MAY_FAIL: u64 = 1 << 10;
    pub const MAY_NOT_FAIL: u64 = 1 << 11;
    pub const OCCURRED_AT: u64 = 1 << 12;
    pub const STARTED_AT: u64 = 1 << 13;
    pub const FINISHED_AT: u64 = 1 << 14;
    pub const SENT_URL: u64 = 1 << 15;
    pub const ADJUSTED: u64 = 1 << 16;
    pub const FIRST_RULES: u64 = 1 << 17;
    pub const SAME_SHA: u64 = 1 << 18;
    pub const SAME_REF: u64 = 1 << 19;
    pub const SAME_STAGE: u64 = 1 << 20;
    pub const SAME_SOURCE: u64 = 1 << 21;
    pub const NAME_IGNORES_CASE: u64 = 1 << 22;
    /// The bits of the number of the conclusion, least first.
    pub const CONCLUSION: [u64; 3] = [1 << 23, 1 << 26, 1 << 27];
    pub const DETAILS: u64 = 1 << 24;
    pub const JOB_ID: u64 = 1 << 25;
    pub const KEEPS_STATUS: u64 = 1 << 28;
    pub const OCCURRED_AT_RECEIPT: u64 = 1 << 29;
    pub const THIRD_RULES: u64 = 1 << 30;
    /// All of the above.
    pub const ALL: u64 = (1 << 31) - 1;
}

/// Writes a report of a batch; `before` is the one before it.
pub fn encode(to: &mut Vec<u8>, report: &Report, before: Option<&Report>) {
    let state = &report.state;
    let same = |text: fn(&Report) -> &String| before.is_some_and(|before| text(before) == text(report));
    let (pipeline_id, pipeline_key) = match &report.pipeline {
        PipelineChoice::Id(id) => (Some(*id), ""),
        PipelineChoice::Key(key) => (None, key.as_str()),
    };
    let conclusion = state.conclusion.map_or(0, Conclusion::number);
    let flags = [
        (flags::REF_IS_DEFAULT, report.ref_is_default),
        (flags::STAGE_ORDER, report.stage_order.is_some()),
        (flags::PIPELINE_ID, pipeline_id.is_some()),
        (flags::PIPELINE_KEY, !pipeline_key.is_empty()),
        (flags::WEB_URL, report.web_url.is_some()),
        (flags::TRIGGER_USER, report.trigger_user.is_some()),
        (flags::THIRD_BUILD_ID, state.third_build_id.is_some()),
        (flags::TARGET_URL, state.target_url.is_some()),
        (flags::DESCRIPTION, state.description.is_some()),
        (flags::COVERAGE, state.coverage.is_some()),
        (flags::MAY_FAIL, state.allow_failure == Some(true)),
        (flags::MAY_NOT_FAIL, state.allow_failure == Some(false)),
        (flags::OCCURRED_AT, state.occurred_at.is_some()),
        (flags::STARTED_AT, state.started_at.is_some()),
        (flags::FINISHED_AT, state.finished_at.is_some()),
        (flags::SENT_URL, state.sent_url.is_some()),
        (flags::ADJUSTED, !state.adjusted.is_empty()),
        (flags::FIRST_RULES, state.rules == Rules::First),
        (flags::SAME_SHA, same(|report| &report.sha)),
        (flags::SAME_REF, same(|report| &report.git_ref)),
        (flags::SAME_STAGE, same(|report| &report.stage)),
        (flags::SAME_SOURCE, same(|report| &report.source)),
        (flags::NAME_IGNORES_CASE, report.name_ignores_case),
        (flags::DETAILS, report.details.is_some()),
        (flags::CONCLUSION[0], conclusion & 1 != 0),
        (flags::CONCLUSION[1], conclusion & 2 != 0),
        (flags::CONCLUSION[2], conclusion & 4 != 0),
        (flags::JOB_ID, report.job_id.is_some()),
        (flags::KEEPS_STATUS, state.keeps_status),
        (flags::OCCURRED_AT_RECEIPT, state.occurred_at_receipt),
        (flags::THIRD_RULES, state.rules == Rules::Third),
    ]
    .into_iter()
    .fold(0, |flags, (flag, is_set)| if is_set { flags | flag } else { flags });
    to.put_uint(flags);
    to.push((state.status as u8) | ((state.authority as u8) << 4));
    for (flag, text) in [
        (flags::SAME_SHA, &report.sha),
        (flags::SAME_REF, &report.git_ref),
        (flags::SAME_STAGE, &report.stage),
        (flags::SAME_SOURCE, &report.source),
    ] {
        if flags & flag == 0 {
            to.put_text(text);
        }
    }
    to.put_text(&report.name);
    report.stage_order.into_iter().for_each(|order| to.put_int(order.into()));
    report.job_id.into_iter().for_each(|id| to.put_uint(id.get().unsigned_abs().into()));
    pipeline_id.into_iter().for_each(|id| to.put_uint(id.get().unsigned_abs().into()));
    if !pipeline_key.is_empty() {
        to.put_text(pipeline_key);
    }
    for text in
        [&report.web_url, &report.trigger_user, &state.third_build_id, &state.target_url, &state.description]
    {
        text.iter().for_each(|text| to.put_text(text));
    }
    to.extend(state.coverage.map(f64::to_le_bytes).iter().flatten());
    for time in [state.occurred_at, state.started_at, state.finished_at] {
        time.into_iter().for_each(|time| to.put_time(time));
    }
    to.extend(state.sent_url.map(u64::to_le_bytes).iter().flatten());
    if !state.adjusted.is_empty() {
        to.put_uint(state.adjusted.bits());
    }
    report.details.iter().for_each(|bytes| to.put_bytes(bytes));
}

/// Reads what [`encode`] wrote.
///
/// # Errors
/// [`domain::Error::Internal`] for other bytes.
pub fn decode(read: &mut Decoder<'_>, before: Option<&Report>) -> Result<Report> {
    let flags = read.uint()?;
    let has = |flag| flags & flag != 0;
    if flags & !flags::ALL != 0 || has(flags::MAY_FAIL) && has(flags::MAY_NOT_FAIL) {
        return Err(corrupt("unknown flags of a report in the journal"));
    }
    let ranks = read.byte()?;
    let status = *Status::ALL.get(usize::from(ranks & 0xf)).ok_or_else(|| corrupt("a status"))?;
    let authority = Authority::NAMES.get(usize::from(ranks >> 4)).and_then(|name| Authority::parse(name));
    let authority = authority.ok_or_else(|| corrupt("an authority"))?;
    let mut text = |same, of: fn(&Report) -> &String| match before {
        _ if !has(same) => read.text(),
        Some(before) => Ok(of(before).clone()),
        None => Err(corrupt("a reference to no report")),
    };
    let sha = text(flags::SAME_SHA, |report| &report.sha)?;
    let git_ref = text(flags::SAME_REF, |report| &report.git_ref)?;
    let stage = text(flags::SAME_STAGE, |report| &report.stage)?;
    let source = text(flags::SAME_SOURCE, |report| &report.source)?;
    let name = read.text()?;
    let order = if has(flags::STAGE_ORDER) { Some(read.int()?) } else { None };
    let stage_order = order.map(i32::try_from).transpose().map_err(corrupt)?;
    let job_id = if has(flags::JOB_ID) { Some(JobId::new(read.number()?).map_err(corrupt)?) } else { None };
    let pipeline = if has(flags::PIPELINE_ID) {
        PipelineChoice::Id(PipelineId::new(read.number()?).map_err(corrupt)?)
    } else {
        PipelineChoice::Key(if has(flags::PIPELINE_KEY) { read.text()? } else { String::new() })
    };
    let mut text = |flag| if has(flag) { read.text().map(Some) } else { Ok(None) };
    let web_url = text(flags::WEB_URL)?;
    let trigger_user = text(flags::TRIGGER_USER)?;
    let third_build_id = text(flags::THIRD_BUILD_ID)?;
    let target_url = text(flags::TARGET_URL)?;
    let description = text(flags::DESCRIPTION)?;
    let coverage = if has(flags::COVERAGE) { Some(f64::from_le_bytes(read.array()?)) } else { None };
    let mut time = |flag| if has(flag) { read.time().map(Some) } else { Ok(None) };
    let (occurred_at, started_at, finished_at) =
        (time(flags::OCCURRED_AT)?, time(flags::STARTED_AT)?, time(flags::FINISHED_AT)?);
    let sent_url = if has(flags::SENT_URL) { Some(u64::from_le_bytes(read.array()?)) } else { None };
    let adjusted = if has(flags::ADJUSTED) { read.uint()? } else { 0 };
    let (details, key) = if has(flags::DETAILS) { Some(decode_details(read)?) } else { None }.unzip();
    let conclusion = (0..).zip(flags::CONCLUSION).map(|(at, flag)| u8::from(has(flag)) << at).sum::<u8>();
    let conclusion = Conclusion::of_number(conclusion).map_err(|_| corrupt("a conclusion"))?;
    let state = ReportedState {
        status,
        keeps_status: has(flags::KEEPS_STATUS),
        conclusion,
        authority,
        third_build_id,
        target_url,
        description,
        coverage,
        allow_failure: (has(flags::MAY_FAIL) || has(flags::MAY_NOT_FAIL)).then_some(has(flags::MAY_FAIL)),
        occurred_at,
        occurred_at_receipt: has(flags::OCCURRED_AT_RECEIPT),
        started_at,
        finished_at,
        sent_url,
        details: key.map(Box::new),
        adjusted: Adjustments::from_bits(adjusted),
        rules: match (has(flags::FIRST_RULES), has(flags::THIRD_RULES)) {
            (true, _) => Rules::First,
            (_, true) => Rules::Third,
            _ => Rules::Second,
        },
    };
    let ref_is_default = has(flags::REF_IS_DEFAULT);
    let name_ignores_case = has(flags::NAME_IGNORES_CASE);
    Ok(Report {
        sha,
        git_ref,
        ref_is_default,
        stage,
        stage_order,
        name,
        name_ignores_case,
        job_id,
        pipeline,
        source,
        web_url,
        trigger_user,
        details,
        state,
    })
}

fn decode_details(read: &mut Decoder<'_>) -> Result<(Arc<[u8]>, DetailsKey)> {
    let bytes = read.bytes()?;
    let details = Details::from_bytes(bytes).ok_or_else(|| corrupt("details in the journal"))?;
    Ok((bytes.into(), DetailsKey::new(&details, bytes)))
}
