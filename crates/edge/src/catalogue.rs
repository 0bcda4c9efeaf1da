//! The catalogue of errors: code, HTTP status, and texts in Chinese and English. Every dialect and the page
//! `/errors` read it. Codes are the published ones of CodeArts Repo, its API gateway and IAM (wire fact 2)
//! where one fits; `SP.` codes are Stagepost's own. Codes do not depend on the language.

use crate::language::Language;
use domain::error::{Error, Invalid, Problem, Refused};
use domain::model::policies::LONGEST;

/// An entry of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The code.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What happened, in Chinese.
    pub zh: &'static str,
    /// What happened, in English.
    pub en: &'static str,
    /// What to do, in Chinese.
    pub advice_zh: &'static str,
    /// What to do, in English.
    pub advice_en: &'static str,
}

impl Entry {
    /// What happened.
    pub fn text(&self, language: Language) -> &'static str {
        language.pick(self.zh, self.en)
    }
}

macro_rules! entries {
    ($($name:ident = $code:literal $status:literal: $zh:literal, $en:literal; $advice_zh:literal, $advice_en:literal)*) => {
        $(
            #[doc = concat!("`", $code, "`")]
            pub const $name: Entry =
                Entry { code: $code, status: $status, zh: $zh, en: $en, advice_zh: $advice_zh, advice_en: $advice_en };
        )*
        /// All entries, in order of code.
        pub const ALL: &[Entry] = &[$($name),*];
    };
}

entries! {
    UNKNOWN_ROUTE = "APIGW.0101" 404: "API 不存在或未发布。", "The API does not exist or has not been published in the environment.";
        "检查请求方法和路径。", "Check the method and the path."
    TOO_LARGE = "APIGW.0201" 413: "请求体过大。", "Request entity too large.";
        "把数据分成多个请求发送。", "Send the data in several requests."
    SIGNATURE = "APIGW.0301" 401: "IAM 认证信息错误。", "Incorrect IAM authentication information";
        "检查 AK、SK、本机时钟，以及请求是否被代理改动。", "Check the access key, its secret, the local clock, and whether a proxy changes the request."
    BUSY = "CH.00000000" 503: "网络繁忙，请稍后再试。", "The service is busy. Try again later.";
        "稍后重试；Retry-After 头给出秒数。用同一个 Idempotency-Key 重试是安全的。", "Retry after the seconds in Retry-After. A retry with the same Idempotency-Key is safe."
    UNAUTHENTICATED = "CH.00000002" 401: "认证信息无法识别", "The authentication information cannot be recognised.";
        "提供有效的 X-Auth-Token，或用 AK/SK 签名。", "Send a valid X-Auth-Token, or sign the request with AK and SK."
    UNKNOWN = "CH.000001" 500: "未知错误", "Unknown error";
        "把请求 ID 告诉管理员：服务日志里有原因。", "Send the request id to the administrator. The log of the server has the reason."
    NOT_FOUND = "CH.000404" 404: "资源不存在", "Not Found";
        "检查资源 ID 或名称是否正确。", "Check the id or the name."
    INVALID_OLD = "CH.010001" 400: "参数非法", "Param invalid";
        "检查错误信息中指出的参数。", "Check the parameter in the message."
    REPOSITORY_NOT_FOUND_OLD = "CH.010117" 404: "指定仓库不存在", "The repository does not exist.";
        "检查仓库 UUID，以及您是否有权访问。", "Check the uuid, and whether you may see the repository."
    INVALID = "CH.00401999" 400: "参数校验失败。", "A parameter is not valid.";
        "检查错误信息中指出的参数。", "Check the parameter in the message."
    REPOSITORY_NOT_FOUND = "CH.00402000" 404: "该仓库不存在，请检查后重试。", "The repository does not exist. Check and try again.";
        "检查仓库 ID，以及您是否有权访问。", "Check the id, and whether you may see the repository."
    FORBIDDEN = "CH.080403" 403: "禁止访问", "Forbidden";
        "请仓库管理员给您合适的角色，或换用权限范围更大的令牌。", "Ask a manager of the repository for a role that allows it, or use a token with a wider scope."
    KEY_REUSED = "SP.00422" 422: "该 Idempotency-Key 已用于内容不同的请求。", "This Idempotency-Key was used for a request with another body.";
        "每个不同的请求用一个新的键。", "Use a new key for each request with different content."
}

/// An error with the texts for a caller.
#[derive(Debug, Clone)]
pub struct Described {
    /// Code and status.
    pub entry: Entry,
    /// What happened, in the caller's language.
    pub message: String,
    /// The invalid field.
    pub field: Option<String>,
}

