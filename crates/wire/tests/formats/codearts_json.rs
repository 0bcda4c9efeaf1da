//! The JSON of the CodeArts API. The structs write and read what the official reference and the official SDKs
//! specify.

use serde::{Serialize, de::DeserializeOwned};
use wire::codearts::error::{Envelope, ErrorBody, Outcome};
use wire::codearts::jobs::{BaseJob, JobWithStage, LatestJobs, LatestStage};
use wire::codearts::merge_requests::{ActualHeadPipeline, MERGE_REQUEST, PipelineDetail, PipelineStage};
use wire::codearts::repositories::{ProjectRepository, RepositoryFacts, RepositorySimplest};
use wire::codearts::repositories_v2::{
    CreateRepository, CreatedEnvelope, CreatedRepository, RepoInfoEnvelope, RepoInfoV2, RepoListEnvelope,
    RepoListV2,
};
use wire::codearts::show_repository::ShowRepository;

/// Asserts that `value` is written as `json`, except for white space between tokens, and is read from it.
#[track_caller]
fn same<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T, json: &str) {
    let expected: String = json.lines().map(str::trim_start).collect();
    assert_eq!(serde_json::to_string(value).unwrap(), expected);
    assert_eq!(&serde_json::from_str::<T>(json).unwrap(), value);
}

/// The example of the reference page without its two stray quotation marks.
fn example_job() -> JobWithStage<'static> {
    JobWithStage {
        id: 31930,
        sha: "1c46c505c84853887efe2ea9ea02a1333bae2237".into(),
        git_ref: "dev".into(),
        status: "success".into(),
        name: "任务1".into(),
        target_url: Some(
            "https://example.com/cicd/project/72271b5446614062a01b8be944c9f372/pipeline/detail/724cb378007d4303b91f85161f67d6b0/c9cfdc8b918e44c09ad1cdd8c6b13c78"
                .into(),
        ),
        created_at: Some("2025-05-17T11:02:25.000+08:00".into()),
        started_at: Some("2025-05-17T11:02:25.000+08:00".into()),
        finished_at: Some("2025-05-17T11:02:56.000+08:00".into()),
        updated_at: Some("2025-05-17T11:02:56.000+08:00".into()),
        third_build_id: Some("0ede266890ddd33cff76da30090b9780".into()),
        stage_id: 123,
        stage: "external".into(),
    }
}

#[test]
fn a_job_is_the_example_of_the_reference() {
    same(
        &vec![example_job()],
        r#"[{"id":31930,
        "sha":"1c46c505c84853887efe2ea9ea02a1333bae2237",
        "ref":"dev",
        "status":"success",
        "name":"任务1",
        "target_url":"https://example.com/cicd/project/72271b5446614062a01b8be944c9f372/pipeline/detail/724cb378007d4303b91f85161f67d6b0/c9cfdc8b918e44c09ad1cdd8c6b13c78",
        "created_at":"2025-05-17T11:02:25.000+08:00",
        "started_at":"2025-05-17T11:02:25.000+08:00",
        "finished_at":"2025-05-17T11:02:56.000+08:00",
        "updated_at":"2025-05-17T11:02:56.000+08:00",
        "third_build_id":"0ede266890ddd33cff76da30090b9780",
        "stage_id":123,
        "stage":"external"}]"#,
    );
}

/// The page as printed has the key `updated_at"`, which is unknown and ignored; `updated_at` is absent.
#[test]
fn the_example_as_printed_can_be_read() {
    let printed = r#"[ {
      "id" : 31930,
      "sha" : "1c46c505c84853887efe2ea9ea02a1333bae2237",
      "ref" : "dev",
      "status" : "success",
      "name" : "任务1",
      "target_url" : "https://example.com/x\"",
      "created_at" : "2025-05-17T11:02:25.000+08:00",
      "started_at" : "2025-05-17T11:02:25.000+08:00",
      "finished_at" : "2025-05-17T11:02:56.000+08:00",
      "updated_at\"" : "2025-05-17T11:02:56.000+08:00",
      "third_build_id" : "0ede266890ddd33cff76da30090b9780",
      "stage_id" : 123,
      "stage" : "external"
    } ]"#;
    let read: Vec<JobWithStage<'_>> = serde_json::from_str(printed).unwrap();
    let expected = JobWithStage {
        target_url: Some("https://example.com/x\"".into()),
        updated_at: None,
        ..example_job()
    };
    assert_eq!(read, [expected]);
}

