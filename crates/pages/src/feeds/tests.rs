//! The words, names and ids of feeds.

use super::*;
use crate::repositories::tests::overview;
use Status::{Canceled, Failed, Running, Skipped, Success, TimedOut};
use domain::SignedDuration;
use domain::model::ids::{Hex32, JobId, UserId};
use domain::model::job_runs::JobAttempt;

const BASE: &str = "https://ci.example:8443/stagepost";

/// The attributes of the only project.
fn attribute(xml: &str, name: &str) -> String {
    let start = format!(" {name}=\"");
    let (_, rest) = xml.split_once(&start).unwrap_or_else(|| panic!("{name} in {xml}"));
    rest.split('"').next().unwrap().to_owned()
}

#[test]
fn the_words_of_cctray_follow_from_the_branch() {
    for (statuses, activity, status, label, page) in [
        (&[][..], "Sleeping", "Unknown", "", ""),
        (&[Success], "Sleeping", "Success", "100", "/100"),
        (&[Failed, Success], "Sleeping", "Failure", "100", "/100"),
        (&[TimedOut], "Sleeping", "Failure", "100", "/100"),
        // While a pipeline runs, the status is that of the last finished one.
        (&[Running, Failed], "Building", "Failure", "99", "/100"),
        (&[Running, Success], "Building", "Success", "99", "/100"),
        (&[Status::Pending], "Building", "Unknown", "", "/100"),
        (&[Canceled, Success], "Sleeping", "Success", "99", "/99"),
        (&[Skipped], "Sleeping", "Unknown", "100", "/100"),
    ] {
        let of = overview(7, "acme/demo", statuses);
        let project = CctrayProject { repository: &of.repository, git_ref: None, branch: &of.branch };
        let xml = cctray(BASE, &[project]);
        let found =
            ["name", "activity", "lastBuildStatus", "lastBuildLabel"].map(|name| attribute(&xml, name));
        assert_eq!(found, ["acme:demo", activity, status, label], "{statuses:?}");
        let url = format!("{BASE}/repositories/7/pipelines{page}");
        assert_eq!(attribute(&xml, "webUrl"), url, "{statuses:?}");
        let time: Timestamp = attribute(&xml, "lastBuildTime").parse().unwrap();
        let ended_at = of.branch.last_finished().map_or(of.repository.created_at, BranchPipeline::ended_at);
        assert_eq!(time.as_second(), ended_at.as_second());
    }
    assert!(cctray(BASE, &[]).ends_with("<Projects>\n</Projects>\n"));
}

#[test]
fn names_of_projects_are_tokens_of_xml() {
    for (path, git_ref, name) in [
        ("acme/sub/demo.x-y_z", None, "acme:sub:demo.x-y_z"),
        ("流水线/任务", None, "流水线:任务"),
        ("acme/demo", Some("feat/a b&\"<"), "acme:demo:feat:a_b___"),
        ("a½/b", None, "a_:b"),
    ] {
        let of = overview(1, path, &[]);
        let project = CctrayProject { repository: &of.repository, git_ref, branch: &of.branch };
        assert_eq!(project.name(), name);
        assert!(project.name().chars().all(is_name_char));
    }
}

