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
            format!("没有访问密钥 {access}：检查 AK 是否抄错，或已被删除。"),
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
            format!("这是临时访问密钥，已于 {} 过期：重新获取一个。", time(*at)),
            format!("It is a temporary access key that expired at {}: get a new one.", time(*at)),
        ),
        Finding::SecurityTokenMissing => (
            "security_token_missing",
            "这是临时访问密钥，请求缺少 X-Security-Token 头（或被中途去掉）。".into(),
            "It is a temporary access key, and the request has no X-Security-Token header (or a proxy removed it).".into(),
        ),
        Finding::SecurityTokenWrong => (
            "security_token_wrong",
            "X-Security-Token 不属于这个临时访问密钥。".into(),
            "X-Security-Token does not belong to this temporary access key.".into(),
        ),
        Finding::Locked => (
            "locked",
            "连续失败超过 5 次：来自该地址的这个密钥被锁定 5 分钟，其间签名正确也会被拒绝。".into(),
            "More than 5 failures in a row: the key is locked for this address for 5 minutes. Until then even a correct signature is refused.".into(),
        ),
        Finding::Old { signed } => (
            "old",
            format!("签名时间是 {signed}，距现在已超过 15 分钟：原样重发会因过期被拒绝。"),
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
            "签名本身正确：密钥是对的，请求也没有被改动。".into(),
            "The signature is correct: the secret key is right, and the request was not changed.".into(),
        ),
        SignatureFinding::BodyNotCovered => (
            "body_not_covered",
            "签名正确，但没有覆盖请求体（UNSIGNED-PAYLOAD）：请用 application/json 发送，使请求体参与签名。".into(),
            "The signature is correct, but does not cover the body (UNSIGNED-PAYLOAD): send it as application/json, so that it is signed.".into(),
        ),
        SignatureFinding::ClockOff { signed, ahead } => clock(*signed, *ahead),
        SignatureFinding::DateInvalid => (
            "date_invalid",
            "X-Sdk-Date 必须恰好出现一次，形如 20260131T235959Z。".into(),
            "X-Sdk-Date must occur exactly once, in the form 20260131T235959Z.".into(),
        ),
        SignatureFinding::OtherDay => (
            "other_day",
            "Credential 中的日期与 X-Sdk-Date 不是同一天。".into(),
            "The day in Credential is not the day of X-Sdk-Date.".into(),
        ),
        SignatureFinding::HeaderMissing { name } => (
            "header_missing",
            format!("已签名的头 {name} 没有到达：途中被去掉了。"),
            format!("The signed header {name} did not arrive: a proxy removed it."),
        ),
        SignatureFinding::HeaderIllegal => (
            "header_illegal",
            "某个已签名的头包含换行或 NUL。".into(),
            "The value of a signed header contains a line break or NUL.".into(),
        ),
        SignatureFinding::StatedHash => (
            "stated_hash",
            "请求声明的请求体哈希与收到的不符：请求体在途中被改动。".into(),
            "The body hash stated in the request differs from that of the received body: the body was changed in transit.".into(),
        ),
        SignatureFinding::HeaderRepeated { name } => (
            "header_repeated",
            format!("头 {name} 只能出现一次，却收到了多次。"),
            format!("The header {name} may occur only once, but arrived several times."),
        ),
        SignatureFinding::BodyUnknown => (
            "body_unknown",
            "捕获的内容不含请求体，而 Content-Length 表明有请求体：没有它无法验证签名。curl -v 不打印请求体；请提供包含请求体的原始请求，或使用 explain-signature --last。".into(),
            "The capture lacks the body, or a part of it, although Content-Length states one: without it the signature cannot be verified. curl -v does not print it; give the raw request with its body, or use explain-signature --last.".into(),
        ),
        SignatureFinding::Method { signed } => (
            "method",
            format!("签名时的方法是 {signed}：途中被改成了别的。"),
            format!("The signed method is {signed}: the method was changed in transit."),
        ),
        SignatureFinding::Path { signed } => (
            "path",
            format!("签名时的路径是 {signed}：代理改写或重新编码了路径。"),
            format!("The signed path is {signed}: a proxy rewrote or re-encoded it."),
        ),
        SignatureFinding::Query { signed } => (
            "query",
            format!("签名时的查询串是“{signed}”：途中增减了参数，或改变了编码。"),
            format!("The signed query is '{signed}': a parameter was added, removed or encoded differently."),
        ),
        SignatureFinding::Header { name, signed } => (
            "header",
            format!("签名时头 {name} 的值是“{signed}”：途中被改动（例如代理没有保留它）。"),
            format!("The header {name} was signed as '{signed}': it was changed in transit, for example by a proxy that does not preserve it."),
        ),
        SignatureFinding::Body(change) => body(*change),
        SignatureFinding::OtherKey { access_key } => (
            "other_key",
            format!("这是用访问密钥 {access_key} 的 SK 签名的：AK 与 SK 不成对。"),
            format!("It was signed with the secret of the access key {access_key}: AK and SK are not a pair."),
        ),
        SignatureFinding::SecretPadded => (
            "secret_padded",
            "签名用的 SK 末尾多了空白或换行：读取后去掉它。".into(),
            "The secret key of the signer ends with white space or a line break: trim it after reading it.".into(),
        ),
        SignatureFinding::SignerTextFits => (
            "signer_fits",
            "按发送方的规范请求，签名是正确的：SK 没有问题，请求在途中被改动了，见第一处不同的行。".into(),
            "The signature matches the canonical request of the sender: the secret key is right, and the request was changed in transit; see the first line that differs.".into(),
        ),
        SignatureFinding::SignerTextDoesNotFit => (
            "signer_does_not_fit",
            "按发送方自己的规范请求，签名也不正确：SK 与服务器上的不同，或待签字符串有误。".into(),
            "The signature does not match the canonical request of the sender either: its secret key differs from the server's, or its string to sign is wrong.".into(),
        ),
        // Also covers the findings of a newer version of the library.
        _ => (
            "unexplained",
            "没有哪一处已知的改动能解释它：最可能是 SK 不对。请逐行比较规范请求。".into(),
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
            "发送方的时钟比服务器{zh}约 {minutes} 分钟（X-Sdk-Date 为 {signed}）：签名在 15 分钟内有效，请校准时钟，且每次请求都重新签名。"
        ),
        format!(
            "The sender's clock is about {minutes} minutes {en} of the server's (X-Sdk-Date is {signed}). Signatures are valid for 15 minutes: set the clock, and sign each request again."
        ),
    )
}

fn body(change: BodyChange) -> CodedText {
    let (zh, en) = match change {
        BodyChange::WasEmpty => {
            ("签名时请求体是空的。", "An empty body was signed, but another one arrived.")
        }
        BodyChange::WasUnsigned => (
            "签名时没有包含请求体（UNSIGNED-PAYLOAD），而这里要求包含。",
            "The body was not signed (UNSIGNED-PAYLOAD), but must be.",
        ),
        BodyChange::LostLineEnd => {
            ("请求体末尾的换行在途中丢失。", "The body lost its final line break in transit.")
        }
        BodyChange::GainedLineEnd => {
            ("请求体末尾在途中多了换行。", "The body gained a final line break in transit.")
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