#[test]
fn a_pending_job_has_all_thirteen_keys() {
    let waiting = JobWithStage {
        id: 2_147_483_647,
        status: "pending".into(),
        name: "say \"hi\"".into(),
        target_url: None,
        started_at: None,
        finished_at: None,
        third_build_id: None,
        ..example_job()
    };
    same(
        &waiting,
        r#"{"id":2147483647,
        "sha":"1c46c505c84853887efe2ea9ea02a1333bae2237",
        "ref":"dev",
        "status":"pending",
        "name":"say \"hi\"",
        "target_url":null,
        "created_at":"2025-05-17T11:02:25.000+08:00",
        "started_at":null,
        "finished_at":null,
        "updated_at":"2025-05-17T11:02:56.000+08:00",
        "third_build_id":null,
        "stage_id":123,
        "stage":"external"}"#,
    );
    // 32 bits, and integers only.
    for bad in [r#""31930""#, "3000000000", "1.0", "null"] {
        let json = serde_json::to_string(&waiting).unwrap().replacen("2147483647", bad, 1);
        assert!(serde_json::from_str::<JobWithStage<'_>>(&json).is_err(), "{bad}");
    }
}

#[test]
fn latest_jobs_nest_stages_and_jobs() {
    let job = example_job();
    let latest = LatestJobs {
        id: 6,
        status: "running".into(),
        stages: vec![
            LatestStage {
                id: 123,
                name: "external".into(),
                sort_id: 1,
                status: "success".into(),
                jobs: vec![BaseJob {
                    id: job.id,
                    sha: job.sha,
                    git_ref: job.git_ref,
                    status: job.status,
                    name: job.name,
                    target_url: None,
                    created_at: job.created_at,
                    started_at: job.started_at,
                    finished_at: job.finished_at,
                    updated_at: job.updated_at,
                    third_build_id: job.third_build_id,
                }],
            },
            LatestStage {
                id: 124, name: "部署".into(), sort_id: 2, status: "pending".into(), jobs: vec![]
            },
        ],
    };
    same(
        &latest,
        r#"{"id":6,"status":"running","stages":[
        {"id":123,"name":"external","sort_id":1,"status":"success","jobs":[
        {"id":31930,"sha":"1c46c505c84853887efe2ea9ea02a1333bae2237","ref":"dev","status":"success","name":"任务1",
        "target_url":null,
        "created_at":"2025-05-17T11:02:25.000+08:00","started_at":"2025-05-17T11:02:25.000+08:00",
        "finished_at":"2025-05-17T11:02:56.000+08:00","updated_at":"2025-05-17T11:02:56.000+08:00",
        "third_build_id":"0ede266890ddd33cff76da30090b9780"}]},
        {"id":124,"name":"部署","sort_id":2,"status":"pending","jobs":[]}]}"#,
    );
}

