//! Messages for people in the form of each chat system. Texts come from reports, so they are plain text: control
//! characters are removed, long ones are cut, and what a chat system would interpret is escaped.

use crate::language::Language;
use domain::Timestamp;
use domain::error::{Error, Result};
use domain::language::Text;
use domain::model::gates::Verdict;
use domain::model::notifications::{News, Notification, PipelineNews};
use domain::model::pipelines::filters::RefKind;
use domain::model::status::Status;
use domain::model::webhooks::content::Format;
use domain::model::webhooks::{Secret, Webhook};
use pages::links;
use serde_json::{Value, json};
use wire::chat;

/// Longest name in a message, in characters.
const NAME_MAX: usize = 80;
/// Longest text of a message to WeCom, in bytes.
const WECOM_MAX: usize = 2_048;
/// The shortest part of the URL of a chat that is removed from its answers: shorter ones are words.
const CREDENTIAL_MIN: usize = 9;
/// Longest error of a chat system that is kept, in characters.
const ERROR_MAX: usize = 200;

/// The words of a message.
struct Words {
    title: String,
    lines: Vec<String>,
    /// The page of what happened, if the server knows its public URL.
    link: Option<String>,
}

/// The body of a message, as it is stored: without what authenticates an attempt.
///
/// # Errors
/// [`Error::Internal`] if it cannot be serialized, which does not happen.
pub fn body(webhook: &Webhook, notification: &Notification, public_url: Option<&str>) -> Result<String> {
    let language = webhook.content.language;
    let words = words(notification, language, public_url);
    let message = match webhook.content.format {
        Format::Feishu => feishu(&words, language),
        Format::DingTalk => dingtalk(&words),
        Format::WeCom => wecom(&words),
        Format::Slack | Format::Signed | Format::Feed => slack(&words),
    };
    serde_json::to_string(&message)
        .map_err(|error| Error::Internal(format!("a message cannot be serialized: {error}")))
}

/// The URL and the body of an attempt now. Feishu takes the signature in the body, DingTalk in the URL; without a
/// secret nothing is signed.
pub fn authenticated(webhook: &Webhook, body: &str, now: Timestamp) -> (String, String) {
    let (url, secret) = (&webhook.url, webhook.secret.bytes());
    if secret.is_empty() {
        return (url.clone(), body.to_owned());
    }
    match webhook.content.format {
        Format::Feishu => (url.clone(), with_signature(body, &webhook.secret, now)),
        Format::DingTalk => {
            let at = now.as_millisecond();
            let sign = links::encode(&chat::dingtalk_signature(secret, at));
            let separator = if url.contains('?') { '&' } else { '?' };
            (format!("{url}{separator}timestamp={at}&sign={sign}"), body.to_owned())
        }
        Format::Slack | Format::WeCom | Format::Signed | Format::Feed => (url.clone(), body.to_owned()),
    }
}

fn with_signature(body: &str, secret: &Secret, now: Timestamp) -> String {
    let at = now.as_second();
    match serde_json::from_str(body) {
        Ok(Value::Object(mut message)) => {
            message.insert("timestamp".into(), at.to_string().into());
            message.insert("sign".into(), chat::feishu_signature(secret.bytes(), at).into());
            Value::Object(message).to_string()
        }
        // Only this server writes bodies.
        _ => body.to_owned(),
    }
}

/// Why a chat system did not take a message, though it answered with a success of HTTP: it has a code in the body.
pub fn refusal(format: Format, body: &str) -> Option<String> {
    let fields: &[&str] = match format {
        Format::Feishu => &["code", "StatusCode"],
        Format::DingTalk | Format::WeCom => &["errcode"],
        Format::Slack | Format::Signed | Format::Feed => return None,
    };
    let answer: Value = serde_json::from_str(body).ok()?;
    let code = fields.iter().find_map(|field| answer.get(field)?.as_i64()).filter(|code| *code != 0)?;
    let text = ["msg", "errmsg", "StatusMessage"].iter().find_map(|field| answer.get(field)?.as_str());
    let text: String = pages::sanitize(text.unwrap_or_default()).chars().take(ERROR_MAX).collect();
    Some(format!("the chat system refused the message with code {code}: {text}"))
}

