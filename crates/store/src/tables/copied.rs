//! Tables whose rows are written one by one in statements of their own. They are described to be copied and compared whole.

use super::Kind::{Blob, Int, Text};
use super::{Table, fixed};

macro_rules! copied {
    ($($(#[$doc:meta])* $const:ident = $name:literal, $key:literal: $($column:ident $kind:ident),*;)*) => { $(
        $(#[$doc])*
        pub const $const: Table = Table {
            name: $name,
            key: $key,
            again: false,
            columns: &[$(fixed(stringify!($column), $kind)),*],
        };
    )* };
}

copied! {
    /// Small notes under a name.
    NOTES = "notes", 1: name Text, value Text;
    /// Users.
    USERS = "users", 1: id Int, uuid Text, name Text, password_hash Text, admin Int, disabled Int, created_at Int;
    /// Access keys.
    ACCESS_KEYS = "access_keys", 1: access Text, secret Text, user_id Int, description Text, disabled Int, created_at Int,
        security_digest Blob, parent Blob, scope Text, repositories Text, expires_at Int;
    /// Tokens.
    TOKENS = "tokens", 1: id Int, digest Blob, user_id Int, kind Text, name Text, scope Text, repositories Text, created_at Int,
        expires_at Int;
    /// Words that sign somebody in once.
    SIGN_IN_LINKS = "sign_in_links", 1: digest Text, user_id Int, expires_at Int;
    /// Repositories.
    REPOSITORIES = "repositories", 1: id Int, uuid Text, project_id Text, project_name Text, path Text, description Text,
        default_branch Text, visibility Text, archived Int, web_url Text, http_url Text, ssh_url Text, creator_id Int,
        created_at Int, updated_at Int, has_pipeline Int;
    /// Members of repositories.
    MEMBERS = "members", 2: repository_id Int, user_id Int, role Text;
    /// Policies of repositories.
    POLICIES = "policies", 1: repository_id Int, silence_limit Int, keep_for Int, keep_per_ref Int;
    /// The policies of single stages.
    STAGE_LIMITS = "stage_limits", 2: repository_id Int, stage Text, silence_limit Int;
    /// Pipelines whose rows are still to be deleted.
    LEAVINGS = "leavings", 2: repository_id Int, pipeline_id Int;
    /// What was said of merge requests.
    MERGE_REQUEST_WORDS = "merge_request_words", 3: repository_id Int, iid Int, number Int, source_branch Text,
        target_branch Text, head_sha Text, after_pipeline Int, said_at Int;
    /// Webhooks.
    WEBHOOKS = "webhooks", 1: id Int, repository_id Int, tag Text, url Text, description Text, pipelines Int, jobs Int, secret Blob,
        old_secret Blob, old_secret_until Int, disabled_at Int, disabled_why Text, failing_since Int, created_at Int;
    /// Deliveries to webhooks, whole.
    DELIVERIES = "deliveries", 1: seq Int, webhook_id Int, message Text, kind Text, event Int, pipeline_id Int, created_at Int,
        payload Text, rendered Int, queued_at Int, state Text, next_at Int, claimed Int, attempts Int, claims Int, last_at Int,
        last_status Int, last_answer Text, last_error Text;
}