#[test]
fn the_pipeline_of_a_merge_request_has_every_key() {
    let stage = PipelineStage {
        id: 123,
        repository_id: 2111976239,
        pipeline_id: 6,
        name: "external".into(),
        sort_id: 1,
        status: "running".into(),
    };
    let detail = PipelineDetail {
        id: 6,
        web_url: None,
        sha: "1c46c505c84853887efe2ea9ea02a1333bae2237".into(),
        git_ref: "refs/merge-requests/7/head".into(),
        status: "running".into(),
        created_at: Some("2025-05-17T11:02:25.000+08:00".into()),
        updated_at: Some("2025-05-17T11:02:56.000+08:00".into()),
        started_at: Some("2025-05-17T11:02:25.000+08:00".into()),
        finished_at: None,
        repository_id: 2111976239,
        is_invalid: false,
        kind: MERGE_REQUEST.into(),
        stages: vec![stage],
        is_latest: true,
        trigger_user: None,
        all_job_finished: false,
    };
    same(
        &ActualHeadPipeline { data: Some(detail), is_valid: true },
        r#"{"data":{"id":6,"web_url":null,"sha":"1c46c505c84853887efe2ea9ea02a1333bae2237","ref":"refs/merge-requests/7/head",
        "status":"running","created_at":"2025-05-17T11:02:25.000+08:00","updated_at":"2025-05-17T11:02:56.000+08:00",
        "started_at":"2025-05-17T11:02:25.000+08:00","finished_at":null,"repository_id":2111976239,"is_invalid":false,
        "type":"MERGE REQUEST","stages":[
        {"id":123,"repository_id":2111976239,"pipeline_id":6,"name":"external","sort_id":1,"status":"running"}],
        "is_latest":true,"trigger_user":null,"all_job_finished":false},"is_valid":true}"#,
    );
    same(&ActualHeadPipeline { data: None, is_valid: false }, r#"{"data":null,"is_valid":false}"#);
}

#[test]
fn errors_of_v4_are_flat() {
    same(
        &ErrorBody::new("CH.00000002", "认证信息无法识别"),
        r#"{"error_code":"CH.00000002","error_msg":"认证信息无法识别"}"#,
    );
    same(
        &ErrorBody::gateway(
            "APIGW.0301",
            "Incorrect IAM authentication information: verify aksk signature fail",
            "8080d377bffeb6d519b0567c09cebe6b",
        ),
        r#"{"error_code":"APIGW.0301",
        "error_msg":"Incorrect IAM authentication information: verify aksk signature fail",
        "request_id":"8080d377bffeb6d519b0567c09cebe6b"}"#,
    );
    // The order of the gateway, and a null request id.
    let gateway = r#"{"error_msg":"m","error_code":"APIGW.0101","request_id":null,"more":1}"#;
    assert_eq!(serde_json::from_str::<ErrorBody>(gateway).unwrap(), ErrorBody::new("APIGW.0101", "m"));
}

#[test]
fn errors_of_v1_and_v2_are_nested() {
    same(
        &Envelope::<RepoListV2>::failed("CH.010117", "指定仓库不存在"),
        r#"{"error":{"code":"CH.010117","message":"指定仓库不存在"},"status":"failed"}"#,
    );
    same(&Envelope::success(true), r#"{"result":true,"status":"success"}"#);
    let nulls: RepoInfoEnvelope =
        serde_json::from_str(r#"{"error":null,"result":null,"status":"success"}"#).unwrap();
    assert_eq!((nulls.error, nulls.result, nulls.status), (None, None, Outcome::Success));
}

fn facts() -> RepositoryFacts<'static> {
    RepositoryFacts {
        id: 2111976239,
        uuid: "25c88b23d4dc400fa7b3e2a152e4d53c",
        project_id: "4838955a48e2492bbe44b31bc4c272f6",
        project_name: "演示",
        path_with_namespace: "acme/tools/demo",
        description: None,
        default_branch: "main",
        visibility: "private",
        visibility_level: 0,
        archived: false,
        web_url: Some("https://git.example.com/acme/tools/demo"),
        http_url: Some("https://git.example.com/acme/tools/demo.git"),
        ssh_url: Some("git@git.example.com:acme/tools/demo.git"),
        creator_id: 1,
        creator_name: "admin",
        domain_name: "stagepost",
        created_at: "2025-05-17T11:00:00.000+08:00",
        updated_at: "2025-05-17T11:02:56.000+08:00",
        access_level: Some(40),
        is_owner: true,
    }
}

#[test]
fn repositories_of_the_user() {
    same(
        &RepositorySimplest::new(&facts()),
        r#"{"id":2111976239,"name":"demo","namespace":"acme/tools","path":"demo","develop_mode":"normal",
        "visibility":"private","security":null,"star_count":0,"forks_count":0,"open_issues_count":0,
        "open_merge_requests_count":0,"starred":false,"name_with_namespace":"acme/tools/demo",
        "last_activity_at":"2025-05-17T11:02:56.000+08:00","forked_from_repository":null,"permissions":40,
        "archived":false,"member_count":null,"uuid":"25c88b23d4dc400fa7b3e2a152e4d53c","description":null,
        "last_repository_updated_at":"2025-05-17T11:02:56.000+08:00",
        "ssh_url_to_repo":"git@git.example.com:acme/tools/demo.git",
        "http_url_to_repo":"https://git.example.com/acme/tools/demo.git","status":null,"active_statistic":null,
        "project_name":"演示","project_id":"4838955a48e2492bbe44b31bc4c272f6","project_is_delete":false,
        "creator_id":1}"#,
    );
}

