//! The error catalogue: code, HTTP status, message and solution in Chinese and English. Every dialect and the
//! page `/errors` use it. Codes are those of CodeArts Repo, its API gateway and IAM where one applies; `SP.`
//! codes are specific to Stagepost. Codes do not depend on the language.

mod problems;

pub use problems::problem;

use crate::language::Language;
use domain::error::{AuthFailure, Error};

/// An entry of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The code.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The message in Chinese.
    pub zh: &'static str,
    /// The message in English.
    pub en: &'static str,
    /// The solution in Chinese.
    pub advice_zh: &'static str,
    /// The solution in English.
    pub advice_en: &'static str,
}

impl Entry {
    /// The message in a language.
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
    UNKNOWN_ROUTE = "APIGW.0101" 404:
        "API 不存在或未发布。",
        "The API does not exist or has not been published in the environment.";
        "检查请求方法和路径。", "Check the method and the path."
    TOO_LARGE = "APIGW.0201" 413: "请求体过大。", "Request entity too large.";
        "将数据拆分为多个请求发送。", "Split the data into several requests."
    SIGNATURE = "APIGW.0301" 401: "IAM 认证信息错误。", "Incorrect IAM authentication information";
        "检查 AK、SK 和客户端时钟，以及请求在传输过程中是否被修改。",
        "Check the AK, the SK and the clock, and whether a proxy changes the request."
    THROTTLED = "APIGW.0308" 429:
        "请求过于频繁，请稍后重试。",
        "The throttling threshold has been reached.";
        "等待响应头 Retry-After 指定的秒数后重试。",
        "Retry after the number of seconds in Retry-After."
    BUSY = "CH.00000000" 503: "网络繁忙，请稍后再试。", "The service is busy. Try again later.";
        "等待响应头 Retry-After 指定的秒数后重试。使用相同的 Idempotency-Key 重试不会重复执行。",
        "Retry after the number of seconds in Retry-After. A retry with the same Idempotency-Key is safe."
    UNAUTHENTICATED = "CH.00000002" 401:
        "认证信息无法识别",
        "The authentication information cannot be recognised.";
        "提供有效的 X-Auth-Token，或使用 AK/SK 签名。",
        "Provide a valid X-Auth-Token, or sign the request with AK/SK."
    UNKNOWN = "CH.000001" 500: "未知错误", "Unknown error";
        "将请求 ID 提供给管理员，错误原因记录在服务器日志中。",
        "Give the request ID to the administrator. The server log contains the cause."
    NOT_FOUND = "CH.000404" 404: "资源不存在", "Not Found";
        "检查资源 ID 或名称是否正确。", "Check the ID or the name."
    INVALID_OLD = "CH.010001" 400: "参数非法", "Param invalid";
        "检查错误信息中指出的参数。", "Check the parameter named in the message."
    REPOSITORY_NOT_FOUND_OLD = "CH.010117" 404: "指定仓库不存在", "The repository does not exist.";
        "检查仓库 UUID，以及您是否有访问权限。", "Check the UUID and your access to the repository."
    INVALID = "CH.00401999" 400: "参数校验失败。", "A parameter is not valid.";
        "检查错误信息中指出的参数。", "Check the parameter named in the message."
    REPOSITORY_NOT_FOUND = "CH.00402000" 404:
        "该仓库不存在，请检查后重试。",
        "The repository does not exist. Check and try again.";
        "检查仓库 ID，以及您是否有访问权限。", "Check the ID and your access to the repository."
    FORBIDDEN = "CH.080403" 403: "禁止访问", "Forbidden";
        "联系仓库管理员授予相应角色，或使用权限范围更大的令牌。",
        "Request a role in the repository that allows the call, or use a token with a wider scope."
    OTHER_ORIGIN = "SP.00403" 403:
        "表单来自其他地址，请求被拒绝。",
        "The form was sent from another address.";
        "请使用服务器自身的地址打开页面，或用 --public-url 指定该地址。未指定时，反向代理须转发 Host 并设置 X-Forwarded-Proto；不在本机的代理还须列入 --proxies。",
        "Open the page at the server's own address, or set that address with --public-url. Without --public-url, a reverse proxy must forward Host and set X-Forwarded-Proto, and must be listed in --proxies unless it runs on this machine."
    KEY_REUSED = "SP.00422" 422:
        "该 Idempotency-Key 已用于内容不同的请求。",
        "This Idempotency-Key was already used for a request with a different body.";
        "不同的请求请使用不同的 Idempotency-Key。", "Use a new key for each different request."
    DAMAGED = "SP.00503" 503:
        "数据库已损坏，服务器暂停写入；数据仍可读取。",
        "The database is damaged, so the server does not write. Reading still works.";
        "请联系管理员查看服务器日志并恢复备份。", "Ask the administrator to check the server log and to restore a backup."
}

