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
        operation("Webhooks", ("列出 webhook", "List webhooks"), ("先建的在前。", "The oldest first."))
            .returns::<WebhookList>(200),
        operation(
            "CreateWebhook",
            ("创建 webhook", "Create a webhook"),
            (
                "事件将发送到该地址；密钥只在此次应答中给出。",
                "Events are sent to its address. The secret is in this answer only.",
            ),
        )
        .takes::<NewWebhook>()
        .returns::<Webhook>(201),
        operation("Webhook", ("查询 webhook", "Show a webhook"), ("一个 webhook。", "One webhook."))
            .returns::<Webhook>(200),
        operation(
            "ChangeWebhook",
            ("修改 webhook", "Change a webhook"),
            ("未给出的字段不变。", "What is absent stays."),
        )
        .takes::<WebhookChange>()
        .returns::<Webhook>(200),
        operation(
            "DeleteWebhook",
            ("删除 webhook", "Delete a webhook"),
            ("等待中的消息一并删除。", "What waits for it goes with it."),
        )
        .returns_nothing(204),
        operation(
            "RotateWebhookSecret",
            ("更换 webhook 密钥", "Give a webhook a new secret"),
            ("旧密钥在 24 小时内继续签名。", "The old one signs as well for 24 hours."),
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
            ("发送一条测试消息。", "Sends a message that says only that it is a test."),
        )
        .returns::<Delivery>(202),
        operation(
            "Deliveries",
            ("列出投递", "List deliveries"),
            ("最新的在前，保留七天。", "The newest first; kept for seven days."),
        )
        .query("before limit")
        .returns::<DeliveryList>(200),
        operation(
            "Delivery",
            ("查询投递", "Show a delivery"),
            ("一次投递，含所发送的内容。", "One delivery, with what was sent."),
        )
        .returns::<Delivery>(200),
        operation(
            "Redeliver",
            ("重新投递", "Send a delivery again"),
            ("以同一编号、同样的内容再次发送。", "Under the same id, byte for byte."),
        )
        .returns::<Delivery>(202),
    ]
}
