//! The table of routes.

use super::dialect::NATIVE;
use super::{
    audit, comparisons, deliveries, destinations, details, events, forwarded_states, gates, grid, history,
    identities, imports, insights, job_closings, job_runs, jobs, keys, members, merge_requests, pipelines,
    policies, reports, repositories, retention, search, signatures, subscriptions, tokens, users, webhooks,
};
use crate::routes::Routes;
use http::Method;

/// Adds the routes.
pub fn routes(routes: &mut Routes) {
    const REPOSITORY: &str = "/native/v1/repositories/{repository_id}";
    const REPORTS: &str = "/native/v1/repositories/{repository_id}/reports";
    const PIPELINES: &str = "/native/v1/repositories/{repository_id}/pipelines";
    const PIPELINE: &str = "/native/v1/repositories/{repository_id}/pipelines/{pipeline_id}";
    const JOBS: &str = "/native/v1/repositories/{repository_id}/pipelines/{pipeline_id}/jobs";
    const FOUND: &str = "/native/v1/repositories/{repository_id}/jobs";
    const INSIGHTS: &str = "/native/v1/repositories/{repository_id}/insights";
    const JOB_RUNS: &str = "/native/v1/repositories/{repository_id}/job-runs";
    const GRID: &str = "/native/v1/repositories/{repository_id}/grid";
    const CHANGES: &str = "/native/v1/repositories/{repository_id}/pipelines/{pipeline_id}/changes";
    const COMPARISON: &str = "/native/v1/repositories/{repository_id}/pipelines/{pipeline_id}/comparison";
    const JOB: &str = "/native/v1/repositories/{repository_id}/jobs/{job_id}";
    const DETAILS: &str = "/native/v1/repositories/{repository_id}/jobs/{job_id}/details";
    const HISTORY: &str = "/native/v1/repositories/{repository_id}/jobs/{job_id}/history";
    const CLOSINGS: &str = "/native/v1/repositories/{repository_id}/closings";
    const POLICIES: &str = "/native/v1/repositories/{repository_id}/policies";
    const GATES: &str = "/native/v1/repositories/{repository_id}/gates";
    const GATE: &str = "/native/v1/repositories/{repository_id}/gates/{sha}";
    const EXPECT: &str = "/native/v1/repositories/{repository_id}/gates/{sha}/expect";
    const OVERRIDES: &str = "/native/v1/repositories/{repository_id}/gates/{sha}/overrides";
    const VERDICTS: &str = "/native/v1/repositories/{repository_id}/gates/{sha}/verdicts";
    const OVERRIDE: &str = "/native/v1/repositories/{repository_id}/gates/{sha}/overrides/{override_id}";
    const PRUNE: &str = "/native/v1/repositories/{repository_id}/prune";
    const MERGE_REQUESTS: &str = "/native/v1/repositories/{repository_id}/merge-requests";
    const MERGE_REQUEST: &str = "/native/v1/repositories/{repository_id}/merge-requests/{merge_request_iid}";
    const WEBHOOKS: &str = "/native/v1/repositories/{repository_id}/webhooks";
    const WEBHOOK: &str = "/native/v1/repositories/{repository_id}/webhooks/{webhook_id}";
    const SECRET: &str = "/native/v1/repositories/{repository_id}/webhooks/{webhook_id}/secret";
    const TEST: &str = "/native/v1/repositories/{repository_id}/webhooks/{webhook_id}/test";
    const DELIVERIES: &str = "/native/v1/repositories/{repository_id}/webhooks/{webhook_id}/deliveries";
    const DELIVERY: &str =
        "/native/v1/repositories/{repository_id}/webhooks/{webhook_id}/deliveries/{delivery_id}";
    const REDELIVER: &str =
        "/native/v1/repositories/{repository_id}/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver";
    const DESTINATIONS: &str = "/native/v1/repositories/{repository_id}/destinations";
    const DESTINATION: &str = "/native/v1/repositories/{repository_id}/destinations/{destination_id}";
    const TEST_DESTINATION: &str =
        "/native/v1/repositories/{repository_id}/destinations/{destination_id}/test";
    const RETRY: &str = "/native/v1/repositories/{repository_id}/destinations/{destination_id}/retry";
    const STATES: &str = "/native/v1/repositories/{repository_id}/destinations/{destination_id}/states";
    const STATE: &str =
        "/native/v1/repositories/{repository_id}/destinations/{destination_id}/states/{state_id}";
    const MEMBERS: &str = "/native/v1/repositories/{repository_id}/members";
    const MEMBER: &str = "/native/v1/repositories/{repository_id}/members/{user}";
    const AUDIT: &str = "/native/v1/repositories/{repository_id}/audit";
    const USERS: &str = "/native/v1/users";
    const KEYS: &str = "/native/v1/users/{user}/keys";
    const IDENTITIES: &str = "/native/v1/users/{user}/identities";
    const SUBSCRIPTIONS: &str = "/native/v1/subscriptions";
    const SUBSCRIPTION: &str = "/native/v1/subscriptions/{subscription_id}";
    const TEST_SUBSCRIPTION: &str = "/native/v1/subscriptions/{subscription_id}/test";
    const SUBSCRIPTION_DELIVERIES: &str = "/native/v1/subscriptions/{subscription_id}/deliveries";
    const TOKENS: &str = "/native/v1/users/{user}/tokens";
    let on = &NATIVE;
    routes.add_repeatable(on, Method::POST, REPORTS, "Report", reports::record);
    routes.add(on, Method::GET, PIPELINES, "Pipelines", pipelines::list);
    routes.add(on, Method::GET, PIPELINE, "Pipeline", pipelines::show);
    routes.add(&events::EVENTS, Method::GET, "/native/v1/events", "Events", events::follow);
    routes.add(on, Method::GET, JOBS, "Jobs", jobs::list);
    routes.add(on, Method::GET, FOUND, "FindJobs", jobs::find);
    routes.add(on, Method::GET, JOB, "Job", jobs::show);
    routes.add(on, Method::GET, DETAILS, "JobDetails", details::show);
    routes.add(on, Method::GET, HISTORY, "History", history::list);
    routes.add(on, Method::GET, INSIGHTS, "Insights", insights::show);
    routes.add(on, Method::GET, JOB_RUNS, "JobRuns", job_runs::show);
    routes.add(on, Method::GET, GRID, "Grid", grid::show);
    routes.add(on, Method::GET, CHANGES, "PipelineChanges", comparisons::changes);
    routes.add(on, Method::GET, COMPARISON, "ComparePipelines", comparisons::compare);
    routes.add(on, Method::GET, MERGE_REQUESTS, "MergeRequests", merge_requests::list);
    routes.add(on, Method::GET, MERGE_REQUEST, "MergeRequest", merge_requests::show);
    routes.add(on, Method::PUT, MERGE_REQUEST, "SetMergeRequest", merge_requests::set);
    routes.add(on, Method::POST, CLOSINGS, "CloseJobs", job_closings::close);
    routes.add(on, Method::GET, POLICIES, "Policies", policies::show);
    routes.add(on, Method::PUT, POLICIES, "SetPolicies", policies::set);
    routes.add(on, Method::GET, GATES, "GateRules", gates::rules);
    routes.add(on, Method::PUT, GATES, "SetGateRules", gates::set_rules);
    routes.add(on, Method::GET, GATE, "Gate", gates::show);
    routes.add(on, Method::GET, VERDICTS, "GateVerdicts", gates::verdicts);
    routes.add(on, Method::POST, EXPECT, "ExpectJobs", gates::expect);
    routes.add(on, Method::POST, OVERRIDES, "OverrideGate", gates::add_override);
    routes.add(on, Method::DELETE, OVERRIDE, "WithdrawGateOverride", gates::withdraw_override);
    routes.add(on, Method::POST, PRUNE, "Prune", retention::prune);
    routes.add(on, Method::GET, "/native/v1/repositories", "Repositories", repositories::list);
    routes.add(on, Method::POST, "/native/v1/repositories", "AddRepository", repositories::create);
    routes.add(on, Method::GET, REPOSITORY, "Repository", repositories::show);
    routes.add(on, Method::PATCH, REPOSITORY, "ChangeRepository", repositories::change);
    routes.add(on, Method::GET, WEBHOOKS, "Webhooks", webhooks::list);
    routes.add(on, Method::POST, WEBHOOKS, "CreateWebhook", webhooks::create);
    routes.add(on, Method::GET, WEBHOOK, "Webhook", webhooks::show);
    routes.add(on, Method::PATCH, WEBHOOK, "ChangeWebhook", webhooks::change);
    routes.add(on, Method::DELETE, WEBHOOK, "DeleteWebhook", webhooks::delete);
    routes.add(on, Method::POST, SECRET, "RotateWebhookSecret", webhooks::rotate);
    routes.add(on, Method::POST, TEST, "TestWebhook", deliveries::test);
    routes.add(on, Method::GET, DELIVERIES, "Deliveries", deliveries::list);
    routes.add(on, Method::GET, DELIVERY, "Delivery", deliveries::show);
    routes.add(on, Method::POST, REDELIVER, "Redeliver", deliveries::redeliver);
    routes.add(on, Method::GET, DESTINATIONS, "Destinations", destinations::list);
    routes.add(on, Method::POST, DESTINATIONS, "CreateDestination", destinations::create);
    routes.add(on, Method::GET, DESTINATION, "Destination", destinations::show);
    routes.add(on, Method::PATCH, DESTINATION, "ChangeDestination", destinations::change);
    routes.add(on, Method::DELETE, DESTINATION, "DeleteDestination", destinations::delete);
    routes.add(on, Method::POST, TEST_DESTINATION, "TestDestination", forwarded_states::test);
    routes.add(on, Method::POST, RETRY, "RetryDestination", forwarded_states::retry);
    routes.add(on, Method::GET, STATES, "ForwardedStates", forwarded_states::list);
    routes.add(on, Method::GET, STATE, "ForwardedState", forwarded_states::show);
    routes.add(on, Method::GET, MEMBERS, "Members", members::list);
    routes.add(on, Method::PUT, MEMBER, "SetMember", members::set);
    routes.add(on, Method::DELETE, MEMBER, "RemoveMember", members::remove);
    routes.add(on, Method::GET, "/native/v1/whoami", "WhoAmI", users::whoami);
    routes.add(on, Method::GET, "/native/v1/search", "Search", search::show);
    routes.add(on, Method::GET, USERS, "Users", users::list);
    routes.add(on, Method::POST, USERS, "CreateUser", users::create);
    routes.add(on, Method::PATCH, "/native/v1/users/{user}", "ChangeUser", users::change);
    routes.add(on, Method::GET, KEYS, "Keys", keys::list);
    routes.add(on, Method::POST, KEYS, "CreateKey", keys::create);
    routes.add(on, Method::DELETE, "/native/v1/keys/{access}", "DeleteKey", keys::delete);
    routes.add(
        on,
        Method::GET,
        "/native/v1/keys/{access}/signature-failures",
        "SignatureFailures",
        signatures::list,
    );
    routes.add(
        on,
        Method::POST,
        "/native/v1/signature-explanations",
        "ExplainSignature",
        signatures::explain,
    );
    routes.add(on, Method::GET, TOKENS, "Tokens", tokens::list);
    routes.add(on, Method::POST, TOKENS, "CreateToken", tokens::create);
    routes.add(on, Method::DELETE, "/native/v1/users/{user}/tokens/{id}", "DeleteToken", tokens::delete);
    routes.add(on, Method::GET, SUBSCRIPTIONS, "Subscriptions", subscriptions::list);
    routes.add(on, Method::POST, SUBSCRIPTIONS, "Subscribe", subscriptions::create);
    routes.add(on, Method::PATCH, SUBSCRIPTION, "ChangeSubscription", subscriptions::change);
    routes.add(on, Method::DELETE, SUBSCRIPTION, "Unsubscribe", subscriptions::delete);
    routes.add(on, Method::GET, SUBSCRIPTION_DELIVERIES, "SubscriptionDeliveries", subscriptions::deliveries);
    routes.add(on, Method::POST, TEST_SUBSCRIPTION, "TestSubscription", subscriptions::test);
    routes.add(on, Method::GET, "/native/v1/audit", "AuditLog", audit::list);
    routes.add(on, Method::GET, AUDIT, "RepositoryAuditLog", audit::of_repository);
    routes.add(on, Method::GET, IDENTITIES, "Identities", identities::list);
    routes.add(on, Method::POST, IDENTITIES, "LinkIdentity", identities::link);
    routes.add(
        on,
        Method::DELETE,
        "/native/v1/users/{user}/identities/{id}",
        "UnlinkIdentity",
        identities::unlink,
    );
    routes.add(on, Method::POST, "/native/v1/import", "Import", imports::import);
}
