//! The IAM dialect.

use super::document::{Document, ErrorFormat, either};
use super::operation::{Group, group, operation};
use crate::iam::IAM;
use wire::codearts::error::ErrorBody as GatewayError;
use wire::iam::domains::DomainList;
use wire::iam::error::ErrorBody;
use wire::iam::projects::ProjectList;
use wire::iam::security_tokens::{SecurityTokenBody, SecurityTokenRequest};
use wire::iam::tokens::{TokenBody, TokenRequest};

pub const DOCUMENT: Document = Document {
    file: "iam.json",
    description: (
        "兼容华为云 IAM（Keystone v3）接口：使用密码获取 Token，查询项目（区域）与账号，获取临时访问密钥。Token 通过响应头 `X-Subject-Token` 返回。",
        "Compatible with IAM of Huawei Cloud (Keystone v3): tokens for passwords, projects (regions), accounts and temporary access keys. Tokens are in the header `X-Subject-Token`.",
    ),
    dialects: &[ErrorFormat {
        dialect: &IAM,
        suffix: "",
        content_type: "application/json",
        body: either::<ErrorBody, GatewayError>,
    }],
    groups,
};

fn groups() -> Vec<Group> {
    let tokens = vec![
        operation(
            "KeystoneCreateUserTokenByPassword",
            ("使用密码获取 Token", "Get a token for a password"),
            (
                "Token 在响应头 `X-Subject-Token` 中，有效期 24 小时。",
                "The token is in the response header `X-Subject-Token` and valid for 24 hours.",
            ),
        )
        .query("nocatalog")
        .takes::<TokenRequest>()
        .returns::<TokenBody>(201)
        .with_headers("X-Subject-Token!")
        .errors_with(&[401, 403]),
        operation(
            "KeystoneValidateToken",
            ("校验 Token", "Validate a token"),
            (
                "返回 `X-Subject-Token` 中 Token 所属的用户及过期时间。",
                "The user and the expiry of the token in `X-Subject-Token`.",
            ),
        )
        .query("nocatalog")
        .headers("X-Subject-Token!")
        .returns::<TokenBody>(200)
        .with_headers("X-Subject-Token!")
        .errors_with(&[403, 404]),
        operation(
            "CreateTemporaryAccessKeyByToken",
            ("使用 Token 获取临时访问密钥", "Get a temporary access key for a token"),
            (
                "返回临时 AK、SK 和 securitytoken；Token 通过请求体或 `X-Auth-Token` 传递。",
                "Returns a temporary AK, its SK and a security token. The token is in the body or in `X-Auth-Token`.",
            ),
        )
        .headers("X-Auth-Token")
        .takes::<SecurityTokenRequest>()
        .returns::<SecurityTokenBody>(201)
        .errors_with(&[401, 403, 422]),
    ];
    let projects = vec![
        operation(
            "KeystoneListProjects",
            ("查询项目列表", "List projects"),
            (
                "返回名为 `name` 的区域对应的唯一项目，SDK 由此得到项目 ID。",
                "The only project of the region `name`. SDKs take the project id from it.",
            ),
        )
        .query("name")
        .returns::<ProjectList>(200),
        operation(
            "KeystoneListAuthProjects",
            ("查询可访问的项目列表", "List projects that the caller may use"),
            ("与 `GET /v3/projects` 相同。", "The same as `GET /v3/projects`."),
        )
        .query("name")
        .returns::<ProjectList>(200),
        operation(
            "KeystoneListAuthDomains",
            ("查询可访问的账号", "List accounts that the caller may use"),
            ("本服务只有一个账号。", "There is one account."),
        )
        .returns::<DomainList>(200),
    ];
    vec![
        group("tokens", "Token 与临时访问密钥", "Tokens and temporary access keys", tokens),
        group("projects", "项目（区域）与账号", "Projects (regions) and accounts", projects),
    ]
}
