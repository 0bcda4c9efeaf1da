//! Destinations and forwarded states.

use crate::openapi::operation::{Operation, operation};
use wire::native::destinations::{
    Destination, DestinationChange, DestinationList, ForwardedState, ForwardedStateList, NewDestination,
    RetriedStates,
};

pub fn operations() -> Vec<Operation> {
    let mut all = destinations();
    all.extend(states());
    all
}

fn destinations() -> Vec<Operation> {
    vec![
        operation(
            "Destinations",
            ("查询转发目标列表", "List destinations"),
            ("按创建时间升序。", "Oldest first."),
        )
        .returns::<DestinationList>(200),
        operation(
            "CreateDestination",
            ("创建转发目标", "Create a destination"),
            (
                "此后上报的提交状态将转发到该代码托管平台。",
                "The forge receives commit statuses that are reported from now on.",
            ),
        )
        .takes::<NewDestination>()
        .returns::<Destination>(201),
        operation(
            "Destination",
            ("查询转发目标", "Show a destination"),
            ("转发目标的详情，不含令牌。", "One destination, without the token."),
        )
        .returns::<Destination>(200),
        operation(
            "ChangeDestination",
            ("修改转发目标", "Change a destination"),
            (
                "未指定的字段保持不变；立即重试未送达的状态。",
                "Absent fields stay unchanged. States that are not sent are retried immediately.",
            ),
        )
        .takes::<DestinationChange>()
        .returns::<Destination>(200),
        operation(
            "DeleteDestination",
            ("删除转发目标", "Delete a destination"),
            ("待发送的状态将一并删除。", "Pending states are deleted as well."),
        )
        .returns_nothing(204),
    ]
}

fn states() -> Vec<Operation> {
    vec![
        operation(
            "TestDestination",
            ("测试转发目标", "Test a destination"),
            (
                "读取一次目标项目，不发送状态。测试结果记录在返回的转发状态中。",
                "Reads the project at the forge once without sending a status. The result is recorded in the returned state.",
            ),
        )
        .returns::<ForwardedState>(202),
        operation(
            "RetryDestination",
            ("重试未送达的状态", "Retry states that are not sent"),
            (
                "立即重试待发送和已停止的状态。",
                "Retries all pending and stopped states immediately.",
            ),
        )
        .returns::<RetriedStates>(202),
        operation(
            "ForwardedStates",
            ("查询转发状态列表", "List forwarded states"),
            (
                "每个提交和名称（context）对应一条，最新的在前。",
                "One state for each commit and context, newest first.",
            ),
        )
        .query("sha progress before limit")
        .returns::<ForwardedStateList>(200),
        operation(
            "ForwardedState",
            ("查询转发状态", "Show a forwarded state"),
            ("转发状态的详情。", "One forwarded state."),
        )
        .returns::<ForwardedState>(200),
    ]
}
