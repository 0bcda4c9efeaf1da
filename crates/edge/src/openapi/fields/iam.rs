//! Fields of the IAM dialect.

use super::fields;
use crate::openapi::shape::{ANY, FLAG, INTEGER, TIME};
use domain::model::keys::TEMPORARY_SECONDS;

fields! {
    "nocatalog": ANY => "给出任意值则不返回服务目录。", "With any value the catalogue of services is left out.";
    "KeystoneListProjects.name KeystoneListAuthProjects.name": ANY.long(1, 64).example("cn-north-4") => "区域名称。", "The region.";
    "KeystoneValidateToken.X-Subject-Token": ANY => "要校验的 Token。", "The token that is asked about.";
    "id": ANY => "ID。", "Its id.";
    "TokenAndLife.id": ANY => "Token；没有则取 `X-Auth-Token`。", "The token; where absent, `X-Auth-Token` has it.";
    "domains": ANY => "账号。", "The accounts.";
    "projects": ANY => "项目。", "The projects.";
    "links": ANY => "链接。", "Links.";
    "self": ANY => "自身的地址。", "Where it is.";
    "next previous": ANY => "另一页的地址；没有为 null。", "Another page; null if there is none.";
    "enabled": FLAG => "可用。", "May be used.";
    "domain_id": ANY => "账号 ID。", "The account's id.";
    "parent_id": ANY => "上级 ID。", "The id of what is above it.";
    "is_domain": FLAG => "是否账号，始终为 false。", "Always false: it is no account.";
    "error": ANY => "错误。", "What went wrong.";
    "code": INTEGER => "HTTP 状态码。", "The HTTP status.";
    "message": ANY => "错误说明。", "What went wrong, for people.";
    "title": ANY => "状态码的名称。", "The name of the status.";
    "auth": ANY => "认证信息。", "Who asks, and for what.";
    "identity": ANY => "如何证明身份。", "How the caller proves who it is.";
    "Identity.methods": ANY.one_of(&["password"]) => "认证方法：`[\"password\"]`。", "The method: `[\"password\"]`.";
    "SecurityTokenIdentity.methods": ANY.one_of(&["token"]) => "认证方法：`[\"token\"]`。", "The method: `[\"token\"]`.";
    "methods": ANY => "认证方法。", "By what method.";
    "token": ANY => "Token。", "The token.";
    "duration_seconds": INTEGER.within(*TEMPORARY_SECONDS.start(), *TEMPORARY_SECONDS.end()).default("900") => "有效期，秒。", "How long it is good for, in seconds.";
    "credential": ANY => "临时访问密钥。", "The temporary access key.";
    "access": ANY => "AK。", "The AK.";
    "secret": ANY => "SK。", "The SK.";
    "securitytoken": ANY => "每个请求须以 `X-Security-Token` 带上。", "What comes as `X-Security-Token` with every request.";
    "Token.expires_at": TIME => "失效时间；永不失效的个人令牌为 null。", "When it ends; null of a personal token that never does.";
    "expires_at": TIME => "失效时间。", "When it ends.";
    "issued_at": TIME => "签发时间。", "When it was made.";
    "scope": ANY => "Token 的用途；没有则为全局。", "What the token is for; absent: global.";
    "PasswordUser.name": ANY.example("admin") => "用户名。", "The user's name.";
    "Identity.password": ANY => "密码方式。", "For the method `password`.";
    "password": ANY => "密码。", "The password.";
    "user": ANY => "用户。", "The user.";
    "domain": ANY => "账号。", "The account.";
    "project": ANY => "项目（区域）。", "The project, which is a region.";
    "catalog": ANY => "服务目录，为空。", "Endpoints of services; empty.";
    "roles": ANY => "角色。", "What the user may do.";
    "password_expires_at": ANY => "密码失效时间；永不失效为空。", "When the password ends; empty if never.";
}