#[test]
fn repositories_of_a_project() {
    same(
        &ProjectRepository::new(&RepositoryFacts { path_with_namespace: "demo", ..facts() }),
        r#"{"id":2111976239,"name":"demo","namespace":"","path":"demo","develop_mode":"normal","visibility":"private",
        "security":null,"name_with_namespace":"demo","archived":false,"status":null}"#,
    );
}

#[test]
fn one_repository() {
    same(
        &ShowRepository::new(&RepositoryFacts { description: Some("演示仓库"), ..facts() }),
        r#"{"id":2111976239,"description":"演示仓库","name":"demo","name_with_namespace":"acme/tools/demo","path":"demo",
        "path_with_namespace":"acme/tools/demo","created_at":"2025-05-17T11:00:00.000+08:00",
        "updated_at":"2025-05-17T11:02:56.000+08:00","archived":false,
        "ssh_url_to_repo":"git@git.example.com:acme/tools/demo.git",
        "http_url_to_repo":"https://git.example.com/acme/tools/demo.git",
        "project_id":"4838955a48e2492bbe44b31bc4c272f6","project_name":"演示","develop_mode":"normal",
        "moderation_result":null,"default_branch":"main","avatar_url":null,"star_count":0,"forks_count":0,
        "open_issues_count":0,"open_merge_requests_count":0,"last_activity_at":"2025-05-17T11:02:56.000+08:00",
        "namespace":{"id":null,"name":"tools","path":"tools","develop_mode":"normal","kind":"group",
        "full_path":"acme/tools","full_name":"acme/tools","parent_id":null,"visibility_level":null,
        "enable_file_control":null,"owner_id":null},
        "empty_repo":null,"starred":false,"visibility":"private","security_tag":null,"security":null,
        "network_type":null,"owner":null,
        "creator":{"id":1,"name":"admin","username":"admin","state":"active","service_license_status":null,
        "name_cn":null,"nick_name":"admin","tenant_name":"stagepost"},
        "creator_id":1,"forked_from_repository":null,"uuid":"25c88b23d4dc400fa7b3e2a152e4d53c","ancestor_ids":null,
        "ancestor_names":null,"import_status":null,"import_url":null,"import_error":null,"repo_type":null,
        "only_allow_merge_if_pipeline_succeeds":null,"request_access_enabled":null,
        "only_allow_merge_if_all_discussions_are_resolved":null,"merge_method":null,
        "fork_network_repositories":null,
        "permissions":{"repository_access":{"access_level":40,"notification_level":null},"group_access":null},
        "repository_type":null,"statistics":null,"branch_count":null,"tag_count":null,"label_count":0,
        "member_count":null}"#,
    );
    // Unknown fields are ignored; a repository without a group has no namespace.
    let fuller = r#"{"id":1,"name":"n","statistics":{"commit_count":2,"storage_size":0.5,"repository_size":0.25,
        "lfs_objects_size":0,"tenant_repo_size_limit":10},"fork_network_repositories":[{"id":2,
        "path_with_namespace":"a/b"}],"encryption_status":"none"}"#;
    let read: ShowRepository = serde_json::from_str(fuller).unwrap();
    assert_eq!(read.statistics.unwrap().storage_size, Some(0.5));
    let rootless = ShowRepository::new(&RepositoryFacts { path_with_namespace: "demo", ..facts() });
    assert_eq!(rootless.namespace, None);
}

