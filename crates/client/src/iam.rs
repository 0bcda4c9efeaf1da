//! The IAM call that every official SDK sends before its first other call.

use crate::error::Error;
use crate::transport::Client;
use serde::{Deserialize, Serialize};

/// A project with the fields that the SDKs read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// 32 hexadecimal digits. SDKs send it as `X-Project-Id` in later calls.
    pub id: String,
    /// The region id.
    pub name: String,
}

#[derive(Deserialize)]
struct Projects {
    projects: Vec<Project>,
}

impl Client {
    /// The projects of this name: `GET /v3/projects?name=...`. SDKs require exactly one.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn list_projects(&self, name: &str) -> Result<Vec<Project>, Error> {
        let url = self.url(&["v3", "projects"], &[("name", Some(name.to_owned()))]);
        let list: Projects = self.get(url).await?;
        Ok(list.projects)
    }
}
