//! Parameters of the native dialect, and the limits of its bodies.

use super::{limits, parameters};
use crate::native::{history, signatures};
use crate::openapi::shape::{ANY, DECIMAL, FLAG, ID, INTEGER, NAME, PAIR, SHA, TIME};
use domain::actions::audit::PAGE_MAX;
use domain::model::audit;
use domain::model::destinations::{Choice, ForgeKind};
use domain::model::details;
use domain::model::forwarded_states::{Progress, Target};
use domain::model::gates::{Absent, RequirementState, SkippedAs, Verdict};
use domain::model::grid::{PIPELINES_MAX as GRID_PIPELINES_MAX, RowHealth};
use domain::model::insights::{InsightFilter, InsightOrder};
use domain::model::policies::{DURATION_MAX, KEEP_MAX};
use domain::model::reports::{AdjustmentKind, Adjustments, Authority};
use domain::model::roles::{Role, Scope};
use domain::model::status::Status;
use domain::model::text::{DESCRIPTION_MAX, NAME_MAX};
use domain::model::users::{PASSWORD_MAX, PASSWORD_MIN};
use domain::model::webhooks::EventTopics;
use domain::model::webhooks::content::Format;

parameters! {
    "Pipelines.status FindJobs.status JobRuns.status": ANY.pattern(STATUSES) =>
        "一个或多个状态，用逗号分隔：pending、running、success、failed、canceled、skipped、timedout。",
        "One or more statuses, separated by commas: pending, running, success, failed, canceled, skipped, timedout.";
    "Pipelines.sha FindJobs.sha": ANY.pattern("^[0-9a-fA-F]{0,64}$") => "提交 ID 或其前缀。", "A commit id or its prefix.";
    "Pipelines.ref FindJobs.ref": ANY => "仅返回该分支或标签的记录。", "Only items on this branch or tag.";
    "Pipelines.source FindJobs.source": ANY => "仅返回该来源上报的记录。", "Only pipelines with this source.";
    "Pipelines.key": ANY => "仅返回 `pipeline_key` 与此相同的流水线。", "Only pipelines with this `pipeline_key`.";
    "Pipelines.user": ANY => "仅返回该用户触发的流水线。", "Only pipelines that this user started.";
    "FindJobs.stage FindJobs.name FindJobs.third_build_id": ANY => "精确匹配。", "An exact match.";
    "FindJobs.newest": FLAG =>
        "true：仅返回最新的执行；false：仅返回被重试取代的执行。",
        "`true` for the newest attempt of each job, `false` for replaced attempts.";
    "since until": TIME => "仅返回在此时间之后（含）或之前创建的记录。", "Created at or after this time, or before it.";
    "updated_since updated_until": TIME => "仅返回在此时间之后（含）或之前更新的记录。", "Last changed at or after this time, or before it.";
    "q": ANY =>
        "关键字：匹配流水线的 ref、`pipeline_key` 或提交 ID 前缀，任务的名称或描述。",
        "A text: pipelines whose `ref` or `pipeline_key` contains it or whose commit id starts with it; jobs whose `name` or `description` contains it.";
    "Search.q": ANY.example("unit") =>
        "提交 ID 的开头、流水线编号（`#175` 或 `acme/demo#175`）、构建的 ID 或 URL，或者分支、标签、任务、仓库名称的一部分。`repo:acme/demo unit` 只搜索一个仓库。",
        "The start of a commit id, the number of a pipeline (`#175` or `acme/demo#175`), the id or URL of a build, or a part of the name of a branch, tag, job or repository. `repo:acme/demo unit` searches in one repository.";
    "Search.repository": ID =>
        "优先搜索的仓库：流水线编号先在其中查找。",
        "The repository that is searched first: the number of a pipeline is that of this one, if it has such a pipeline.";
    "before": ID => "上一页的 `next_before`。", "The `next_before` of the previous page.";
    "Deliveries.before": ANY => "上一页的 `next_before`。", "The `next_before` of the previous page.";
    "Pipelines.total FindJobs.total": FLAG.default("false") => "是否返回准确的总数。", "Whether to return the exact total.";
    "wait": ANY.pattern("^([0-5]?[0-9]|60)s?$").example("30s") =>
        "最长等待秒数，不超过 60。",
        "The maximum wait in seconds, up to 60.";
    "as_of": ANY
        .pattern("^(report:[1-9][0-9]{0,18}|[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ].+)$")
        .example("2026-11-24T00:00:00Z") =>
        "返回该时间点的状态：RFC 3339 时间，或 `report:` 加上报 ID。",
        "The state at this moment: an RFC 3339 time, or `report:` and the id of a report.";
    "Pipeline.after": INTEGER.within(0, i64::MAX) =>
        "等到版本大于该值；默认为当前版本。",
        "Waits for a version greater than this; the default is the current version.";
    "Gate.sha GateVerdicts.sha ExpectJobs.sha OverrideGate.sha WithdrawGateOverride.sha": SHA.example("1c46c505c84853887efe2ea9ea02a1333bae2237") =>
        "提交 ID。", "The commit id.";
    "Gate.after": INTEGER.within(0, i64::MAX) =>
        "等到版本大于该值；默认为当前版本。",
        "Waits for a version greater than this; the default is the current version.";
    "Gate.target GateVerdicts.target": ANY.example("main") =>
        "目标分支，或合并队列、合并请求的 ref；不填则为该提交的合并请求的目标分支，否则为默认分支。",
        "The target branch, or a ref of a merge queue or merge request; absent: that of the merge request of the commit, else the default branch.";
    "GateVerdicts.until": TIME => "仅返回在此时间之前（含）的记录。", "Only records at or before this time.";
    "GateVerdicts.before": INTEGER.within(1, i64::MAX) => "上一页的 `next_before`。", "The `next_before` of the previous page.";
    "GateRules.version": INTEGER.within(0, i64::MAX) => "规则的版本；默认为最新版本。", "The version of the rules; the default is the latest one.";
    "override_id": INTEGER.within(1, i64::MAX) => "放行记录的编号。", "The number of the override.";
    "repository": ID.example("2111976239") => "仓库 ID。", "The repository's id.";
    "Events.pipeline": ID => "只接收这条流水线的事件。", "Only events of this pipeline.";
    "Events.after Last-Event-ID": INTEGER.within(0, i64::MAX) => "返回该事件之后的事件。", "Continues after this event.";
    "History.after": INTEGER.within(0, i64::MAX).default("0") =>
        "上一页的 `next_after`。",
        "The `next_after` of the previous page.";
    "History.limit": INTEGER.within(1, history::LIMIT_MAX).default("100") =>
        "返回的最大条数。",
        "The maximum number of items to return.";
    "SignatureFailures.limit": INTEGER.within(1, signatures::LIMIT.1).default("10") =>
        "返回的最大条数。",
        "The maximum number of items to return.";
    "Repositories.archived": FLAG =>
        "仅返回已归档（true）或未归档（false）的仓库。",
        "`true`: only archived repositories; `false`: only others.";
    "webhook_id": ID => "Webhook 的 ID。", "The webhook's id.";
    "subscription_id": ID => "订阅的 ID。", "The id of the subscription.";
    "delivery_id": ANY => "投递 ID，即 `webhook-id`。", "The delivery's id, the `webhook-id` of its message.";
    "destination_id": ID => "转发目标的 ID。", "The destination's id.";
    "state_id": INTEGER => "转发状态的 ID。", "The id of the forwarded state.";
    "ForwardedStates.sha": ANY => "仅返回该提交的状态。", "Only states of this commit.";
    "ForwardedStates.progress": ANY.one_of(Progress::NAMES) => "仅返回该进度的状态。", "Only states with this progress.";
    "ForwardedStates.before": INTEGER => "上一页的 `next_before`。", "The `next_before` of the previous page.";
    "UnlinkIdentity.id": INTEGER => "外部账号的 ID。", "The identity's id.";
    "DeleteToken.id": INTEGER => "令牌 ID。", "The token's id.";
    "Idempotency-Key": ANY.long(1, 255) =>
        "键和请求体相同的请求得到相同的响应；保留 72 小时。",
        "The same key with the same body gets the same response; kept for 72 hours.";
    // Accounts.
    "user": ANY => "用户名。", "The user's name.";
    "access": ANY => "AK。", "The AK.";
    // Insights.
    "Insights.days": INTEGER.one_of(InsightFilter::PERIOD_NAMES).default("30") =>
        "天数（UTC），含今天。",
        "The number of UTC days, including today.";
    "Insights.ref": ANY => "仅统计此分支或标签；不填则统计全部。", "Only attempts on this branch or tag; absent: all.";
    "Insights.sort": ANY.one_of(InsightOrder::NAMES) => "任务的排序方式。", "The order of the jobs.";
    // Audit log.
    "AuditLog.actor RepositoryAuditLog.actor": ANY => "仅返回该操作者的记录。", "Only entries of this actor, by name.";
    "AuditLog.action RepositoryAuditLog.action": ANY.example("token.revoke") =>
        "仅返回该操作的记录，或点号前名称相同的全部操作。",
        "Only this action, or all with this part before the dot.";
    "AuditLog.object RepositoryAuditLog.object": ANY.example("user:amy") =>
        "仅返回该类对象的记录；`类型:ID` 或 `类型:名称` 表示一个对象。",
        "Only entries about this kind of object; `KIND:ID` or `KIND:NAME` for one.";
    "AuditLog.repository": ID => "仅返回该仓库的记录。", "Only entries of this repository.";
    "AuditLog.address RepositoryAuditLog.address": ANY.example("192.0.2.7") =>
        "仅返回来自该地址的记录。",
        "Only entries from this address.";
    "AuditLog.since AuditLog.until RepositoryAuditLog.since RepositoryAuditLog.until": TIME =>
        "仅返回在此时间之后（含）或之前的记录。",
        "At or after this time, or before it.";
    "AuditLog.kind RepositoryAuditLog.kind": ANY.one_of(audit::Kind::NAMES) =>
        "仅返回变更或仅返回拒绝记录。",
        "Only changes or only refusals.";
    "AuditLog.before RepositoryAuditLog.before": INTEGER.within(1, i64::MAX) =>
        "上一页的 `next_before`。",
        "The `next_before` of the previous page.";
    "AuditLog.limit RepositoryAuditLog.limit": INTEGER.within(1, PAGE_MAX as i64).default("50") =>
        "每页的记录数。",
        "The number of entries.";
    // A job across pipelines, the grid, comparisons.
    "JobRuns.stage": ANY.example("test") => "阶段名称，精确匹配。", "The name of the stage, an exact match.";
    "JobRuns.name": ANY.example("unit") => "任务名称，精确匹配。", "The name of the job, an exact match.";
    "JobRuns.source": ANY => "仅统计此来源的流水线；不填则统计全部。", "Only attempts in pipelines of this source; absent: all.";
    "JobRuns.ref": ANY => "仅统计此分支或标签；不填则统计全部。", "Only attempts on this branch or tag; absent: all.";
    "Grid.ref": ANY =>
        "流水线的分支或标签；不填则为默认分支，默认分支没有流水线时为最新流水线的分支或标签。",
        "The ref of the pipelines; absent: the default branch, or that of the newest pipeline if the default branch has none.";
    "Grid.source": ANY => "仅返回该来源上报的流水线。", "Only pipelines with this source.";
    "Grid.limit": INTEGER.within(1, GRID_PIPELINES_MAX as i64).default("50") =>
        "流水线的最大条数。", "The maximum number of pipelines.";
    "with": ID => "作为比较基准的流水线。", "The pipeline that is the base of the comparison.";
    // Import.
    "type": ANY => "该行的类型。", "The type of the line.";
}