#[test]
fn repositories_in_v2() {
    let stranger = RepositoryFacts { access_level: None, is_owner: false, visibility_level: 20, ..facts() };
    same(
        &RepoListEnvelope::success(RepoListV2 { total: 1, repositories: vec![RepoInfoV2::new(&stranger)] }),
        r#"{"result":{"total":1,"repositories":[{"created_at":"2025-05-17T11:00:00.000+08:00","creator_name":"admin",
        "domain_name":"stagepost","group_name":"acme/tools",
        "https_url":"https://git.example.com/acme/tools/demo.git","iam_user_uuid":null,"is_owner":0,"lfs_size":null,
        "project_is_deleted":"false","project_uuid":"4838955a48e2492bbe44b31bc4c272f6","repository_id":2111976239,
        "repository_name":"demo","repository_size":null,"repository_uuid":"25c88b23d4dc400fa7b3e2a152e4d53c",
        "ssh_url":"git@git.example.com:acme/tools/demo.git","star":false,"status":0,
        "updated_at":"2025-05-17T11:02:56.000+08:00","userRole":null,"visibility_level":20,
        "web_url":"https://git.example.com/acme/tools/demo"}]},"status":"success"}"#,
    );
    let mine = RepoInfoV2::new(&facts());
    assert_eq!((mine.is_owner, mine.user_role, mine.visibility_level), (Some(1), Some(40), Some(0)));
}

/// The example assembled from the snippets of the reference page: fewer fields, another order.
#[test]
fn a_list_of_the_real_service_can_be_read() {
    let json = r#"{"result":{"total":1,"repositories":[{"repository_uuid":"25c88b23d4dc400fa7b3e2a152e4d53c",
        "repository_id":522140,"repository_name":"testword","group_name":"Demo00228",
        "ssh_url":"git@repo.example.com:Demo00228/testword.git",
        "https_url":"https://repo.example.com/Demo00228/testword.git",
        "project_uuid":"4838955a48e2492bbe44b31bc4c272f6","project_is_deleted":"false","star":false,"status":0,
        "visibility_level":0,"userRole":null,"is_owner":1}]},"status":"success"}"#;
    let read: RepoListEnvelope = serde_json::from_str(json).unwrap();
    let repository = &read.result.unwrap().repositories[0];
    assert_eq!((repository.repository_id, repository.is_owner), (522140, Some(1)));
    assert_eq!(repository.project_is_deleted.as_deref(), Some("false"));
}

#[test]
fn creating_a_repository() {
    same(
        &CreateRepository {
            name: Some("任务1".to_owned()),
            project_uuid: Some("0123456789abcdef0123456789abcdef".to_owned()),
            visibility_level: Some(20),
            ..CreateRepository::default()
        },
        r#"{"name":"任务1","project_uuid":"0123456789abcdef0123456789abcdef","visibility_level":20}"#,
    );
    let sparse: CreateRepository = serde_json::from_str(r#"{"name":null,"extra":[]}"#).unwrap();
    assert_eq!(sparse, CreateRepository::default());
    same(
        &CreatedEnvelope::success(CreatedRepository {
            repository_uuid: "25c88b23d4dc400fa7b3e2a152e4d53c".to_owned(),
        }),
        r#"{"result":{"repository_uuid":"25c88b23d4dc400fa7b3e2a152e4d53c"},"status":"success"}"#,
    );
}
