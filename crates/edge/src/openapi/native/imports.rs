//! Import.

use crate::openapi::operation::{Operation, operation};
use wire::native::imports::{ImportLine, ImportResult};

pub fn operations() -> Vec<Operation> {
    vec![
        operation(
            "Import",
            ("导入", "Import"),
            (
                "NDJSON，每行一个仓库或一条完整的流水线，逐行、按序给出结果；可重复发送。",
                "NDJSON, a repository or a whole pipeline a line, each answered on its own and in order; may be sent again.",
            ),
        )
        .takes_lines::<ImportLine>()
        .returns_lines::<ImportResult>(200),
    ]
}
