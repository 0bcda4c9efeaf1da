//! `GET /openapi`: the list of OpenAPI documents.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The OpenAPI documents of a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DocumentList {
    /// The documents, one for each API.
    #[schemars(extend("zh" = "各接口的文档。"))]
    pub documents: Vec<DocumentLink>,
}

/// An OpenAPI document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DocumentLink {
    /// The NAME in `/openapi/NAME.json`.
    #[schemars(description = "The name.", extend("zh" = "名称。"))]
    pub name: String,
    /// The title.
    #[schemars(extend("zh" = "标题。"))]
    pub title: String,
    /// The URL.
    #[schemars(extend("zh" = "地址。"))]
    pub url: String,
}
