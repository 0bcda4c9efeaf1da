//! The table of routes.

use super::dialect::{FEEDS, PAGES};
use super::{
    accounts, assets, audit, badges, catalogue, commits, comparisons, connect, destinations, docs, explorer,
    feeds, gate_rules, gates, grid, identities, insights, invitations, job_runs, jobs, merge_requests,
    pipeline, pipelines, preferences, repositories, search, sessions, settings, subscriptions, wall,
    webhooks,
};
use crate::http::reply::Reply;
use crate::routes::{Admin, Authenticated, Context, Public, Requirement, Routes};
use domain::error::Result;
use http::Method;

/// Adds the routes.
pub fn routes(routes: &mut Routes) {
    const PIPELINE: &str = "/repositories/{repository_id}/pipelines/{pipeline_id}";
    const STAGE: &str = "/repositories/{repository_id}/pipelines/{pipeline_id}/stages/{stage_id}";
    const JOB: &str = "/repositories/{repository_id}/pipelines/{pipeline_id}/jobs/{job_id}";
    const COMPARE: &str = "/repositories/{repository_id}/compare/{pipelines}";
    const CLOSE: &str = "/repositories/{repository_id}/pipelines/{pipeline_id}/jobs/{job_id}/close";
    const OVERRIDES: &str = "/repositories/{repository_id}/commits/{sha}/overrides";
    const WITHDRAW: &str = "/repositories/{repository_id}/commits/{sha}/overrides/{override_id}/withdraw";
    const MERGE_REQUESTS: &str = "/repositories/{repository_id}/merge-requests";
    const MERGE_REQUEST: &str = "/repositories/{repository_id}/merge-requests/{merge_request_iid}";
    let on = &PAGES;
    routes.add(on, Method::GET, "/", "PageHome", home);
    routes.add(on, Method::GET, "/assets/{name}", "PageAsset", assets::show);
    routes.add(on, Method::GET, "/sign-in", "PageSignIn", sessions::show);
    routes.add(on, Method::POST, "/sign-in", "SignIn", sessions::create);
    routes.add(on, Method::GET, "/sign-in/{provider}", "StartProviderSignIn", identities::start);
    routes.add(on, Method::GET, "/sign-in/{provider}/callback", "FinishProviderSignIn", identities::finish);
    routes.add(on, Method::POST, "/sign-out", "SignOut", sessions::end);
    routes.add(on, Method::POST, "/preferences", "SetPreferences", preferences::set);
    routes.add(on, Method::GET, "/repositories", "PageRepositories", repositories::list);
    routes.add(on, Method::GET, "/repositories/new", "PageNewRepository", repositories::show_new);
    routes.add(on, Method::POST, "/repositories/new", "AddRepositoryByForm", repositories::create);
    routes.add(on, Method::GET, "/repositories/{repository_id}", "PageRepository", repositories::show);
    routes.add(on, Method::GET, "/repositories/{repository_id}/pipelines", "PagePipelines", pipelines::list);
    routes.add(on, Method::GET, PIPELINE, "PagePipeline", pipeline::show);
    routes.add(on, Method::GET, JOB, "PageJob", jobs::show);
    routes.add(on, Method::POST, CLOSE, "CloseJobByForm", jobs::close);
    routes.add(on, Method::GET, "/repositories/{repository_id}/commits/{sha}", "PageCommit", commits::show);
    routes.add(on, Method::GET, "/repositories/{repository_id}/badge.svg", "PageBadge", badges::show);
    routes.add(on, Method::GET, "/repositories/{repository_id}/gate.svg", "PageGateBadge", badges::gate);
    routes.add(on, Method::POST, OVERRIDES, "OverrideByForm", gates::add_override);
    routes.add(on, Method::POST, WITHDRAW, "WithdrawByForm", gates::withdraw);
    routes.add(on, Method::GET, MERGE_REQUESTS, "PageMergeRequests", merge_requests::list);
    routes.add(on, Method::GET, MERGE_REQUEST, "PageMergeRequest", merge_requests::show);
    routes.add(on, Method::GET, "/explorer", "PageExplorer", explorer::list);
    routes.add(on, Method::GET, "/explorer/{operation}", "PageOperation", explorer::show);
    routes.add(on, Method::POST, "/explorer/token", "CreateExplorerToken", explorer::token);
    routes.add(on, Method::GET, STAGE, "PageFirstFailed", pipelines::first_failed);
    routes.add(on, Method::GET, "/repositories/{repository_id}/jobs", "PageJobRuns", job_runs::show);
    routes.add(on, Method::GET, "/repositories/{repository_id}/grid", "PageGrid", grid::show);
    routes.add(on, Method::GET, COMPARE, "PageComparison", comparisons::show);
    routes.add(on, Method::GET, "/repositories/{repository_id}/insights", "PageInsights", insights::show);
    routes.add(on, Method::GET, "/repositories/{repository_id}/connect", "PageConnect", connect::show);
    routes.add(on, Method::GET, "/search", "PageSearch", search::show);
    routes.add(on, Method::GET, "/errors", "PageErrors", catalogue::show);
    routes.add(on, Method::GET, "/docs", "PageDocumentation", docs::list);
    routes.add(on, Method::GET, "/docs/{page}", "PageDocument", docs::show);
    routes.add(on, Method::GET, "/docs/{folder}/{page}", "PageDocumentInFolder", docs::show_in_folder);
    routes.add(on, Method::GET, "/wall", "PageWall", wall::show);
    feed_routes(routes);
    account_routes(routes);
    settings_routes(routes);
    destination_routes(routes);
}