/// Describes an error for a caller. Details for the log are left out.
pub fn describe(error: &Error, language: Language) -> Described {
    let plain = |entry: Entry| Described { entry, message: entry.text(language).to_owned(), field: None };
    match error {
        Error::Unauthenticated(refused) => describe_refused(refused, language),
        Error::ManyCredentials => Described {
            entry: INVALID,
            message: format!(
                "'Authorization': {}",
                language.pick("一个请求只能带一种认证信息。", "A request carries one credential only.")
            ),
            field: Some("Authorization".into()),
        },
        Error::Forbidden => plain(FORBIDDEN),
        Error::InsufficientScope { needed } => Described {
            message: language
                .pick(
                    &format!("该令牌的权限范围不足：此调用需要 {}。", needed.as_str()),
                    &format!("This token's scope is too narrow: this call needs {}.", needed.as_str()),
                )
                .to_owned(),
            ..plain(FORBIDDEN)
        },
        Error::RepositoryNotFound => plain(REPOSITORY_NOT_FOUND),
        Error::PipelineNotFound => plain(NOT_FOUND),
        Error::NotFound { noun } => Described {
            message: not_found_message(noun, language).unwrap_or_else(|| NOT_FOUND.text(language)).to_owned(),
            ..plain(NOT_FOUND)
        },
        Error::Invalid(invalid) => Described {
            entry: INVALID,
            message: format!("'{}': {}", invalid.field, problem(invalid, language)),
            field: Some(invalid.field.to_string()),
        },
        Error::KeyReused => plain(KEY_REUSED),
        Error::TooLarge { .. } => plain(TOO_LARGE),
        Error::Overloaded | Error::Unavailable(_) => plain(BUSY),
        Error::Internal(_) => plain(UNKNOWN),
    }
}

/// Describes a refused credential. The messages about signatures are those of the real gateway, in English,
/// because scripts compare them. An unknown key, a disabled one and a wrong signature have the same message.
fn describe_refused(refused: &Refused, language: Language) -> Described {
    let gateway = |detail: String| Described {
        entry: SIGNATURE,
        message: format!("{}: {detail}", SIGNATURE.en),
        field: None,
    };
    match refused {
        Refused::Missing
        | Refused::Token(_)
        | Refused::WrongKind
        | Refused::Password
        | Refused::PasswordLocked => Described {
            entry: UNAUTHENTICATED,
            message: UNAUTHENTICATED.text(language).to_owned(),
            field: None,
        },
        Refused::Malformed(detail) => gateway(detail.clone()),
        Refused::SignatureExpired { signed, server } => gateway(format!(
            "calc aksk signature fail:signature expired, signature time:{signed},server time:{server}"
        )),
        Refused::KeyExpired { at } => gateway(format!("token expires, expires_at:{at}")),
        Refused::Locked => gateway("AK access failed to reach the limit,forbidden.".into()),
        Refused::Signature { canonical_request, .. } => {
            gateway(format!("verify aksk signature fail,canonicalRequest:{canonical_request}"))
        }
    }
}

/// The message for a missing object, by the domain's noun for it.
fn not_found_message(noun: &str, language: Language) -> Option<&'static str> {
    Some(match noun {
        "job" => language.pick("没有这个任务", "No such job"),
        "user" => language.pick("没有这个用户", "No such user"),
        "member" => language.pick("没有这个成员", "No such member"),
        "key" => language.pick("没有这个访问密钥", "No such access key"),
        "token" => language.pick("没有这个令牌", "No such token"),
        "commit" => language.pick("没有这个提交", "No such commit"),
        "webhook" => language.pick("没有这个 webhook", "No such webhook"),
        "document" => language.pick("没有这份文档", "No such document"),
        "delivery" => language.pick("没有这次投递", "No such delivery"),
        // The Chinese text is that of the hosted service (wire fact 2.2).
        "merge request" => language.pick("MR信息未找到", "No such merge request"),
        _ => return None,
    })
}

