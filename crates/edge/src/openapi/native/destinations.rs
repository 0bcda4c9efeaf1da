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
                "此后上报的提交状态将转发到该代码平台。",
                "The forge receives the statuses of commits that are reported from now on.",
            ),
        )
        .takes::<NewDestination>()
        .returns::<Destination>(201),
        operation(
            "Destination",
            ("查询转发目标", "Show a destination"),
            ("转发目标的详情，不含令牌。", "One destination, without its token."),
        )
        .returns::<Destination>(200),
        operation(
            "ChangeDestination",
            ("修改转发目标", "Change a destination"),
            (
                "未指定的字段保持不变；未送达的状态将立即重试。",
                "Absent fields stay unchanged. What is not sent is tried again at once.",
            ),
        )
        .takes::<DestinationChange>()
        .returns::<Destination>(200),
        operation(
            "DeleteDestination",
            ("删除转发目标", "Delete a destination"),
            ("待发送的状态将一并删除。", "What waits to be sent is deleted too."),
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
                "读取一次目标项目，不发送状态。结果见返回的状态记录。",
                "Reads the project at the forge once, and sends no status. The returned state gets the result.",
            ),
        )
        .returns::<ForwardedState>(202),
        operation(
            "RetryDestination",
            ("重试未送达的状态", "Retry what is not sent"),
            (
                "立即重试等待中和已停止的状态。",
                "Tries everything again that waits or is stopped, at once.",
            ),
        )
        .returns::<RetriedStates>(202),
        operation(
            "ForwardedStates",
            ("查询转发状态列表", "List forwarded states"),
            (
                "每个提交和名称（context）一条，最新的在前。",
                "One for each commit and context, newest first.",
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
