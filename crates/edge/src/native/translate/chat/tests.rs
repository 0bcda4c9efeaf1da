//! Tests of messages for people.

use super::*;
use domain::model::ids::{JobId, PipelineId, RepositoryId, WebhookId};
use domain::model::webhooks::EventTopics;
use domain::model::webhooks::content::Content;

const PUBLIC: &str = "https://ci.example.com/stagepost";
/// What a chat system could interpret as a mention, a link, or Markdown.
const EVIL: &str = "<!channel> & [x](http://evil) *b*\n<@lin> @all\u{202e}";

fn webhook(format: Format, language: Language, secret: &str) -> Webhook {
    Webhook {
        id: WebhookId::new(1).unwrap(),
        repository_id: RepositoryId::new(7).unwrap(),
        tag: "t".into(),
        url: "https://chat.example.com/send?key=k".into(),
        description: None,
        topics: EventTopics::default(),
        content: Content { format, language, ..Content::default() },
        secret: Secret::of_chat(secret).unwrap(),
        old_secret: None,
        disabled: None,
        failing_since: None,
        created_at: Timestamp::UNIX_EPOCH,
    }
}

fn pipeline(git_ref: &str, status: Status) -> PipelineNews {
    PipelineNews {
        id: PipelineId::new(175).unwrap(),
        git_ref: git_ref.into(),
        sha: "1c46c505c84853887efe2ea9ea02a1333bae2237".into(),
        status,
        author: Some("lin".into()),
    }
}

fn notification(news: News) -> Notification {
    Notification { repository: RepositoryId::new(7).unwrap(), path: "acme/demo".into(), news }
}

fn message(format: Format, language: Language, news: News, public_url: Option<&str>) -> Value {
    let body = body(&webhook(format, language, ""), &notification(news), public_url).unwrap();
    serde_json::from_str(&body).unwrap()
}

#[test]
fn a_failed_pipeline_in_each_format() {
    let failed = || News::Pipeline(pipeline("main", Status::Failed));
    let link = "https://ci.example.com/stagepost/repositories/7/pipelines/175";
    let english = |format| message(format, Language::English, failed(), Some(PUBLIC));
    let (title, lines) =
        ("Pipeline failed: acme/demo #175", "Branch: main\nCommit: 1c46c505\nStarted by: lin");
    assert_eq!(
        english(Format::Slack),
        json!({"text": format!("{title}\n{lines}\n<{link}>"), "mrkdwn": false, "unfurl_links": false,
            "unfurl_media": false})
    );
    assert_eq!(
        english(Format::DingTalk),
        json!({"msgtype": "link", "link": {"title": title, "text": lines, "messageUrl": link, "picUrl": ""}})
    );
    assert_eq!(
        english(Format::WeCom),
        json!({"msgtype": "text", "text": {"content": format!("{title}\n{lines}\n{link}")}})
    );
    let chinese = message(Format::Feishu, Language::Chinese, failed(), Some(PUBLIC));
    let text = |text: &str| json!([{"tag": "text", "text": text}]);
    assert_eq!(
        chinese,
        json!({"msg_type": "post", "content": {"post": {"zh_cn": {
            "title": "流水线失败：acme/demo #175",
            "content": [text("分支：main"), text("提交：1c46c505"), text("触发者：lin"),
                [{"tag": "a", "text": "查看详情", "href": link}]]}}}})
    );
    let without_link = message(Format::DingTalk, Language::English, failed(), None);
    assert_eq!(without_link["text"]["content"], json!(format!("{title}\n{lines}")));
}

