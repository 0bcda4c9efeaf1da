//! The explanation of a signature: its findings as text in both languages.

use super::time;
use crate::auth::Failure;
use crate::language::Language;
use domain::Timestamp;
use wire::native::signatures as native;
use wire::signing::{
    Authorization, BodyChange, Difference, Finding as SignatureFinding, Part, ReceivedRequest, SdkDate,
};

/// A finding.
pub enum Finding {
    /// About the signature itself.
    Signature(SignatureFinding),
    /// The access key does not exist.
    KeyUnknown,
    /// The key is disabled.
    KeyDisabled,
    /// The user of the key is disabled.
    UserDisabled,
    /// The temporary access key has expired.
    KeyExpired {
        /// The time of expiry.
        at: Timestamp,
    },
    /// The access key is temporary, and the request has no security token.
    SecurityTokenMissing,
    /// The security token belongs to another access key.
    SecurityTokenWrong,
    /// The access key is locked for the address now.
    Locked,
    /// The signature is too old to be sent now.
    Old {
        /// The time of signing.
        signed: SdkDate,
    },
}

/// The signature that is explained.
pub struct ExplainedRequest<'a> {
    /// The `Authorization` header.
    pub authorization: &'a Authorization,
    /// The request.
    pub request: &'a ReceivedRequest,
    /// The failure, if this server received the request.
    pub received: Option<&'a Failure>,
}

/// The explanation: the texts of the server and of the signer, their first difference, and the findings.
pub fn explanation(
    explained: ExplainedRequest<'_>,
    (canonical_request, string_to_sign): (String, &[u8]),
    (signer_canonical_request, difference): (Option<String>, Option<Difference>),
    findings: &[Finding],
    language: Language,
) -> native::Explanation {
    let ExplainedRequest { authorization, request, received } = explained;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    native::Explanation {
        access_key: authorization.access_key().to_owned(),
        algorithm: authorization.algorithm().name().to_owned(),
        request: format!("{} {}", request.method(), text(request.target())),
        received: received.map(|failure| native::Received {
            at: time(failure.at),
            request_id: failure.request_id.clone(),
            from: failure.from.map(|from| from.to_canonical().to_string()),
        }),
        canonical_request,
        string_to_sign: text(string_to_sign),
        signer_canonical_request,
        difference: difference.map(|d| native::Difference {
            line: d.line,
            part: part(&d.part).to_owned(),
            signer: d.signer,
            server: d.server,
        }),
        findings: findings
            .iter()
            .map(|finding| finding_text(finding, authorization.access_key(), language))
            .collect(),
    }
}

fn part(part: &Part) -> &'static str {
    match part {
        Part::Method => "method",
        Part::Path => "path",
        Part::Query => "query",
        Part::Header(_) => "header",
        Part::SignedHeaders => "signed_headers",
        Part::Body => "body",
    }
}

fn finding_text(finding: &Finding, access: &str, language: Language) -> native::Finding {
    let (code, zh, en) = match finding {
        Finding::Signature(finding) => signature(finding),
        Finding::KeyUnknown => (
            "key_unknown",
            format!("访问密钥 {access} 不存在：AK 可能有误，或该密钥已被删除。"),
            format!("There is no access key {access}: it is misspelled or was deleted."),
        ),
        Finding::KeyDisabled => {
            ("key_disabled", format!("访问密钥 {access} 已停用。"), format!("The access key {access} is disabled."))
        }
        Finding::UserDisabled => (
            "user_disabled",
            format!("访问密钥 {access} 所属的用户已停用。"),
            format!("The user of the access key {access} is disabled."),
        ),
        Finding::KeyExpired { at } => (
            "key_expired",
            format!("该临时访问密钥已于 {} 过期，请重新获取。", time(*at)),
            format!("It is a temporary access key that expired at {}: get a new one.", time(*at)),
        ),
        Finding::SecurityTokenMissing => (
            "security_token_missing",
            "该密钥为临时访问密钥，但请求中没有 X-Security-Token 请求头（或在传输中丢失）。".into(),
            "It is a temporary access key, and the request has no X-Security-Token header (or a proxy removed it).".into(),
        ),
        Finding::SecurityTokenWrong => (
            "security_token_wrong",
            "X-Security-Token 不属于该临时访问密钥。".into(),
            "X-Security-Token does not belong to this temporary access key.".into(),
        ),
        Finding::Locked => (
            "locked",
            "连续失败超过 5 次：该密钥对此地址锁定 5 分钟，其间签名正确的请求也会被拒绝。".into(),
            "More than 5 failures in a row: the key is locked for this address for 5 minutes. Until then even a correct signature is refused.".into(),
        ),
        Finding::Old { signed } => (
            "old",
            format!("签名时间为 {signed}，与当前时间相差超过 15 分钟：原样重发会因签名过期被拒绝。"),
            format!("It was signed at {signed}, more than 15 minutes from now: if sent again unchanged, it is refused as expired."),
        ),
    };
    native::Finding { code: code.to_owned(), text: language.pick(&zh, &en).to_owned() }
}

