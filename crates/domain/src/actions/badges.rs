//! The status of a ref, for badges.

use super::access::RefStatusAccess;
use crate::error::Result;
use crate::model::page::{Start, Window};
use crate::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use crate::model::refs;
use crate::model::status::Status;
use crate::ports::App;

/// The status of the newest pipeline of a ref; `None`: the ref has no pipeline.
///
/// # Errors
/// [`crate::Error::Invalid`] on `ref`, [`crate::Error::Unavailable`].
pub async fn status(app: &App, by: &RefStatusAccess, git_ref: &str) -> Result<Option<Status>> {
    let git_ref = refs::check("ref", git_ref)?;
    let of_ref = PipelineFilter { git_ref: Some(git_ref), ..PipelineFilter::default() };
    let newest = Window { order: PipelineOrder::Id, descending: true, start: Start::Offset(0), limit: 1 };
    let newest_page = app.store.find_pipelines(by.repository().id, of_ref, newest).await?;
    Ok(newest_page.items.first().map(|pipeline| pipeline.status))
}
