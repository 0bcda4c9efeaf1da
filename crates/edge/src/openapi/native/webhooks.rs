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
        operation("Webhooks", ("列出 webhook", "List webhooks"), ("先建的在前。", "Oldest first."))
            .returns::<WebhookList>(200),
        operation(
            "CreateWebhook",
            ("创建 webhook", "Create a webhook"),
            (
                "事件将发送到该地址；密钥只在本次响应中返回。",
                "Events are sent to its URL. The secret is only in this response.",
            ),
        )
        .takes::<NewWebhook>()
        .returns::<Webhook>(201),
        operation("Webhook", ("查询 webhook", "Show a webhook"), ("一个 webhook。", "One webhook."))
            .returns::<Webhook>(200),
        operation(
            "ChangeWebhook",
            ("修改 webhook", "Change a webhook"),
            ("未给出的字段不变。", "Absent fields stay unchanged."),
        )
        .takes::<WebhookChange>()
        .returns::<Webhook>(200),
        operation(
            "DeleteWebhook",
            ("删除 webhook", "Delete a webhook"),
            ("等待中的消息一并删除。", "Its pending deliveries are deleted too."),
        )
        .returns_nothing(204),
        operation(
            "RotateWebhookSecret",
            ("更换 webhook 密钥", "Rotate the secret of a webhook"),
            ("旧密钥在 24 小时内继续签名。", "The old secret also signs for 24 hours."),
        )
        .may_take::<NewSecret>()
        .returns::<Webhook>(200),
    ]
}

fn deliveries() -> Vec<Operation> {
    vec![
        operation(
            "TestWebhook",
            ("测试 webhook", "Test a webhook"),
            ("发送一条测试消息。", "Sends a test message."),
        )
        .returns::<Delivery>(202),
        operation(
            "Deliveries",
            ("列出投递", "List deliveries"),
            ("最新的在前，保留七天。", "Newest first; retained for seven days."),
        )
        .query("before limit")
        .returns::<DeliveryList>(200),
        operation(
            "Delivery",
            ("查询投递", "Show a delivery"),
            ("一次投递，含所发送的内容。", "One delivery, with the content that was sent."),
        )
        .returns::<Delivery>(200),
        operation(
            "Redeliver",
            ("重新投递", "Redeliver a message"),
            ("以同一编号、同样的内容再次发送。", "Sends the same content with the same id again."),
        )
        .returns::<Delivery>(202),
    ]
}