#[test]
fn each_news_has_its_words_and_its_page() {
    let job = |status| News::Job {
        pipeline: pipeline("refs/tags/v1", Status::Failed),
        id: JobId::new(9).unwrap(),
        stage: "test".into(),
        name: "unit".into(),
        status,
    };
    let gate = |previous| News::Gate {
        sha: "abcdef0123".into(),
        target: "release/1".into(),
        verdict: Verdict::Passed,
        previous,
    };
    let pipeline = |status| News::Pipeline(pipeline("main", status));
    for (news, chinese, english, page) in [
        (pipeline(Status::TimedOut), "流水线超时：", "Pipeline timed out: ", "/pipelines/175"),
        (pipeline(Status::Success), "流水线恢复成功：", "Pipeline fixed: ", "/pipelines/175"),
        (job(Status::Failed), "任务失败：", "Job failed: ", "/pipelines/175/jobs/9"),
        (job(Status::TimedOut), "任务超时：", "Job timed out: ", "/pipelines/175/jobs/9"),
        (job(Status::Success), "任务恢复成功：", "Job fixed: ", "/pipelines/175/jobs/9"),
        (gate(None), "门禁结论变更：", "Gate changed: ", "/commits/abcdef0123?target=release%2F1"),
        (News::Test, "Stagepost 测试消息：", "Test message of Stagepost: ", "/pipelines"),
    ] {
        for (language, title) in [(Language::Chinese, chinese), (Language::English, english)] {
            let sent = message(Format::WeCom, language, news.clone(), Some(PUBLIC));
            let text = sent["text"]["content"].as_str().unwrap();
            assert!(text.starts_with(&format!("{title}acme/demo")), "{text}");
            assert!(text.ends_with(&format!("{PUBLIC}/repositories/7{page}")), "{text}");
        }
    }
    let test = |format| message(format, Language::English, News::Test, None);
    let line = "The chat system accepts messages of Stagepost.";
    assert_eq!(
        test(Format::Feishu)["content"]["post"]["en_us"]["content"],
        json!([[{"tag": "text", "text": line}]])
    );
    assert_eq!(
        test(Format::DingTalk)["text"]["content"],
        json!(format!("Test message of Stagepost: acme/demo\n{line}"))
    );
    let tag = message(Format::WeCom, Language::English, job(Status::Failed), None);
    assert!(tag["text"]["content"].as_str().unwrap().contains("test / unit\nTag: v1\n"), "{tag}");
    let changed = message(Format::WeCom, Language::Chinese, gate(Some(Verdict::Pending)), None);
    assert!(changed["text"]["content"].as_str().unwrap().ends_with("此前：等待结果"), "{changed}");
}

#[test]
fn texts_from_outside_stay_texts_and_short() {
    let evil = || News::Job {
        pipeline: PipelineNews { author: Some(EVIL.into()), ..pipeline(EVIL, Status::Failed) },
        id: JobId::new(9).unwrap(),
        stage: EVIL.into(),
        name: "任".repeat(255),
        status: Status::Failed,
    };
    let slack = message(Format::Slack, Language::English, evil(), Some(PUBLIC));
    let text = slack["text"].as_str().unwrap();
    assert!(text.contains("&lt;!channel&gt; &amp; ") && !text.contains("<!"), "{text}");
    assert_eq!(text.lines().count(), 5, "a line break in a name makes no line: {text}");
    assert_eq!(text.matches('<').count(), 1, "only the link of the message: {text}");
    assert!(text.contains("&lt;@lin&gt;"), "{text}");
    assert_eq!(slack["mrkdwn"], json!(false));
    let wecom = message(Format::WeCom, Language::English, evil(), Some(PUBLIC));
    let text = wecom["text"]["content"].as_str().unwrap();
    assert!(text.contains("＜@lin>") && !text.contains("<@"), "{text}");
    assert_eq!(wecom["text"].as_object().unwrap().len(), 1, "no list of members to mention: {wecom}");
    for format in [Format::Feishu, Format::DingTalk, Format::WeCom] {
        let sent = message(format, Language::Chinese, evil(), Some(PUBLIC)).to_string();
        assert!(!sent.contains('\u{202e}') && sent.contains("<!channel>"), "{sent}");
        assert!(sent.len() < 2_048, "{} bytes", sent.len());
        assert!(!sent.contains("markdown"), "{sent}");
    }
}

