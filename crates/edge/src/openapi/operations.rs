//! The dialect of operators: health checks, metrics and the documents themselves.

use super::document::{Document, ErrorFormat, only};
use super::operation::{Group, group, operation};
use crate::operations::OPERATIONS;
use wire::codearts::error::ErrorBody;
use wire::operations::DocumentList;

pub const DOCUMENT: Document = Document {
    file: "operations.json",
    description: (
        "存活检查、就绪检查、指标，以及本服务的 OpenAPI 文档。无需认证。",
        "Liveness, readiness, metrics and the OpenAPI documents. No authentication is required.",
    ),
    dialects: &[ErrorFormat {
        dialect: &OPERATIONS,
        suffix: "",
        content_type: "application/json",
        body: only::<ErrorBody>,
    }],
    groups,
};

const TEXT: &str = "text/plain";

fn groups() -> Vec<Group> {
    vec![
        group(
            "health",
            "健康检查与指标",
            "Health of the server",
            vec![
                operation(
                    "Livez",
                    ("存活检查", "Liveness"),
                    (
                        "进程能够响应即返回 `ok`，不访问存储。",
                        "Returns `ok` whenever the process can respond; does not read the store.",
                    ),
                )
                .returns_text(200, TEXT),
                operation(
                    "Healthz",
                    ("存活检查（同 livez）", "Liveness, same as livez"),
                    ("与 `/livez` 相同。", "The same as `/livez`."),
                )
                .returns_text(200, TEXT),
                operation(
                    "Readyz",
                    ("就绪检查", "Readiness"),
                    (
                        "存储可读写且服务未处于停止过程中时返回 200，否则返回 503 和未通过的检查。",
                        "Returns 200 while the store reads and commits and no stop is in progress, otherwise 503 with the failed checks.",
                    ),
                )
                .query("verbose")
                .returns_text(200, TEXT)
                .returns_text(503, TEXT)
                .errors_with(&[400]),
                operation(
                    "Metrics",
                    ("Prometheus 指标", "Prometheus metrics"),
                    (
                        "Prometheus 文本格式的指标，包含仓库名称。需要管理员的令牌或指标令牌；视设置而定，同一台机器上的程序不需要凭据。",
                        "Metrics in the text format of Prometheus, which name repositories. They need a token of an administrator or the token for metrics; depending on the settings, programs on the same machine need none.",
                    ),
                )
                .returns_text(200, TEXT),
            ],
        ),
        group(
            "openapi",
            "接口文档",
            "Documents of the APIs",
            vec![
                operation(
                    "ListOpenApiDocuments",
                    ("查询 OpenAPI 文档列表", "List the OpenAPI documents"),
                    (
                        "各接口的文档及其地址。",
                        "One document for each dialect, with its address.",
                    ),
                )
                .query("language")
                .headers("If-None-Match")
                .returns::<DocumentList>(200)
                .with_headers("ETag! Content-Language!")
                .returns_nothing(304)
                .with_headers("ETag! Content-Language!")
                .errors_with(&[400]),
                operation(
                    "ShowOpenApiDocument",
                    ("获取 OpenAPI 文档", "Get an OpenAPI document"),
                    (
                        "OpenAPI 3.1 文档；描述文字使用请求的语言。",
                        "An OpenAPI 3.1 document, with descriptions in the requested language.",
                    ),
                )
                .query("language")
                .headers("If-None-Match")
                .returns::<serde_json::Map<String, serde_json::Value>>(200)
                .with_headers("ETag! Content-Language!")
                .returns_nothing(304)
                .with_headers("ETag! Content-Language!")
                .errors_with(&[400, 404]),
            ],
        ),
    ]
}