fn feed_routes(routes: &mut Routes) {
    const CCTRAY: &str = "/repositories/{repository_id}/cctray.xml";
    const ATOM: &str = "/repositories/{repository_id}/feed.atom";
    const SUBSCRIPTIONS: &str = "/account/subscriptions.atom";
    let on = &FEEDS;
    routes.add(on, Method::GET, "/cctray.xml", "CctrayFeed", feeds::all_cctray);
    routes.add(on, Method::GET, "/feed.atom", "AtomFeed", feeds::all_atom);
    routes.add(on, Method::GET, CCTRAY, "CctrayFeedOfRepository", feeds::cctray_of_repository);
    routes.add(on, Method::GET, ATOM, "AtomFeedOfRepository", feeds::atom_of_repository);
    routes.add(on, Method::GET, SUBSCRIPTIONS, "AtomFeedOfSubscriptions", feeds::atom_of_subscriptions);
}

fn account_routes(routes: &mut Routes) {
    const SUBSCRIPTIONS: &str = "/account/subscriptions";
    const SUBSCRIPTION: &str = "/account/subscriptions/{subscription_id}";
    const UNSUBSCRIBE: &str = "/account/subscriptions/{subscription_id}/delete";
    const TEST_SUBSCRIPTION: &str = "/account/subscriptions/{subscription_id}/test";
    const SWITCH_SUBSCRIPTION: &str = "/account/subscriptions/{subscription_id}/switch";
    const USER: &str = "/administration/users/{user}";
    const INVITATION: &str = "/administration/users/{user}/invitation";
    let on = &PAGES;
    routes.add(on, Method::GET, "/administration", "PageUsers", accounts::list);
    routes.add(on, Method::GET, "/audit", "PageAuditLog", audit::show);
    routes.add(on, Method::POST, "/administration/users", "AddUser", accounts::create);
    routes.add(on, Method::GET, USER, "PageUser", accounts::show::<Admin>);
    routes.add(on, Method::POST, USER, "EditUser", accounts::change);
    routes.add(on, Method::POST, INVITATION, "InviteUser", invitations::create);
    routes.add(on, Method::GET, "/account", "PageAccount", accounts::show::<Authenticated>);
    routes.add(on, Method::GET, SUBSCRIPTIONS, "PageSubscriptions", subscriptions::show);
    routes.add(on, Method::POST, SUBSCRIPTIONS, "SubscribeByForm", subscriptions::create);
    routes.add(on, Method::GET, SUBSCRIPTION, "PageSubscription", subscriptions::show_one);
    routes.add(on, Method::POST, UNSUBSCRIBE, "UnsubscribeByForm", subscriptions::delete);
    routes.add(on, Method::POST, TEST_SUBSCRIPTION, "TestSubscriptionByForm", subscriptions::test);
    routes.add(on, Method::POST, SWITCH_SUBSCRIPTION, "SwitchSubscription", subscriptions::switch);
    routes.add(on, Method::POST, "/account/connect", "AddCredentialToConnect", connect::create);
    routes.add(on, Method::POST, "/account/password", "ChangeOwnPassword", accounts::change_own_password);
    credential_routes::<Authenticated>(
        routes,
        ["/account/tokens", "/account/tokens/{id}/delete", "/account/keys", "/account/keys/{access}/delete"],
    );
    credential_routes::<Admin>(
        routes,
        [
            "/administration/users/{user}/tokens",
            "/administration/users/{user}/tokens/{id}/delete",
            "/administration/users/{user}/keys",
            "/administration/users/{user}/keys/{access}/delete",
        ],
    );
}

