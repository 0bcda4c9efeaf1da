//! Subscriptions.

use crate::openapi::operation::{Operation, operation};
use wire::native::subscriptions::{NewSubscription, Subscription, SubscriptionChange, SubscriptionList};
use wire::native::webhooks::DeliveryList;

pub fn operations() -> Vec<Operation> {
    vec![
        operation(
            "Subscriptions",
            ("查询个人订阅列表", "List your subscriptions"),
            ("调用者自己的订阅，按创建时间升序。", "Those of the caller, oldest first."),
        )
        .returns::<SubscriptionList>(200),
        operation(
            "Subscribe",
            ("创建个人订阅", "Subscribe"),
            (
                "流水线或任务失败、恢复成功，或门禁结论变更时，向聊天系统发送消息。每次发送前检查调用者是否仍有权查看仓库。",
                "Sends a message to a chat system when a pipeline or job fails or is fixed, or a verdict changes. The caller's right to read the repository is checked before each message.",
            ),
        )
        .takes::<NewSubscription>()
        .returns::<Subscription>(201)
        .errors_with(&[403, 404]),
        operation(
            "ChangeSubscription",
            ("修改个人订阅", "Change a subscription"),
            ("未指定的字段保持不变。", "Absent fields stay unchanged."),
        )
        .takes::<SubscriptionChange>()
        .returns::<Subscription>(200)
        .errors_with(&[403, 404]),
        operation(
            "Unsubscribe",
            ("删除个人订阅", "Unsubscribe"),
            ("待发送的消息将一并删除。", "Its pending messages are deleted too."),
        )
        .returns_nothing(204)
        .errors_with(&[403, 404]),
        operation(
            "SubscriptionDeliveries",
            ("查询个人订阅的投递记录", "List the deliveries of a subscription"),
            (
                "最新的在前，保留 7 天，不含请求体和响应体。",
                "Newest first; kept for seven days; without the bodies of requests and responses.",
            ),
        )
        .query("before limit")
        .returns::<DeliveryList>(200)
        .errors_with(&[404]),
        operation(
            "TestSubscription",
            ("测试个人订阅", "Test a subscription"),
            ("发送一条测试消息。", "Sends a test message."),
        )
        .returns_nothing(204)
        .errors_with(&[403, 404]),
    ]
}
