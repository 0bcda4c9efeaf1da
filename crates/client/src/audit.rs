//! The audit log.

use crate::error::Error;
use crate::paging::{Page, Paged};
use crate::transport::Client;
pub use wire::native::audit::{AuditActor, AuditCredential, AuditEntry, AuditList, AuditObject};

/// The largest page, set by the server.
const MAX_PAGE: usize = 200;

/// The filter of the audit log. `None` is no condition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// The name of the actor.
    pub actor: Option<String>,
    /// An action, such as `token.revoke`, or the part before the dot.
    pub action: Option<String>,
    /// A kind of object, such as `user`, or one object: `user:amy`, `token:7`.
    pub object: Option<String>,
    /// The repository.
    pub repository: Option<i32>,
    /// The address of the client.
    pub address: Option<String>,
    /// Not before this time, RFC 3339.
    pub since: Option<String>,
    /// Before this time, RFC 3339.
    pub until: Option<String>,
    /// `change` or `refusal`.
    pub kind: Option<String>,
}

impl Client {
    /// One page, newest first. `before` is the last page's `next_before`, `limit` 1 to 200. The caller must be an
    /// administrator.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn list_audit(
        &self,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: usize,
    ) -> Result<AuditList, Error> {
        let mut query = conditions(filter, before, limit);
        query.push(("repository", filter.repository.map(|id| id.to_string())));
        self.get(self.url(&["native", "v1", "audit"], &query)).await
    }

    /// One page of the changes of a repository. The caller must have the role `manage` in it.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn list_repository_audit(
        &self,
        repository: i32,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: usize,
    ) -> Result<AuditList, Error> {
        let path = ["native", "v1", "repositories", &repository.to_string(), "audit"];
        self.get(self.url(&path, &conditions(filter, before, limit))).await
    }

    /// Every entry, newest first, page by page: of the repository that the filter names by its own route, which its
    /// maintainers may call.
    pub fn paged_audit(&self, filter: AuditFilter) -> Paged<AuditEntry> {
        Paged::new(
            self.clone(),
            |last: &i64, next| next < last,
            move |client: Client, before, wanted| {
                let filter = filter.clone();
                async move {
                    let page = match filter.repository {
                        Some(id) => client.list_repository_audit(id, &filter, before, wanted).await?,
                        None => client.list_audit(&filter, before, wanted).await?,
                    };
                    Ok(Page { items: page.entries, next: page.next_before })
                }
            },
        )
    }
}

fn conditions(
    filter: &AuditFilter,
    before: Option<i64>,
    limit: usize,
) -> Vec<(&'static str, Option<String>)> {
    vec![
        ("actor", filter.actor.clone()),
        ("action", filter.action.clone()),
        ("object", filter.object.clone()),
        ("address", filter.address.clone()),
        ("since", filter.since.clone()),
        ("until", filter.until.clone()),
        ("kind", filter.kind.clone()),
        ("before", before.map(|number| number.to_string())),
        ("limit", Some(limit.clamp(1, MAX_PAGE).to_string())),
    ]
}
