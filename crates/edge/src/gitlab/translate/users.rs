//! Users in the format of GitLab.

use super::time;
use crate::http::query::encode_url;
use domain::model::users::User;
use std::borrow::Cow;
use wire::gitlab::users::{BasicUser, CurrentUser};

/// The address of a user, at the URL of the server.
pub fn url(base: &str, name: &str) -> String {
    encode_url(&format!("{base}/{name}"))
}

/// A user with this address.
pub fn basic<'a>(id: i32, name: &'a str, web_url: Cow<'a, str>) -> BasicUser<Cow<'a, str>> {
    BasicUser {
        id,
        username: name.into(),
        name: name.into(),
        state: "active".into(),
        locked: false,
        avatar_url: None,
        web_url,
    }
}

pub fn current<'a>(base: &str, caller: &'a User) -> CurrentUser<Cow<'a, str>> {
    let created_at = time(caller.created_at);
    let empty = String::new;
    CurrentUser {
        basic: basic(caller.id.get(), &caller.name, url(base, &caller.name).into()),
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
        can_create_project: caller.is_administrator(),
        two_factor_enabled: false,
        external: false,
        private_profile: false,
        commit_email: empty(),
        is_admin: caller.is_administrator().then_some(true),
    }
}