limits! {
    // Errors.
    "Problem.status": INTEGER.within(400, 599);
    "Problem.code": ANY.example("CH.00401999");
    // Accounts.
    "scope": ANY.one_of(Scope::NAMES);
    "NewToken.scope": ANY.one_of(Scope::NAMES).default("read");
    "WhoAmI.repositories Token.repositories NewToken.repositories": ID;
    "User.name NewUser.name": ANY.long(1, 64);
    "password": ANY.long(PASSWORD_MIN as i64, PASSWORD_MAX);
    "Token.id": INTEGER;
    "expires_at": TIME;
    // Reports.
    "Report.name ImportedJob.name Job.name FoundJob.name": NAME.example("任务1");
    "ImportedStage.name": NAME;
    "Report.description Job.description FoundJob.description ImportedJob.description": ANY.long(0, DESCRIPTION_MAX);
    "coverage": DECIMAL.within(0, 100);
    "Report.stage": NAME.default("external");
    "stage_order sort_id": INTEGER.within(1, i32::MAX as i64);
    "Report.pipeline_id": ID;
    "pipeline_key": NAME;
    "occurred_at": TIME;
    "source": ANY.long(1, NAME_MAX);
    "Report.source": ANY.long(1, NAME_MAX).default("external");
    "Details.title Annotation.title": ANY.long(0, details::TITLE_MAX);
    "Details.summary Details.text": ANY.long(0, details::TEXT_MAX);
    "Annotation.path": ANY.long(1, details::PATH_MAX).example("src/main.rs");
    "start_line end_line start_column end_column": INTEGER.within(1, i32::MAX as i64);
    "level": ANY.one_of(details::Level::NAMES);
    "Annotation.message Annotation.raw_details": ANY.long(0, details::MESSAGE_MAX);
    "failed passed skipped": INTEGER.within(0, i32::MAX as i64);
    "digest": ANY.pattern("^[0-9a-f]{64}$");
    "Adjustment.field": ANY.one_of(Adjustments::FIELDS);
    "Adjustment.change": ANY.one_of(AdjustmentKind::NAMES);
    "effect": ANY.one_of(&["created", "changed", "repeated", "late"]);
    "Closing.job_id": ID.example("31930");
    "Closing.sha": ANY.pattern("^[0-9a-fA-F]{7,64}$");
    "Closing.status": ANY.one_of(Status::FINISHED_NAMES).default("canceled");
    "pipeline_status": ANY.one_of(Status::NAMES);
    // Pipelines, jobs, history.
    "heard_at": TIME;
    "authority": ANY.one_of(Authority::NAMES);
    "received_at": TIME;
    "status_after": ANY.one_of(Status::NAMES);
    // Insights.
    "cut_before": TIME;
    "date": ANY.format("date");
    "health": ANY.one_of(RowHealth::NAMES);
    "success_rate": DECIMAL.within(0, 1);
    // Merge requests.
    "source_branch": NAME.example("feature/login");
    "target_branch": NAME.example("main");
    "head_sha": SHA;
    // Merge gates.
    "changed_at": TIME;
    "targets": NAME.example("main");
    "GateRequirement.name GateRequirement.stage GateRequirement.job": NAME.example("unit");
    "GateRequirement.skipped": ANY.one_of(SkippedAs::NAMES).default("failed");
    "GateRequirement.absent": ANY.one_of(Absent::NAMES).default("missing");
    "absent_after": INTEGER.within(0, DURATION_MAX.as_secs()).default("3600");
    "GateReporter.token": INTEGER.within(1, i64::MAX);
    "GateOverriders.role": ANY.one_of(&["report", "manage", "none"]).default("manage");
    "refs": NAME.example("gh-readonly-queue/{target}/pr-*");
    "GateMergeQueue.target NewGateOverride.target": NAME.example("main");
    "verdict": ANY.one_of(Verdict::NAMES);
    "GateResult.state": ANY.one_of(RequirementState::NAMES);
    "since due next_due withdrawn_at": TIME;
    "GateOverride.id overridden_by": INTEGER.within(1, i64::MAX);
    "NewGateOverride.reason GateOverride.reason": ANY.long(1, DESCRIPTION_MAX).example("known failure of the test bench");
    "NewGateOverride.requirement": NAME;
    "GateAnnouncedJob.name GateAnnouncedJob.stage": NAME.example("unit");
    // Repositories.
    "path": ANY.long(1, 255).example("acme/demo");
    "Repository.description NewRepository.description RepositoryChange.description": ANY.long(0, DESCRIPTION_MAX);
    "role": ANY.one_of(Role::NAMES);
    "silence_limit": INTEGER.within(1, DURATION_MAX.as_secs()).example("7200");
    "keep_for": INTEGER.within(1, DURATION_MAX.as_secs()).example("7776000");
    "keep_per_ref": INTEGER.within(1, KEEP_MAX as i64).example("20");
    "dry_run": FLAG.default("false").example("true");
    // Webhooks.
    "WebhookChange.url": ANY;
    "Webhook.owner WebhookChange.owner": ANY.long(1, 64);
    "SubscriptionChange.url": ANY;
    "url": ANY.example("https://bot.example/hooks/stagepost");
    "events": ANY.one_of(EventTopics::NAMES);
    "Webhook.description NewWebhook.description WebhookChange.description Key.description NewKey.description": ANY.example("for the release bot");
    "old_secret_until": TIME;
    "disabled_at": TIME;
    "disabled_why": ANY.one_of(&["manual", "gone", "failing", "no_access"]);
    "NewWebhook.format": ANY.one_of(Format::NAMES);
    "Webhook.format": ANY.one_of(Format::CHATS);
    "Subscription.format NewSubscription.format": ANY.one_of(Format::PERSONAL);
    "Webhook.language NewWebhook.language Subscription.language NewSubscription.language": ANY.one_of(&["zh", "en"]);
    "NewSubscription.repository": ANY.example("acme/demo");
    "Webhook.refs NewWebhook.refs Subscription.refs NewSubscription.refs": ANY.example("main");
    "Webhook.jobs NewWebhook.jobs Subscription.jobs NewSubscription.jobs": ANY.example("test/*");
    "WebhookChange.refs WebhookChange.jobs SubscriptionChange.refs SubscriptionChange.jobs": ANY;
    "failing_since": TIME;
    "Delivery.id": ANY;
    "state": ANY.one_of(&["pending", "delivered", "failed"]);
    "next_at": TIME;
    "last_at": TIME;
    // Destinations.
    "DestinationChange.url": ANY;
    "Destination.url NewDestination.url": ANY.example("https://api.github.com");
    "Destination.kind NewDestination.kind": ANY.one_of(ForgeKind::NAMES);
    "project": ANY.example("acme/demo");
    "NewDestination.token DestinationChange.token": ANY.long(1, 1_000);
    "choice": ANY.one_of(Choice::NAMES);
    "Destination.jobs NewDestination.jobs DestinationChange.jobs": ANY.example("build/*");
    "paused_until": TIME;
    "ForwardedState.id": INTEGER;
    "target": ANY.one_of(Target::NAMES);
    "progress": ANY.one_of(Progress::NAMES);
    "ForwardedState.reason": ANY.one_of(Progress::REASONS);
    "wanted_status": ANY.one_of(Status::NAMES);
    "sent_at": TIME;
    "changed_at": TIME;
    "ForwardedStateList.next_before": INTEGER;
    // Signatures.
    "CapturedRequest.method": ANY.example("GET");
    "headers": PAIR.example(r#"["Authorization", "SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature=0123"]"#);
    "at": TIME;
    // Import.
    "AuditEntry.action": ANY.one_of(audit::Action::NAMES);
    "AuditActor.kind": ANY.one_of(audit::Actor::KINDS);
    "AuditCredential.kind": ANY.one_of(audit::CREDENTIAL_KINDS);
    "AuditObject.kind": ANY.one_of(audit::ObjectKind::NAMES);
    "AuditEntry.reason": ANY.one_of(audit::RefusalReason::NAMES);
    "AuditEntry.id AuditList.next_before AuditActor.id AuditEntry.count": INTEGER;
    "last_at": TIME;
    "ImportAnswer.result": ANY.one_of(&["added", "known", "refused"]);
}

/// Words with commas between them.
const STATUSES: &str = "^(pending|running|success|failed|canceled|skipped|timedout)(,(pending|running|success|failed|canceled|skipped|timedout))*$";
