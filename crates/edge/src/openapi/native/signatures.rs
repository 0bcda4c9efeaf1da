//! Explanations of refused signatures.

use crate::openapi::operation::{Operation, operation};
use wire::native::signatures::{CapturedRequest, Explanation, FailureList};

pub fn operations() -> Vec<Operation> {
    vec![
        operation(
            "SignatureFailures",
            ("查询被拒绝的签名", "List refused signatures"),
            (
                "服务器最近拒绝的使用该访问密钥的签名，以及可能的原因。",
                "The recently refused signatures of an access key, with possible causes.",
            ),
        )
        .query("limit")
        .returns::<FailureList>(200)
        .errors_with(&[403, 404]),
        operation(
            "ExplainSignature",
            ("诊断被拒绝的签名", "Explain a refused signature"),
            (
                "提交抓取到的请求，返回规范请求、待签名字符串和差异。",
                "Takes a captured request. Returns the canonical request, the string to sign, and the first difference.",
            ),
        )
        .takes::<CapturedRequest>()
        .returns::<Explanation>(200)
        .errors_with(&[403, 404]),
    ]
}