fn credential_routes<N: Requirement<Proof: accounts::ManagesCredentials>>(
    routes: &mut Routes,
    paths: [&'static str; 4],
) {
    let (on, [tokens, token, keys, key]) = (&PAGES, paths);
    routes.add(on, Method::POST, tokens, "AddToken", accounts::create_token::<N>);
    routes.add(on, Method::POST, token, "RevokeToken", accounts::delete_token::<N>);
    routes.add(on, Method::POST, keys, "AddKey", accounts::create_key::<N>);
    routes.add(on, Method::POST, key, "RevokeKey", accounts::delete_key::<N>);
}

fn settings_routes(routes: &mut Routes) {
    const SETTINGS: &str = "/repositories/{repository_id}/settings";
    const MEMBERS: &str = "/repositories/{repository_id}/settings/members";
    const MEMBER: &str = "/repositories/{repository_id}/settings/members/{user}/remove";
    const POLICIES: &str = "/repositories/{repository_id}/settings/policies";
    const PRUNE: &str = "/repositories/{repository_id}/settings/prune";
    const WEBHOOKS: &str = "/repositories/{repository_id}/settings/webhooks";
    const WEBHOOK: &str = "/repositories/{repository_id}/settings/webhooks/{webhook_id}";
    const TEST: &str = "/repositories/{repository_id}/settings/webhooks/{webhook_id}/test";
    const SWITCH: &str = "/repositories/{repository_id}/settings/webhooks/{webhook_id}/switch";
    const SECRET: &str = "/repositories/{repository_id}/settings/webhooks/{webhook_id}/secret";
    const DELETE: &str = "/repositories/{repository_id}/settings/webhooks/{webhook_id}/delete";
    const OWNER: &str = "/repositories/{repository_id}/settings/webhooks/{webhook_id}/owner";
    const REDELIVER: &str =
        "/repositories/{repository_id}/settings/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver";
    let on = &PAGES;
    routes.add(on, Method::GET, SETTINGS, "PageSettings", settings::show);
    routes.add(on, Method::POST, SETTINGS, "EditRepository", settings::change);
    routes.add(on, Method::GET, MEMBERS, "PageMembers", settings::show_members);
    routes.add(on, Method::GET, POLICIES, "PagePolicies", settings::show_policies);
    routes.add(on, Method::GET, WEBHOOKS, "PageWebhooks", settings::show_webhooks);
    routes.add(on, Method::POST, MEMBERS, "EditMember", settings::set_member);
    routes.add(on, Method::POST, MEMBER, "RemoveMemberByForm", settings::remove_member);
    routes.add(on, Method::POST, POLICIES, "EditPolicies", settings::set_policies);
    routes.add(on, Method::GET, PRUNE, "PagePrune", settings::show_prune);
    routes.add(on, Method::POST, PRUNE, "PruneByForm", settings::prune);
    routes.add(on, Method::POST, WEBHOOKS, "AddWebhook", webhooks::create);
    routes.add(on, Method::GET, WEBHOOK, "PageWebhook", webhooks::show);
    routes.add(on, Method::POST, WEBHOOK, "EditWebhook", webhooks::change);
    routes.add(on, Method::POST, TEST, "TestWebhookByForm", webhooks::test);
    routes.add(on, Method::POST, SWITCH, "SwitchWebhook", webhooks::switch);
    routes.add(on, Method::POST, SECRET, "RotateSecretByForm", webhooks::rotate);
    routes.add(on, Method::POST, OWNER, "GiveWebhook", webhooks::give);
    routes.add(on, Method::POST, DELETE, "RemoveWebhook", webhooks::delete);
    routes.add(on, Method::POST, REDELIVER, "RedeliverByForm", webhooks::redeliver);
}

fn destination_routes(routes: &mut Routes) {
    const GATES: &str = "/repositories/{repository_id}/settings/gates";
    const ALL: &str = "/repositories/{repository_id}/settings/destinations";
    const ONE: &str = "/repositories/{repository_id}/settings/destinations/{destination_id}";
    const TEST: &str = "/repositories/{repository_id}/settings/destinations/{destination_id}/test";
    const RETRY: &str = "/repositories/{repository_id}/settings/destinations/{destination_id}/retry";
    const SWITCH: &str = "/repositories/{repository_id}/settings/destinations/{destination_id}/switch";
    const DELETE: &str = "/repositories/{repository_id}/settings/destinations/{destination_id}/delete";
    let on = &PAGES;
    routes.add(on, Method::GET, GATES, "PageGateRules", gate_rules::show);
    routes.add(on, Method::POST, GATES, "EditGateRules", gate_rules::change);
    routes.add(on, Method::GET, ALL, "PageDestinations", destinations::list);
    routes.add(on, Method::POST, ALL, "AddDestination", destinations::create);
    routes.add(on, Method::GET, ONE, "PageDestination", destinations::show);
    routes.add(on, Method::POST, ONE, "EditDestination", destinations::change);
    routes.add(on, Method::POST, TEST, "TestDestinationByForm", destinations::test);
    routes.add(on, Method::POST, RETRY, "RetryDestinationByForm", destinations::retry);
    routes.add(on, Method::POST, SWITCH, "SwitchDestination", destinations::switch);
    routes.add(on, Method::POST, DELETE, "RemoveDestination", destinations::delete);
}

async fn home(_: Context<Public>) -> Result<Reply> {
    Ok(Reply::see_other("/repositories"))
}