/// The text of an answer without the credentials in the URL of the request, which some servers repeat in an error.
pub fn without_credentials(url: &str, text: &str) -> String {
    let (_, rest) = url.split_once("://").unwrap_or_default();
    let target = rest.find(['/', '?']).map_or("", |start| &rest[start..]);
    let parts = target.split(['/', '?', '&', '=']).filter(|part| part.len() >= CREDENTIAL_MIN);
    parts.fold(text.to_owned(), |text, part| text.replace(part, "…"))
}

fn words(notification: &Notification, language: Language, public_url: Option<&str>) -> Words {
    let path = plain(&notification.path);
    let repository = format!("/repositories/{}", notification.repository);
    let (title, lines, page) = match &notification.news {
        News::Pipeline(pipeline) => (
            format!("{}{path} #{}", result(pipeline.status, false).in_language(language), pipeline.id),
            pipeline_lines(pipeline, language),
            format!("/pipelines/{}", pipeline.id),
        ),
        News::Job { pipeline, id, stage, name, status } => (
            format!(
                "{}{path} {} / {}",
                result(*status, true).in_language(language),
                plain(stage),
                plain(name)
            ),
            pipeline_lines(pipeline, language),
            format!("/pipelines/{}/jobs/{id}", pipeline.id),
        ),
        News::Gate { sha, target, verdict, previous } => (
            format!("{}{path} {}", GATE.in_language(language), verdict_text(*verdict).in_language(language)),
            gate_lines(sha, target, *previous, language),
            links::address(&format!("/commits/{}", links::encode(sha)), &[("target", target)]),
        ),
        // Feishu and DingTalk demand a text below the title.
        News::Test => (
            format!("{}{path}", TEST.in_language(language)),
            vec![TEST_LINE.in_language(language).to_owned()],
            "/pipelines".to_owned(),
        ),
    };
    Words { title, lines, link: public_url.map(|url| format!("{url}{repository}{page}")) }
}

const GATE: Text = Text::new("门禁结论变更：", "Gate changed: ");
const TEST: Text = Text::new("Stagepost 测试消息：", "Test message of Stagepost: ");
const TEST_LINE: Text =
    Text::new("聊天系统接受了 Stagepost 的消息。", "The chat system accepts messages of Stagepost.");
const BRANCH: Text = Text::new("分支：", "Branch: ");
const TAG: Text = Text::new("标签：", "Tag: ");
const COMMIT: Text = Text::new("提交：", "Commit: ");
const AUTHOR: Text = Text::new("触发者：", "Started by: ");
const TARGET: Text = Text::new("目标分支：", "Target branch: ");
const BEFORE: Text = Text::new("此前：", "Before: ");
const OPEN: Text = Text::new("查看详情", "Open");

fn result(status: Status, of_job: bool) -> Text {
    match (status, of_job) {
        (Status::Success, false) => Text::new("流水线恢复成功：", "Pipeline fixed: "),
        (Status::Success, true) => Text::new("任务恢复成功：", "Job fixed: "),
        (Status::TimedOut, false) => Text::new("流水线超时：", "Pipeline timed out: "),
        (Status::TimedOut, true) => Text::new("任务超时：", "Job timed out: "),
        (_, false) => Text::new("流水线失败：", "Pipeline failed: "),
        (_, true) => Text::new("任务失败：", "Job failed: "),
    }
}

fn verdict_text(verdict: Verdict) -> Text {
    match verdict {
        Verdict::Unset => Text::new("未设置规则", "no rules"),
        Verdict::Passed => Text::new("通过", "passed"),
        Verdict::Failed => Text::new("未通过", "failed"),
        Verdict::Pending => Text::new("等待结果", "pending"),
        Verdict::Missing => Text::new("缺少结果", "missing"),
    }
}

