//! Import.

use crate::openapi::operation::{Operation, operation};
use wire::native::imports::{ImportLine, ImportResult};

pub fn operations() -> Vec<Operation> {
    vec![
        operation(
            "Import",
            ("导入", "Import"),
            (
                "NDJSON 格式，每行一个仓库或一条完整的流水线，按顺序逐行返回结果；可重复发送。",
                "NDJSON with one repository or one complete pipeline on each line. The response has a result for each line, in order. The request may be repeated.",
            ),
        )
        .takes_lines::<ImportLine>()
        .returns_lines::<ImportResult>(200),
    ]
}
