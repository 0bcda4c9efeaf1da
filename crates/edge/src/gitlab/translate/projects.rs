//! A repository as a project of GitLab.

use super::{Presenter, time};
use crate::http::query::encode_url;
use domain::model::roles::Role;
use wire::gitlab::projects::{Access, BasicProject, Namespace, Permissions, Project};

impl Presenter<'_> {
    pub fn project(&self, role: Role) -> Project {
        let r = self.repository;
        Project {
            basic: self.basic_project(),
            empty_repo: false,
            archived: r.archived,
            visibility: r.visibility.as_str().to_owned(),
            creator_id: r.creator_id.get(),
            open_issues_count: 0,
            jobs_enabled: true,
            only_allow_merge_if_pipeline_succeeds: false,
            allow_merge_on_skipped_pipeline: false,
            only_allow_merge_if_all_discussions_are_resolved: false,
            permissions: Permissions {
                project_access: Some(Access { access_level: level(role), notification_level: 3 }),
                group_access: None,
            },
        }
    }

    /// The fields of a list with `simple`.
    pub fn basic_project(&self) -> BasicProject {
        let r = self.repository;
        BasicProject {
            id: r.id.get(),
            description: r.description.clone(),
            name: r.name().to_owned(),
            name_with_namespace: r.path.replace('/', " / "),
            path: r.name().to_owned(),
            path_with_namespace: r.path.clone(),
            created_at: time(r.created_at),
            default_branch: r.default_branch.clone(),
            tag_list: Vec::new(),
            topics: Vec::new(),
            ssh_url_to_repo: r.ssh_url.clone(),
            http_url_to_repo: r.http_url.clone(),
            web_url: r.web_url.clone().unwrap_or_else(|| self.url("")),
            readme_url: None,
            forks_count: 0,
            avatar_url: None,
            star_count: 0,
            last_activity_at: time(r.updated_at),
            namespace: self.namespace(),
        }
    }

    fn namespace(&self) -> Namespace {
        let full_path = self.repository.namespace();
        let name = full_path.rsplit('/').next().unwrap_or_default();
        Namespace {
            id: 0,
            name: name.to_owned(),
            path: name.to_owned(),
            kind: "group".to_owned(),
            full_path: full_path.to_owned(),
            parent_id: None,
            avatar_url: None,
            web_url: encode_url(&format!("{}/{full_path}", self.base)),
        }
    }
}

/// The access level of a caller who may read.
pub const READER: i64 = 20;

/// The corresponding access level of GitLab: 20 reporter, 30 developer, 40 maintainer.
fn level(role: Role) -> i32 {
    match role {
        Role::Read => 20,
        Role::Report => 30,
        Role::Manage => 40,
    }
}
