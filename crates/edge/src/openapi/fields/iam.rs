//! Parameters of the IAM dialect, and the limits of its bodies.

use super::{limits, parameters};
use crate::openapi::shape::{ANY, INTEGER, TIME};
use domain::model::keys::TEMPORARY_SECONDS;

parameters! {
    "nocatalog": ANY => "指定任意值时不返回服务目录。", "With any value, the service catalogue is omitted.";
    "KeystoneListProjects.name KeystoneListAuthProjects.name": ANY.long(1, 64).example("cn-north-4") =>
        "区域名称。",
        "The name of the region.";
    "KeystoneValidateToken.X-Subject-Token": ANY => "待校验的 Token。", "The token to validate.";
}

limits! {
    "id": ANY;
    "Identity.methods": ANY.one_of(&["password"]);
    "SecurityTokenIdentity.methods": ANY.one_of(&["token"]);
    "duration_seconds": INTEGER.within(*TEMPORARY_SECONDS.start(), *TEMPORARY_SECONDS.end()).default("900");
    "expires_at": TIME;
    "issued_at": TIME;
    "PasswordUser.name": ANY.example("admin");
}