/// Code, Chinese and English.
type CodedText = (&'static str, String, String);

fn signature(finding: &SignatureFinding) -> CodedText {
    match finding {
        SignatureFinding::Fits => (
            "fits",
            "签名正确：SK 正确，请求未被修改。".into(),
            "The signature is correct: the secret key is right, and the request was not changed.".into(),
        ),
        SignatureFinding::BodyNotCovered => (
            "body_not_covered",
            "签名正确，但未包含请求体（UNSIGNED-PAYLOAD）：请以 application/json 发送，使请求体参与签名。".into(),
            "The signature is correct, but does not cover the body (UNSIGNED-PAYLOAD): send it as application/json, so that it is signed.".into(),
        ),
        SignatureFinding::ClockOff { signed, ahead } => clock(*signed, *ahead),
        SignatureFinding::DateInvalid => (
            "date_invalid",
            "X-Sdk-Date 必须出现且仅出现一次，格式如 20260131T235959Z。".into(),
            "X-Sdk-Date must occur exactly once, in the form 20260131T235959Z.".into(),
        ),
        SignatureFinding::OtherDay => (
            "other_day",
            "Credential 中的日期与 X-Sdk-Date 不是同一天。".into(),
            "The day in Credential is not the day of X-Sdk-Date.".into(),
        ),
        SignatureFinding::HeaderMissing { name } => (
            "header_missing",
            format!("已签名的请求头 {name} 在传输中丢失。"),
            format!("The signed header {name} did not arrive: a proxy removed it."),
        ),
        SignatureFinding::HeaderIllegal => (
            "header_illegal",
            "某个已签名的请求头的值包含换行符或 NUL。".into(),
            "The value of a signed header contains a line break or NUL.".into(),
        ),
        SignatureFinding::StatedHash => (
            "stated_hash",
            "请求声明的请求体哈希与收到的请求体不一致：请求体在传输中被修改。".into(),
            "The body hash stated in the request differs from that of the received body: the body was changed in transit.".into(),
        ),
        SignatureFinding::HeaderRepeated { name } => (
            "header_repeated",
            format!("请求头 {name} 只能出现一次，但收到了多个。"),
            format!("The header {name} may occur only once, but arrived several times."),
        ),
        SignatureFinding::BodyUnknown => (
            "body_unknown",
            "抓取的请求缺少请求体或请求体不完整，但 Content-Length 表明有请求体，因此无法校验签名。curl -v 不打印请求体；请提供包含请求体的原始请求，或使用 explain-signature --last。".into(),
            "The capture lacks the body, or a part of it, although Content-Length states one: without it the signature cannot be verified. curl -v does not print it; give the raw request with its body, or use explain-signature --last.".into(),
        ),
        SignatureFinding::Method { signed } => (
            "method",
            format!("签名时的请求方法为 {signed}：请求方法在传输中被修改。"),
            format!("The signed method is {signed}: the method was changed in transit."),
        ),
        SignatureFinding::Path { signed } => (
            "path",
            format!("签名时的路径为 {signed}：代理改写了路径，或对路径重新编码。"),
            format!("The signed path is {signed}: a proxy rewrote or re-encoded it."),
        ),
        SignatureFinding::Query { signed } => (
            "query",
            format!("签名时的查询字符串为“{signed}”：参数在传输中被增加、删除或重新编码。"),
            format!("The signed query is '{signed}': a parameter was added, removed or encoded differently."),
        ),
        SignatureFinding::Header { name, signed } => (
            "header",
            format!("签名时请求头 {name} 的值为“{signed}”：该值在传输中被修改，例如代理未保留原值。"),
            format!("The header {name} was signed as '{signed}': it was changed in transit, for example by a proxy that does not preserve it."),
        ),
        SignatureFinding::Body(change) => body(*change),
        SignatureFinding::OtherKey { access_key } => (
            "other_key",
            format!("签名使用了访问密钥 {access_key} 的 SK：AK 与 SK 不匹配。"),
            format!("It was signed with the secret of the access key {access_key}: AK and SK are not a pair."),
        ),
        SignatureFinding::SecretPadded => (
            "secret_padded",
            "签名使用的 SK 末尾有多余的空白或换行，请在读取后去除。".into(),
            "The secret key of the signer ends with white space or a line break: trim it after reading it.".into(),
        ),
        SignatureFinding::SignerTextFits => (
            "signer_fits",
            "签名与发送方的规范请求一致：SK 正确，请求在传输中被修改，请查看第一处不同的行。".into(),
            "The signature matches the canonical request of the sender: the secret key is right, and the request was changed in transit; see the first line that differs.".into(),
        ),
        SignatureFinding::SignerTextDoesNotFit => (
            "signer_does_not_fit",
            "签名与发送方的规范请求也不一致：SK 与服务器上的不同，或待签名字符串有误。".into(),
            "The signature does not match the canonical request of the sender either: its secret key differs from the server's, or its string to sign is wrong.".into(),
        ),
        // Also covers the findings of a newer version of the library.
        _ => (
            "unexplained",
            "未找到可以解释该签名的单处修改，最可能的原因是 SK 错误。请逐行比较规范请求。".into(),
            "No known single change explains it: most likely the secret key is wrong. Compare the canonical requests line by line.".into(),
        ),
    }
}

fn clock(signed: SdkDate, ahead: i64) -> CodedText {
    let minutes = ahead.unsigned_abs().div_ceil(60);
    let (zh, en) = if ahead > 0 { ("快", "ahead") } else { ("慢", "behind") };
    (
        "clock_off",
        format!(
            "发送方的时钟比服务器{zh}约 {minutes} 分钟（X-Sdk-Date 为 {signed}）：签名的有效期为 15 分钟，请校准时钟，并对每个请求重新签名。"
        ),
        format!(
            "The sender's clock is about {minutes} minutes {en} of the server's (X-Sdk-Date is {signed}). Signatures are valid for 15 minutes: set the clock, and sign each request again."
        ),
    )
}

fn body(change: BodyChange) -> CodedText {
    let (zh, en) = match change {
        BodyChange::WasEmpty => {
            ("签名时请求体为空，但收到的请求体不为空。", "An empty body was signed, but another one arrived.")
        }
        BodyChange::WasUnsigned => (
            "签名未包含请求体（UNSIGNED-PAYLOAD），但该请求的签名必须包含请求体。",
            "The body was not signed (UNSIGNED-PAYLOAD), but must be.",
        ),
        BodyChange::LostLineEnd => {
            ("请求体末尾的换行在传输中丢失。", "The body lost its final line break in transit.")
        }
        BodyChange::GainedLineEnd => {
            ("请求体末尾在传输中多出一个换行。", "The body gained a final line break in transit.")
        }
    };
    ("body", zh.into(), en.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_finding() -> Vec<Finding> {
        let (text, date) = (|| "x".to_owned(), SdkDate::from_unix_seconds(0));
        let of_signatures = [
            SignatureFinding::Fits,
            SignatureFinding::BodyNotCovered,
            SignatureFinding::ClockOff { signed: date, ahead: -3_600 },
            SignatureFinding::DateInvalid,
            SignatureFinding::OtherDay,
            SignatureFinding::HeaderMissing { name: text() },
            SignatureFinding::HeaderIllegal,
            SignatureFinding::StatedHash,
            SignatureFinding::HeaderRepeated { name: text() },
            SignatureFinding::BodyUnknown,
            SignatureFinding::Method { signed: text() },
            SignatureFinding::Path { signed: text() },
            SignatureFinding::Query { signed: text() },
            SignatureFinding::Header { name: text(), signed: text() },
            SignatureFinding::Body(BodyChange::WasEmpty),
            SignatureFinding::Body(BodyChange::WasUnsigned),
            SignatureFinding::Body(BodyChange::LostLineEnd),
            SignatureFinding::Body(BodyChange::GainedLineEnd),
            SignatureFinding::OtherKey { access_key: text() },
            SignatureFinding::SecretPadded,
            SignatureFinding::SignerTextFits,
            SignatureFinding::SignerTextDoesNotFit,
            SignatureFinding::Unexplained,
        ];
        let mut all: Vec<Finding> = of_signatures.into_iter().map(Finding::Signature).collect();
        all.extend([
            Finding::KeyUnknown,
            Finding::KeyDisabled,
            Finding::UserDisabled,
            Finding::KeyExpired { at: Timestamp::UNIX_EPOCH },
            Finding::SecurityTokenMissing,
            Finding::SecurityTokenWrong,
            Finding::Locked,
            Finding::Old { signed: date },
        ]);
        all
    }

    #[test]
    fn every_finding_has_texts_in_both_languages_and_is_documented() {
        let documented = include_str!("../../../../../docs/api/native.md");
        for finding in every_finding() {
            let (zh, en) = (
                finding_text(&finding, "AK", Language::Chinese),
                finding_text(&finding, "AK", Language::English),
            );
            assert_eq!(zh.code, en.code);
            assert!(en.text.is_ascii() && en.text.ends_with('.'), "{}: {}", en.code, en.text);
            assert!(zh.text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{}", zh.text);
            assert!(documented.contains(&format!("`{}`", zh.code)), "{} is not in the document", zh.code);
        }
    }

    #[test]
    fn a_clock_difference_is_stated_in_minutes_with_its_direction() {
        let text = |ahead| clock(SdkDate::from_unix_seconds(0), ahead).2;
        assert!(text(-901).contains("about 16 minutes behind"), "{}", text(-901));
        assert!(text(3_600).contains("about 60 minutes ahead"), "{}", text(3_600));
    }
}
