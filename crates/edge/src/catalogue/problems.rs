//! The messages for invalid values.

use crate::language::Language;
use domain::error::{Invalid, Problem};
use domain::model::policies::DURATION_MAX;

/// The message for an invalid value.
pub fn problem(invalid: &Invalid, language: Language) -> String {
    let zh = language == Language::Chinese;
    let text = |chinese: String, english: String| if zh { chinese } else { english };
    match &invalid.problem {
        Problem::Missing => text("缺少必填项。".into(), "It is required.".into()),
        Problem::NeitherOf { other } => {
            text(format!("该参数和 '{other}' 至少填写一个。"), format!("Either it or '{other}' is required."))
        }
        Problem::Blank => text("不能为空。".into(), "It must not be empty.".into()),
        Problem::NotInteger => text("必须是整数。".into(), "It must be an integer.".into()),
        Problem::OutOfRange { min, max } => {
            text(format!("取值范围为 {min}-{max}。"), format!("It must be between {min} and {max}."))
        }
        Problem::WrongType { wanted } => {
            text(format!("类型必须是 {wanted}。"), format!("It must be of type {wanted}."))
        }
        Problem::TooLong { max } => text(
            format!("长度不能超过 {max} 个字符。"),
            format!("It is out of max length ({max} characters)."),
        ),
        Problem::TooMany { max } => {
            text(format!("数量不能超过 {max}。"), format!("There may be at most {max}."))
        }
        Problem::ControlCharacter => {
            text("不能包含控制字符。".into(), "It must not contain control characters.".into())
        }
        Problem::NotUtf8 => text("不是有效的 UTF-8 编码。".into(), "It is not valid UTF-8.".into()),
        Problem::NotHttpUrl => text(
            "必须是 http 或 https 的完整 URL。".into(),
            "It must be an absolute http or https URL.".into(),
        ),
        Problem::NotOneOf { allowed } => {
            let allowed = allowed.join(", ");
            text(format!("必须是以下之一：{allowed}。"), format!("It must be one of: {allowed}."))
        }
        Problem::NotTimestamp => text(
            "必须是带时区的 RFC 3339 时间，且不早于 1970 年。".into(),
            "It must be an RFC 3339 time with a time zone, not before 1970.".into(),
        ),
        Problem::NotMoment => text(
            "必须是带时区的 RFC 3339 时间，或 report: 加上报 ID，例如 report:12。".into(),
            "It must be an RFC 3339 time with a time zone, or 'report:' and the id of a report, such as report:12.".into(),
        ),
        Problem::InFuture => text("不能晚于当前时间。".into(), "It must not be in the future.".into()),
        Problem::NotKept { since } => text(
            format!("不能早于 {since:.3}：没有更早状态的记录。"),
            format!("It must not be before {since:.3}: no earlier state is recorded."),
        ),
        Problem::Before { other } => {
            text(format!("不能早于 {other}。"), format!("It must not be before {other}."))
        }
        Problem::NotSha => text(
            "必须是完整的提交 ID：40 或 64 位十六进制数。".into(),
            "It must be a full commit id of 40 or 64 hexadecimal digits.".into(),
        ),
        Problem::NotShaPrefix { min } => text(
            format!("必须是提交 ID，或其开头的至少 {min} 位十六进制数。"),
            match min {
                1 => "It must be a commit id, or at least 1 hexadecimal digit of its beginning.".into(),
                min => {
                    format!("It must be a commit id, or at least {min} hexadecimal digits of its beginning.")
                }
            },
        ),
        Problem::NotHex32 => {
            text("必须是 32 位十六进制数。".into(), "It must be 32 hexadecimal digits.".into())
        }
        Problem::NotHex64 => {
            text("必须是 64 位小写十六进制数。".into(), "It must be 64 lower-case hexadecimal digits.".into())
        }
        Problem::NotSigned { detail } => text(
            format!("不是签名请求的请求头：{detail}"),
            format!("It is not a header of a signed request: {detail}"),
        ),
        Problem::NotName => text(
            "只能包含字母、数字、“-”、“_”和“.”，且长度须在限制范围内。".into(),
            "It may contain only letters, digits, '-', '_' and '.', within the length limits.".into(),
        ),
        Problem::NotJson { detail } => {
            text(format!("不是有效的 JSON：{detail}"), format!("It is not valid JSON: {detail}"))
        }
        Problem::NotToml { detail } => {
            text(format!("不是有效的 TOML：{detail}"), format!("It is not valid TOML: {detail}"))
        }
        Problem::Contradicts { other } => {
            text(format!("与 {other} 不一致。"), format!("It contradicts {other}."))
        }
        Problem::Unknown => text("不存在。".into(), "It does not exist.".into()),
        Problem::UnknownField => text("没有该字段。".into(), "There is no such field.".into()),
        Problem::Taken => text("已被占用。".into(), "It is already taken.".into()),
        Problem::Twice => text("重复指定。".into(), "It is specified twice.".into()),
        Problem::WeakPassword => text("长度至少为 8 个字符。".into(), "It must have at least 8 characters.".into()),
        Problem::WrongPassword => text("密码不正确。".into(), "The password is incorrect.".into()),
        Problem::OwnRights => text(
            "不能停用自己，也不能取消自己的管理员权限。".into(),
            "You cannot disable yourself or remove your own administrator rights.".into(),
        ),
        Problem::NotPattern => text(
            "“\\”只能用在“*”或“\\”之前。".into(),
            "A backslash may only precede '*' or another backslash.".into(),
        ),
        Problem::NotRelativePath => text(
            "必须是仓库内文件的相对路径，不能是绝对路径，也不能包含 ..。".into(),
            "It must be a path relative to the root of the repository, without '..'.".into(),
        ),
        Problem::NotWebhookUrl => text(
            "必须是 http 或 https 的完整 URL，主机为 ASCII 域名或标准格式的 IP 地址，不含用户名和“#”。".into(),
            "It must be an absolute http or https URL with an ASCII host name or a standard IP address, without a user name and '#'.".into(),
        ),
        Problem::HasQuery => text(
            "必须是不含“?”的基础地址，请求路径会附加在其后。".into(),
            "It must be a base URL without '?', because paths are appended to it.".into(),
        ),
        Problem::NotAddress => text(
            "必须是 IPv4 或 IPv6 地址。".into(),
            "It must be an IPv4 or IPv6 address.".into(),
        ),
        Problem::NotPublic => text(
            "该地址不是公网地址，也不在管理员允许的网络（--webhook-allow）内。".into(),
            "The address is neither public nor in a network that the administrator allows (--webhook-allow).".into(),
        ),
        Problem::NotProject => text(
            "必须是 owner/name；GitLab 为项目 ID 或完整路径。".into(),
            "It must be owner/name; for GitLab, the id or the full path of the project.".into(),
        ),
        Problem::NotSecret => text(
            "必须以“whsec_”开头，后接 24 到 64 字节数据的 base64 编码。".into(),
            "It must be 'whsec_' followed by the base64 of 24 to 64 bytes.".into(),
        ),
        Problem::NotDuration => text(
            format!("必须是时长，例如 90d、1w、1h30m；取值范围为 1s 到 {}d。", DURATION_MAX.as_hours() / 24),
            format!("It must be a duration such as 90d, 1w or 1h30m, from 1s to {}d.", DURATION_MAX.as_hours() / 24),
        ),
        Problem::NoUnit { number } => text(
            format!("“{number}”没有单位：天请写 {number}d，秒请写 {number}s。"),
            format!("'{number}' has no unit: write {number}d for days or {number}s for seconds."),
        ),
        Problem::Disabled => text("已停用，请先启用。".into(), "It is disabled. Enable it first.".into()),
        Problem::NoAccess => text(
            "消息以所有者的权限发送，而所有者无权查看仓库。请先恢复其权限；Webhook 也可以转交给仓库的其他管理者。".into(),
            "Messages are sent by the rights of its owner, who may not read the repository. Restore this right; a webhook can also be given to another user who manages the repository.".into(),
        ),
        Problem::NotManager => text(
            "没有管理该仓库的同名用户。".into(),
            "No user of this name manages the repository.".into(),
        ),
        Problem::Paused { until } => text(
            format!("代码托管平台限制了请求频率，{until:.0} 之前不再发送请求。"),
            format!("The forge limits the request rate. No request is sent before {until:.0}."),
        ),
    }
}