#[test]
fn a_message_to_wecom_has_at_most_2048_bytes() {
    let gate = |target: String| News::Gate {
        sha: "abcdef0123".into(),
        target,
        verdict: Verdict::Failed,
        previous: None,
    };
    let text = |target: String| {
        let sent = message(Format::WeCom, Language::Chinese, gate(target), Some(PUBLIC));
        sent["text"]["content"].as_str().unwrap().to_owned()
    };
    assert!(text("main".into()).ends_with("?target=main"));
    let long = text("分".repeat(255));
    assert!(long.len() <= WECOM_MAX && !long.contains(PUBLIC), "{long}");
}

#[test]
fn an_answer_has_no_credential_of_the_url() {
    let url = "https://chat.example.com/robot/send?access_token=0123456789abcdef&sign=a%2Bbcdefghijk";
    let answer = "Cannot POST /robot/send?access_token=0123456789abcdef&amp;sign=a%2Bbcdefghijk";
    let shown = without_credentials(url, answer);
    assert!(!shown.contains("0123456789abcdef") && !shown.contains("bcdefghijk"), "{shown}");
    assert!(shown.starts_with("Cannot POST /robot/send?"), "{shown}");
    let slack = "https://hooks.slack.example/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX";
    assert_eq!(without_credentials(slack, "no_service XXXXXXXXXXXXXXXXXXXXXXXX"), "no_service …");
}

#[test]
fn an_attempt_is_signed_as_its_chat_system_says() {
    let now: Timestamp = "2020-09-06T02:47:53Z".parse().unwrap();
    let body = r#"{"msg_type":"post"}"#;
    let feishu = webhook(Format::Feishu, Language::English, "demo");
    let (url, sent) = authenticated(&feishu, body, now);
    let sent: Value = serde_json::from_str(&sent).unwrap();
    assert_eq!(url, feishu.url);
    let sign = chat::feishu_signature(b"demo", 1_599_360_473);
    assert_eq!(sent, json!({"msg_type": "post", "timestamp": "1599360473", "sign": sign}));

    let dingtalk = webhook(Format::DingTalk, Language::English, "SECdemo");
    let (url, sent) = authenticated(&dingtalk, body, now);
    let sign = links::encode(&chat::dingtalk_signature(b"SECdemo", 1_599_360_473_000));
    assert_eq!(url, format!("{}&timestamp=1599360473000&sign={sign}", dingtalk.url));
    assert_eq!(sent, body);
    assert!(!url.contains('+') && !url.ends_with('='), "{url}");

    for format in [Format::Feishu, Format::DingTalk, Format::WeCom, Format::Slack] {
        let without = webhook(format, Language::English, "");
        assert_eq!(authenticated(&without, body, now), (without.url.clone(), body.to_owned()));
    }
}

#[test]
fn a_code_in_the_answer_is_a_refusal() {
    for (format, answer, refused) in [
        (Format::Feishu, r#"{"code":0,"msg":"success"}"#, false),
        (Format::Feishu, r#"{"StatusCode":0,"StatusMessage":"success"}"#, false),
        (Format::Feishu, r#"{"code":19021,"msg":"sign match fail"}"#, true),
        (Format::DingTalk, r#"{"errcode":0,"errmsg":"ok"}"#, false),
        (Format::DingTalk, r#"{"errcode":310000,"errmsg":"keywords not in content"}"#, true),
        (Format::WeCom, r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#, true),
        (Format::WeCom, "", false),
        (Format::WeCom, "[1]", false),
        (Format::WeCom, r#"{"errcode":"x"}"#, false),
        (Format::Slack, "ok", false),
        (Format::Signed, r#"{"code":1}"#, false),
    ] {
        assert_eq!(refusal(format, answer).is_some(), refused, "{format:?} {answer}");
    }
    let long = format!(r#"{{"errcode":1,"errmsg":"{}"}}"#, "x".repeat(9_000));
    assert!(refusal(Format::WeCom, &long).unwrap().len() < 400);
}