#[test]
fn an_atom_feed_has_stable_ids_and_no_markup_of_others() {
    let of = overview(7, "acme/demo", &[Running, Failed]);
    let entries = [AtomEntry {
        repository: &of.repository,
        git_ref: "a<b>&\u{202e}\u{ffff}",
        pipeline: of.branch.pipelines[1].clone(),
        job: None,
    }];
    let feed = AtomFeed {
        language: Language::English,
        base: BASE,
        subject: FeedSubject::Repository(&of.repository),
        address: "/repositories/7/feed.atom?status=failed&ref=x",
        next: Some("/repositories/7/feed.atom?before=99"),
        entries: &entries,
    };
    let xml = feed.xml();
    let uuid = "01".repeat(16);
    assert!(xml.contains(&format!("<id>tag:ci.example,2026:{uuid}/pipelines/99</id>")), "{xml}");
    assert!(xml.contains("<title>acme/demo #99 Failed (a&lt;b&gt;&amp;)</title>"), "{xml}");
    assert!(xml.contains("<category term=\"failed\"/>") && xml.contains("duration 2:00"), "{xml}");
    assert!(
        xml.contains("rel=\"self\" href=\"https://ci.example:8443/stagepost/repositories/7/feed.atom?status=failed&amp;ref=x\""),
        "{xml}"
    );
    assert!(xml.contains("rel=\"next\"") && xml.contains("xml:lang=\"en\""), "{xml}");
    let updated = date_time(of.branch.pipelines[1].ended_at());
    assert_eq!(xml.matches(&format!("<updated>{updated}</updated>")).count(), 2, "{xml}");
    let empty =
        AtomFeed { entries: &[], next: None, subject: FeedSubject::All, language: Language::Chinese, ..feed };
    let xml = empty.xml();
    assert!(
        xml.contains("<updated>1970-01-01T00:00:00Z</updated>") && !xml.contains("rel=\"next\""),
        "{xml}"
    );
}

#[test]
fn a_feed_of_subscriptions_has_jobs_with_ids_of_their_own() {
    let of = overview(7, "acme/demo", &[Running, Failed]);
    let ended = of.branch.pipelines[1].ended_at();
    let attempt = JobAttempt {
        id: JobId::new(5).unwrap(),
        pipeline: of.branch.pipelines[1].id,
        sha: String::new(),
        git_ref: "main".into(),
        source: "external".into(),
        status: Failed,
        newest: false,
        created_at: ended,
        started_at: Some(ended),
        finished_at: Some(ended + SignedDuration::from_secs(61)),
    };
    let job = SubscribedJob { stage: "test".into(), name: "unit".into(), attempt };
    let entries = [AtomEntry {
        repository: &of.repository,
        git_ref: "main",
        pipeline: of.branch.pipelines[1].clone(),
        job: Some(&job),
    }];
    let user = User {
        id: UserId::new(1).unwrap(),
        uuid: Hex32::from_bytes([7; 16]),
        name: "lin".into(),
        admin: false,
        disabled: false,
        created_at: Timestamp::UNIX_EPOCH,
        group_rights: Vec::new(),
    };
    let feed = AtomFeed {
        language: Language::English,
        base: BASE,
        subject: FeedSubject::Subscriptions(&user),
        address: "/account/subscriptions.atom",
        next: None,
        entries: &entries,
    };
    let xml = feed.xml();
    for part in [
        &format!("<id>tag:ci.example,2026:{}/subscriptions</id>", "07".repeat(16)),
        "<title>Stagepost: subscriptions of lin</title>",
        &format!("<id>tag:ci.example,2026:{}/pipelines/99/jobs/5</id>", "01".repeat(16)),
        "<title>acme/demo #99 test / unit Failed (main)</title>",
        "stagepost/repositories/7/pipelines/99/jobs/5\"",
        "duration 1:01",
        &format!("<updated>{}</updated>", date_time(ended + SignedDuration::from_secs(61))),
    ] {
        assert!(xml.contains(part), "{part} in {xml}");
    }
    let empty = AtomFeed { entries: &[], language: Language::Chinese, ..feed };
    assert!(empty.xml().contains("<title>Stagepost：lin 的订阅</title>"), "{}", empty.xml());
}

#[test]
fn the_authority_of_ids_is_a_name() {
    for (base, name) in [
        ("https://ci.example", "ci.example"),
        ("http://127.0.0.1:8080", "127.0.0.1"),
        ("http://[::1]:8080", NO_AUTHORITY),
        ("https://CI.example/x", NO_AUTHORITY),
        ("", NO_AUTHORITY),
    ] {
        assert_eq!(authority(base), name, "{base}");
    }
}