fn pipeline_lines(pipeline: &PipelineNews, language: Language) -> Vec<String> {
    let kind = match RefKind::from_ref(&pipeline.git_ref) {
        RefKind::Branch => BRANCH,
        RefKind::Tag => TAG,
    };
    let mut lines = vec![
        format!("{}{}", kind.in_language(language), plain(RefKind::short_name(&pipeline.git_ref))),
        format!("{}{}", COMMIT.in_language(language), short(&pipeline.sha)),
    ];
    let author = pipeline.author.as_deref();
    lines.extend(author.map(|author| format!("{}{}", AUTHOR.in_language(language), plain(author))));
    lines
}

fn gate_lines(sha: &str, target: &str, previous: Option<Verdict>, language: Language) -> Vec<String> {
    let mut lines = vec![
        format!("{}{}", TARGET.in_language(language), plain(target)),
        format!("{}{}", COMMIT.in_language(language), short(sha)),
    ];
    let before = |verdict: Verdict| verdict_text(verdict).in_language(language);
    lines.extend(previous.map(|verdict| format!("{}{}", BEFORE.in_language(language), before(verdict))));
    lines
}

fn short(sha: &str) -> &str {
    sha.get(..8).unwrap_or(sha)
}

/// A text from outside as one short line.
fn plain(text: &str) -> String {
    let text = pages::sanitize(text);
    let mut cut: String = text.chars().take(NAME_MAX).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    cut
}

/// In Slack, a mention such as `<!channel>`, and a link with another text, is between `<` and `>`. Escaped texts have
/// none (docs.slack.dev, "Formatting message text"). `mrkdwn` turns off the markup, and names such as `@lin` are
/// mentions only with `link_names` ("chat.postMessage"). Slack makes links of URLs, which show where they lead;
/// `unfurl_links` and `unfurl_media` keep it from loading what is there.
fn slack(words: &Words) -> Value {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut lines = vec![escape(&words.title)];
    lines.extend(words.lines.iter().map(|line| escape(line)));
    lines.extend(words.link.as_deref().map(|link| format!("<{}>", escape(link))));
    json!({"text": lines.join("\n"), "mrkdwn": false, "unfurl_links": false, "unfurl_media": false})
}

/// In a post of Feishu, a mention is an element `at`. A text of a message of the type `text` may contain one, but not
/// the text of an element of a post (open.feishu.cn, "Send message content structure").
fn feishu(words: &Words, language: Language) -> Value {
    let mut content: Vec<Value> =
        words.lines.iter().map(|line| json!([{"tag": "text", "text": line}])).collect();
    if let Some(link) = &words.link {
        content.push(json!([{"tag": "a", "text": OPEN.in_language(language), "href": link}]));
    }
    let post = json!({"title": words.title, "content": content});
    let key = language.pick("zh_cn", "en_us");
    json!({"msg_type": "post", "content": {"post": {key: post}}})
}

/// DingTalk mentions only members in the field `at` of a message, and a link has none (open.dingtalk.com, "Custom
/// robots"). It interprets Markdown in messages of the type `markdown` and in cards, but not in these.
fn dingtalk(words: &Words) -> Value {
    let text = words.lines.join("\n");
    match &words.link {
        Some(link) => json!({"msgtype": "link",
            "link": {"title": words.title, "text": text, "messageUrl": link, "picUrl": ""}}),
        None => json!({"msgtype": "text", "text": {"content": format!("{}\n{text}", words.title)}}),
    }
}

/// WeCom takes `<@userid>` in a text for a mention (developer.work.weixin.qq.com, "Group robots") and has no way to
/// escape it, so `<` is replaced before `@`. Addresses are links. A link that makes the text too long is left out.
fn wecom(words: &Words) -> Value {
    let mut lines = vec![words.title.as_str()];
    lines.extend(words.lines.iter().map(String::as_str));
    let mut text = lines.join("\n").replace("<@", "＜@");
    if let Some(link) = words.link.as_deref().filter(|link| text.len() + 1 + link.len() <= WECOM_MAX) {
        text.push('\n');
        text += link;
    }
    json!({"msgtype": "text", "text": {"content": text}})
}

#[cfg(test)]
mod tests;
