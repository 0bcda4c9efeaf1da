//! Why a signature does not fit.

use crate::openapi::operation::{Operation, operation};
use wire::native::signatures::{CapturedRequest, Explanation, FailureList};

pub fn operations() -> Vec<Operation> {
    vec![
        operation(
            "SignatureFailures",
            ("查询被拒绝的签名", "List signatures that were refused"),
            (
                "服务最近拒绝的、某个访问密钥的签名，以及可能的原因。",
                "Signatures of an access key that the server refused of late, and what may be the cause.",
            ),
        )
        .query("limit")
        .returns::<FailureList>(200)
        .errors_with(&[403, 404]),
        operation(
            "ExplainSignature",
            ("解释签名为何不符", "Explain why a signature does not fit"),
            (
                "给出抓取到的请求，逐步说明规范请求、待签字符串和差异。",
                "Give a captured request; told are the canonical request, the string to sign, and where they differ.",
            ),
        )
        .takes::<CapturedRequest>()
        .returns::<Explanation>(200)
        .errors_with(&[403, 404]),
    ]
}
