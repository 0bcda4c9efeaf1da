//! Users in the format of GitLab.

use super::time;
use crate::http::query::encode_url;
use domain::model::users::User;
use wire::gitlab::users::{BasicUser, CurrentUser};

/// A user, with a link to the base URL that the client called.
pub fn basic(base: &str, id: i32, name: &str) -> BasicUser {
    BasicUser {
        id,
        username: name.to_owned(),
        name: name.to_owned(),
        state: "active".to_owned(),
        locked: false,
        avatar_url: None,
        web_url: encode_url(&format!("{base}/{name}")),
    }
}

pub fn current(base: &str, caller: &User) -> CurrentUser {
    let created_at = time(caller.created_at);
    let empty = String::new;
    CurrentUser {
        basic: basic(base, caller.id.get(), &caller.name),
        confirmed_at: created_at.clone(),
        created_at,
        bio: empty(),
        location: empty(),
        public_email: empty(),
        skype: empty(),
        linkedin: empty(),
        twitter: empty(),
        discord: empty(),
        website_url: empty(),
        organization: empty(),
        job_title: empty(),
        pronouns: None,
        bot: false,
        work_information: None,
        local_time: None,
        last_sign_in_at: None,
        last_activity_on: None,
        email: empty(),
        theme_id: 1,
        color_scheme_id: 1,
        projects_limit: 0,
        current_sign_in_at: None,
        identities: Vec::new(),
        can_create_group: false,
        can_create_project: caller.admin,
        two_factor_enabled: false,
        external: false,
        private_profile: false,
        commit_email: empty(),
        is_admin: caller.admin.then_some(true),
    }
}
