//! Webhooks and their deliveries.

use crate::openapi::operation::{Operation, operation};
use wire::native::webhooks::{
    Delivery, DeliveryList, NewSecret, NewWebhook, Webhook, WebhookChange, WebhookList,
};

pub fn operations() -> Vec<Operation> {
    let mut all = webhooks();
    all.extend(deliveries());
    all
}

fn webhooks() -> Vec<Operation> {
    vec![
        operation("Webhooks", ("查询 Webhook 列表", "List webhooks"), ("按创建时间升序。", "Oldest first."))
            .returns::<WebhookList>(200),
        operation(
            "CreateWebhook",
            ("创建 Webhook", "Create a webhook"),
            (
                "事件将发送到该 URL；签名密钥仅在本次响应中返回。",
                "Events are sent to the URL. Only this response contains the secret.",
            ),
        )
        .takes::<NewWebhook>()
        .returns::<Webhook>(201),
        operation("Webhook", ("查询 Webhook", "Show a webhook"), ("Webhook 的详情。", "One webhook."))
            .returns::<Webhook>(200),
        operation(
            "ChangeWebhook",
            ("修改 Webhook", "Change a webhook"),
            ("未指定的字段保持不变。", "Absent fields stay unchanged."),
        )
        .takes::<WebhookChange>()
        .returns::<Webhook>(200),
        operation(
            "DeleteWebhook",
            ("删除 Webhook", "Delete a webhook"),
            ("待发送的消息将一并删除。", "Pending deliveries are deleted as well."),
        )
        .returns_nothing(204),
        operation(
            "RotateWebhookSecret",
            ("轮换 Webhook 签名密钥", "Rotate the secret of a webhook"),
            ("旧密钥在 24 小时内仍用于签名。", "The old secret is also used to sign for 24 hours."),
        )
        .may_take::<NewSecret>()
        .returns::<Webhook>(200),
    ]
}

fn deliveries() -> Vec<Operation> {
    vec![
        operation(
            "TestWebhook",
            ("测试 Webhook", "Test a webhook"),
            ("发送一条测试消息。", "Sends a test message."),
        )
        .returns::<Delivery>(202),
        operation(
            "Deliveries",
            ("查询投递记录列表", "List deliveries"),
            ("最新的在前，保留 7 天。", "Newest first; kept for seven days."),
        )
        .query("before limit")
        .returns::<DeliveryList>(200),
        operation(
            "Delivery",
            ("查询投递记录", "Show a delivery"),
            ("投递的详情，包含发送的内容。", "One delivery, with the content that was sent."),
        )
        .returns::<Delivery>(200),
        operation(
            "Redeliver",
            ("重新投递", "Redeliver a message"),
            ("以相同的 ID 和内容再次发送。", "Sends the same content with the same id again."),
        )
        .returns::<Delivery>(202),
    ]
}