/// The message for an invalid value.
pub fn problem(invalid: &Invalid, language: Language) -> String {
    let zh = language == Language::Chinese;
    let text = |chinese: String, english: String| if zh { chinese } else { english };
    match &invalid.problem {
        Problem::Missing => text("缺少必填项。".into(), "It is required.".into()),
        Problem::NeitherOf { other } => {
            text(format!("必须给出它或 '{other}'。"), format!("Either it or '{other}' is required."))
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
        Problem::NotHttpUrl => text(
            "必须是 http 或 https 的完整地址。".into(),
            "It must be an absolute http or https URL.".into(),
        ),
        Problem::NotOneOf { allowed } => {
            let values = allowed.join(", ");
            text(format!("必须是以下之一：{values}。"), format!("It must be one of: {values}."))
        }
        Problem::NotTimestamp => text(
            "必须是带时区的 RFC 3339 时间，且不早于 1970 年。".into(),
            "It must be an RFC 3339 time with a zone, from 1970 on.".into(),
        ),
        Problem::InFuture => text(
            "比服务器时间晚了 24 小时以上，请检查时钟。".into(),
            "It is more than 24 hours ahead of the server: check the clock.".into(),
        ),
        Problem::Before { other } => {
            text(format!("不能早于 {other}。"), format!("It must not be before {other}."))
        }
        Problem::NotForStatus { status } => {
            text(format!("状态 {status} 不能有这个时间。"), format!("A job that is {status} cannot have it."))
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
            format!("不是签名请求的头：{detail}"),
            format!("It is not the header of a signed request: {detail}"),
        ),
        Problem::NotName => text(
            "只能包含字母、数字、“-”、“_”和“.”，并符合长度要求。".into(),
            "It may contain letters, digits, '-', '_' and '.', within its length.".into(),
        ),
        Problem::NotJson { detail } => {
            text(format!("不是有效的 JSON：{detail}"), format!("It is not valid JSON: {detail}"))
        }
        Problem::Contradicts { other } => {
            text(format!("与 {other} 不一致。"), format!("It contradicts {other}."))
        }
        Problem::Unknown => text("不存在。".into(), "It does not exist.".into()),
        Problem::Taken => text("已被占用。".into(), "It is already taken.".into()),
        Problem::Twice => text("重复给出。".into(), "It is given twice.".into()),
        Problem::WeakPassword => text("至少 8 个字符。".into(), "It must have at least 8 characters.".into()),
        Problem::OwnRights => text(
            "不能停用自己，也不能取消自己的管理员身份。".into(),
            "You cannot disable yourself or remove your own administrator rights.".into(),
        ),
        Problem::NotWebhookUrl => text(
            "必须是 http 或 https 的完整地址，主机名用 ASCII 书写、IP 用常规写法，不含用户名和 “#”。".into(),
            "It must be an absolute http or https URL with a host in ASCII or a usual IP address, without a user or a '#'.".into(),
        ),
        Problem::NotPublic => text(
            "该地址不是公网地址，且不在管理员允许的网络（--webhook-allow）之内。".into(),
            "Its address is not public, and not in a network that the operator allows (--webhook-allow).".into(),
        ),
        Problem::NotSecret => text(
            "必须是 “whsec_” 加上 24 到 64 个字节的 base64。".into(),
            "It must be 'whsec_' and the base64 of 24 to 64 bytes.".into(),
        ),
        Problem::NotDuration => text(
            format!("必须是数字加单位（d、h、m 或 s），例如 90d；从 1s 到 {}d。", LONGEST.as_hours() / 24),
            format!("It must be a number and a unit (d, h, m or s), such as 90d; from 1s to {}d.", LONGEST.as_hours() / 24),
        ),
        Problem::Disabled => text("已停用，请先启用。".into(), "It is disabled: enable it first.".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::model::access::Scope;

    #[test]
    fn codes_are_unique_and_every_text_exists_in_both_languages() {
        let mut codes: Vec<_> = ALL.iter().map(|entry| entry.code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), ALL.len());
        for entry in ALL {
            for (zh, en) in [(entry.zh, entry.en), (entry.advice_zh, entry.advice_en)] {
                assert!(!en.is_empty() && en.is_ascii(), "{}: {en}", entry.code);
                assert!(zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{}: {zh}", entry.code);
            }
        }
    }

    #[test]
    fn details_for_the_log_are_not_in_messages() {
        for error in [Error::Internal("secret".into()), Error::Unavailable("secret".into())] {
            for language in [Language::Chinese, Language::English] {
                assert!(!describe(&error, language).message.contains("secret"));
            }
        }
        let refused = |reason| {
            let refused = Refused::Signature { canonical_request: "GET|/|".into(), reason };
            describe(&Error::Unauthenticated(refused), Language::English).message
        };
        assert_eq!(refused("no such access key"), refused("the signature differs"));
    }

    #[test]
    fn the_message_of_an_insufficient_scope_names_the_required_one() {
        let error = Error::InsufficientScope { needed: Scope::Report };
        for (language, noun) in [(Language::Chinese, "令牌"), (Language::English, "token")] {
            let described = describe(&error, language);
            assert_eq!((described.entry.code, described.entry.status), ("CH.080403", 403));
            assert!(described.message.contains("report") && described.message.contains(noun));
        }
        let message = describe(&error, Language::English).message;
        assert_eq!(message, "This token's scope is too narrow: this call needs report.");
    }

    #[test]
    fn a_missing_object_is_named() {
        for noun in
            ["job", "user", "member", "key", "token", "commit", "webhook", "delivery", "merge request"]
        {
            for language in [Language::Chinese, Language::English] {
                let described = describe(&Error::NotFound { noun }, language);
                assert_eq!((described.entry.code, described.entry.status), ("CH.000404", 404), "{noun}");
                assert_ne!(described.message, NOT_FOUND.text(language), "{noun}");
            }
        }
        let message = |error: Error, language| describe(&error, language).message;
        assert_eq!(message(Error::NotFound { noun: "job" }, Language::Chinese), "没有这个任务");
        assert_eq!(message(Error::NotFound { noun: "job" }, Language::English), "No such job");
        assert_eq!(message(Error::PipelineNotFound, Language::English), "Not Found");
    }

    #[test]
    fn an_invalid_parameter_is_named_as_by_the_real_service() {
        let invalid = Invalid::new("limit", Problem::OutOfRange { min: 1, max: 100 });
        let described = describe(&invalid.into(), Language::English);
        assert_eq!(described.entry.code, "CH.00401999");
        assert_eq!(described.message, "'limit': It must be between 1 and 100.");
    }
}
