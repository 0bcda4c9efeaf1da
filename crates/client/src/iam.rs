//! IAM: the one call that every official SDK makes before its first real one.
//!
//! Must not know: what projects are for.

use crate::error::Error;
use crate::transport::Client;
use serde::{Deserialize, Serialize};

/// A project, as far as the SDKs read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// 32 hexadecimal digits; sent as `X-Project-Id` from then on.
    pub id: String,
    /// The region's id.
    pub name: String,
}

#[derive(Deserialize)]
struct Projects {
    projects: Vec<Project>,
}

impl Client {
    /// The projects of this name, as the SDKs ask for them: `GET /v3/projects?name=...`. They demand exactly one.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn list_projects(&self, name: &str) -> Result<Vec<Project>, Error> {
        let url = self.url(&["v3", "projects"], &[("name", Some(name.to_owned()))]);
        let found: Projects = self.get(url).await?;
        Ok(found.projects)
    }
}