/// An error in the language of the caller.
#[derive(Debug, Clone)]
pub struct Described {
    /// Code and status.
    pub entry: Entry,
    /// The message in the language of the caller.
    pub message: String,
    /// The invalid field, if there is one.
    pub field: Option<String>,
}

/// The code and message of an error. Details that are meant for the log are left out.
pub fn describe(error: &Error, language: Language) -> Described {
    let plain = |entry: Entry| Described { entry, message: entry.text(language).to_owned(), field: None };
    match error {
        Error::Unauthenticated(refused) => describe_refused(refused, language),
        Error::ManyCredentials => Described {
            entry: INVALID,
            message: format!(
                "'Authorization': {}",
                language.pick("一个请求只能携带一种认证信息。", "A request may carry only one credential.")
            ),
            field: Some("Authorization".into()),
        },
        Error::Forbidden => plain(FORBIDDEN),
        Error::InsufficientScope { needed } => Described {
            message: language
                .pick(
                    &format!("该令牌的权限范围不足：此调用需要 {}。", needed.as_str()),
                    &format!("The scope of this token is too narrow: this call requires {}.", needed.as_str()),
                )
                .to_owned(),
            ..plain(FORBIDDEN)
        },
        Error::Outlives { ends_at } => Described {
            message: language
                .pick(
                    &format!("该凭据将于 {ends_at} 过期，不能创建在此之后仍有效的凭据。请使用不会过期的凭据，或输入密码确认。"),
                    &format!("This credential expires at {ends_at} and cannot create a credential that stays valid longer. Use a credential that does not expire, or confirm with your password."),
                )
                .to_owned(),
            ..plain(FORBIDDEN)
        },
        Error::OtherOrigin { sent, expected, ignored_proxy } => Described {
            message: other_origin(sent, expected, *ignored_proxy, language),
            ..plain(OTHER_ORIGIN)
        },
        Error::Throttled { .. } => plain(THROTTLED),
        Error::RepositoryNotFound => plain(REPOSITORY_NOT_FOUND),
        Error::PipelineNotFound => Described {
            message: language.pick("流水线不存在", "No such pipeline").to_owned(),
            ..plain(NOT_FOUND)
        },
        Error::NotFound { noun } => Described {
            message: absent(noun, language).unwrap_or_else(|| NOT_FOUND.text(language)).to_owned(),
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
        Error::Damaged => plain(DAMAGED),
        Error::Internal(_) => plain(UNKNOWN),
    }
}

/// The message of the hosted gateway for a rejected credential, always in English, because scripts match it.
/// An unknown key, a disabled key and a wrong signature have the same message.
fn describe_refused(refused: &AuthFailure, language: Language) -> Described {
    let gateway = |detail: String| Described {
        entry: SIGNATURE,
        message: format!("{}: {detail}", SIGNATURE.en),
        field: None,
    };
    match refused {
        AuthFailure::Missing
        | AuthFailure::Token(_)
        | AuthFailure::WrongKind
        | AuthFailure::TokenUnusable { .. }
        | AuthFailure::Identity { .. }
        | AuthFailure::Password
        | AuthFailure::PasswordLocked { .. } => Described {
            entry: UNAUTHENTICATED,
            message: UNAUTHENTICATED.text(language).to_owned(),
            field: None,
        },
        AuthFailure::Malformed(detail) => gateway(detail.clone()),
        AuthFailure::SignatureExpired { signed, server } => gateway(format!(
            "calc aksk signature fail:signature expired, signature time:{signed},server time:{server}"
        )),
        AuthFailure::KeyExpired { at } => gateway(format!("token expires, expires_at:{at}")),
        AuthFailure::Replayed => gateway(
            "the signature was used before: a signed request that changes something is accepted once; sign it again with the current time".into(),
        ),
        AuthFailure::Locked => gateway("AK access failed to reach the limit,forbidden.".into()),
        AuthFailure::Signature { canonical_request, .. } => {
            gateway(format!("verify aksk signature fail,canonicalRequest:{canonical_request}"))
        }
    }
}

/// The values that the origin check compared, and why the server may know another address than the browser.
fn other_origin(
    sent: &str,
    expected: &str,
    ignored_proxy: Option<std::net::IpAddr>,
    language: Language,
) -> String {
    let sent = if sent.is_empty() { language.pick("（未提供）", "(none)") } else { sent };
    let mut message = language
        .pick(
            &format!("表单的来源是 {sent}，而服务器的地址是 {expected}。"),
            &format!("The origin of the form is {sent}, and the address of this server is {expected}."),
        )
        .to_owned();
    if let Some(proxy) = ignored_proxy {
        message += language.pick(
            &format!("已忽略 {proxy} 的 X-Forwarded-* 请求头，因为 --proxies 未列出该地址。"),
            &format!(" The X-Forwarded headers of {proxy} are ignored because --proxies does not list this address."),
        );
    }
    message
}

/// The message for a missing object, by the noun of the domain.
fn absent(noun: &str, language: Language) -> Option<&'static str> {
    Some(match noun {
        "job" => language.pick("任务不存在", "No such job"),
        "user" => language.pick("用户不存在", "No such user"),
        "member" => language.pick("成员不存在", "No such member"),
        "key" => language.pick("访问密钥不存在", "No such access key"),
        "identity" => language.pick("外部账号不存在", "No such identity"),
        "provider" => language.pick("身份提供方不存在", "No such identity provider"),
        "token" => language.pick("令牌不存在", "No such token"),
        "commit" => language.pick("提交不存在", "No such commit"),
        "branch" => language.pick("分支不存在", "No such branch"),
        "tag" => language.pick("标签不存在", "No such tag"),
        "webhook" => language.pick("Webhook 不存在", "No such webhook"),
        "destination" => language.pick("转发目标不存在", "No such destination"),
        "forwarded state" => language.pick("转发状态不存在", "No such forwarded state"),
        "page" => language.pick("页面不存在", "No such page"),
        "document" => language.pick("文档不存在", "No such document"),
        "gate" => language.pick("门禁规则的版本不存在", "No such version of the rules"),
        "override" => language.pick("放行记录不存在", "No such override"),
        "delivery" => language.pick("投递记录不存在", "No such delivery"),
        // The Chinese text is that of the hosted service.
        "merge request" => language.pick("MR信息未找到", "No such merge request"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::error::{Invalid, Problem};
    use domain::model::roles::Scope;

    #[test]
    fn codes_are_unique_and_have_texts_in_both_languages() {
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
            let refused = AuthFailure::Signature { canonical_request: "GET|/|".into(), reason };
            describe(&Error::Unauthenticated(refused), Language::English).message
        };
        assert_eq!(refused("no such access key"), refused("the signature differs"));
    }

    #[test]
    fn the_message_names_the_required_scope() {
        let error = Error::InsufficientScope { needed: Scope::Report };
        for (language, word) in [(Language::Chinese, "令牌"), (Language::English, "token")] {
            let described = describe(&error, language);
            assert_eq!((described.entry.code, described.entry.status), ("CH.080403", 403));
            assert!(described.message.contains("report") && described.message.contains(word));
        }
        let message = describe(&error, Language::English).message;
        assert_eq!(message, "The scope of this token is too narrow: this call requires report.");
    }

    #[test]
    fn the_message_names_the_missing_object() {
        for noun in [
            "job",
            "user",
            "member",
            "key",
            "token",
            "commit",
            "branch",
            "webhook",
            "destination",
            "forwarded state",
            "delivery",
            "gate",
            "override",
            "merge request",
            "page",
        ] {
            for language in [Language::Chinese, Language::English] {
                let described = describe(&Error::NotFound { noun }, language);
                assert_eq!((described.entry.code, described.entry.status), ("CH.000404", 404), "{noun}");
                assert_ne!(described.message, NOT_FOUND.text(language), "{noun}");
            }
        }
        let message = |error: Error, language| describe(&error, language).message;
        assert_eq!(message(Error::NotFound { noun: "job" }, Language::Chinese), "任务不存在");
        assert_eq!(message(Error::NotFound { noun: "job" }, Language::English), "No such job");
        assert_eq!(message(Error::PipelineNotFound, Language::Chinese), "流水线不存在");
        assert_eq!(message(Error::PipelineNotFound, Language::English), "No such pipeline");
    }

    #[test]
    fn the_message_names_the_invalid_parameter() {
        let invalid = Invalid::new("limit", Problem::OutOfRange { min: 1, max: 100 });
        let described = describe(&invalid.into(), Language::English);
        assert_eq!(described.entry.code, "CH.00401999");
        assert_eq!(described.message, "'limit': It must be between 1 and 100.");
    }
}
