//! Parameters, headers and credentials of every document, and the limits of fields that mean the same in all
//! of them.

use super::{limits, parameters};
use crate::openapi::shape::{ANY, HEX32, ID, INTEGER, NAME, SHA, TIME, URL};
use domain::model::page::LIMIT_MAX;
use domain::model::repositories::Visibility;
use domain::model::status::Status;

parameters! {
    // Ids.
    "repository_id": ID.example("2111976239") => "仓库 ID。", "The repository's id.";
    "pipeline_id": ID.example("6") => "流水线 ID，在仓库内编号。", "The pipeline's id, unique in its repository.";
    "job_id": ID.example("31930") => "任务（一次执行）的 ID，在仓库内编号。", "The attempt's id, unique in its repository.";
    "merge_request_iid iid": ID.example("1") => "合并请求在仓库中的编号。", "The merge request's number in its repository.";
    "repository_uuid uuid": HEX32.example("25c88b23d4dc400fa7b3e2a152e4d53c") =>
        "仓库的 32 位 UUID。",
        "The repository's UUID of 32 hexadecimal digits.";
    "project_id project_uuid": HEX32.example("72271b5446614062a01b8be944c9f372") =>
        "CodeArts 项目的 32 位 ID。",
        "The CodeArts project's id of 32 hexadecimal digits.";
    // Pages.
    "offset": INTEGER.within(0, i32::MAX as i64).default("0") => "跳过的条数。", "The number of items to skip.";
    "limit": INTEGER.within(1, LIMIT_MAX).default("20") => "返回的最大条数。", "The maximum number of items to return.";
    "search": ANY => "名称或路径中包含的关键字。", "A text that the name or path contains.";
    // Fields of jobs and pipelines.
    "stage": NAME.example("external") => "阶段名称。", "The stage's name.";
    "source": NAME.default("external").example("jenkins") =>
        "上报来源的类型；不同来源的任务互不相同。",
        "The kind of reporter. Jobs of two sources are two jobs.";
    // Headers.
    "X-Request-Id": ANY.example("0f2ac2ac3d1c4a8bb1bb3fca1a7e53c0") =>
        "请求 ID，与服务日志中的一致。",
        "The id of the request, as in the server log.";
    "X-Total": INTEGER.within(0, i64::MAX) => "总数。", "The total number of items.";
    "Retry-After": INTEGER.within(0, i32::MAX as i64) => "建议重试前等待的秒数。", "The number of seconds after which to retry.";
    "X-Subject-Token": ANY => "Token。", "The token.";
    "ETag": ANY => "文档的版本标记。", "The entity tag of the document.";
    "Content-Language": ANY.one_of(&["zh-CN", "en"]) => "描述文字的语言。", "The language of descriptions.";
    "If-None-Match": ANY =>
        "已有版本的 `ETag`；相同时返回 304。",
        "The `ETag` of a known version; if it is current, the response is 304.";
    // Credentials.
    "X-Auth-Token": ANY => "IAM Token 或个人访问令牌。", "An IAM token or a personal token.";
    "PRIVATE-TOKEN": ANY => "个人访问令牌。", "A personal token.";
    "private_token": ANY => "个人访问令牌，通过查询参数传递。", "A personal token, in the query.";
    "Bearer": ANY => "个人访问令牌或 Token：`Authorization: Bearer ...`。", "A token: `Authorization: Bearer ...`.";
    "Basic": ANY => "个人访问令牌作为密码：`Authorization: Basic ...`。", "A personal token as the password: `Authorization: Basic ...`.";
    "token": ANY => "个人访问令牌，通过查询参数传递。", "A personal token, in the query.";
    "Signature": ANY =>
        "AK/SK 签名：`Authorization: SDK-HMAC-SHA256 Access=..., SignedHeaders=..., Signature=...`，同时携带 `X-Sdk-Date` 请求头。",
        "A signature with AK and SK: `Authorization: SDK-HMAC-SHA256 Access=..., SignedHeaders=..., Signature=...`, with `X-Sdk-Date`.";
    // The documents.
    "document": ANY.one_of(crate::openapi::FILES).example("codearts.json") => "文档名称。", "The name of the document.";
    "language": ANY.one_of(&["zh", "en"]) =>
        "描述文字的语言；默认取 `X-Language` 或 `Accept-Language`，均未指定时为中文。",
        "The language of descriptions; by default that of `X-Language` or `Accept-Language`, otherwise Chinese.";
    "verbose": ANY => "返回各项检查的结果。", "Lists the checks.";
}

limits! {
    // Ids.
    "stage_id": ID.example("123");
    "id": ID;
    // Fields of jobs and pipelines.
    "sha": SHA;
    "ref": NAME.example("dev");
    "status": ANY.one_of(Status::NAMES);
    "target_url": URL;
    "web_url": URL;
    "third_build_id": NAME.example("0ede266890ddd33cff76da30090b9780");
    "created_at": TIME;
    "updated_at": TIME;
    "started_at": TIME;
    "finished_at": TIME;
    "trigger_user": NAME;
    "default_branch": NAME.example("main");
    "visibility": ANY.one_of(Visibility::NAMES);
    // Errors.
    "error_code": ANY.example("CH.00401999");
}
