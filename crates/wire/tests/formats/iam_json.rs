//! The JSON of the IAM API as in its reference.

use serde::{Serialize, de::DeserializeOwned};
use wire::iam::Links;
use wire::iam::domains::{Domain, DomainList, SelfLink};
use wire::iam::error::ErrorBody;
use wire::iam::projects::{Project, ProjectList};
use wire::iam::tokens::{Named, Reference, Scope, Token, TokenBody, TokenProject, TokenRequest, TokenUser};

/// Asserts that `value` is written as `json`, except for white space between tokens, and is read from it.
#[track_caller]
fn same<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T, json: &str) {
    let expected: String = json.lines().map(str::trim_start).collect();
    assert_eq!(serde_json::to_string(value).unwrap(), expected);
    assert_eq!(&serde_json::from_str::<T>(json).unwrap(), value);
}

fn named(id: &str, name: &str) -> Named {
    Named { id: id.to_owned(), name: name.to_owned() }
}

#[test]
fn requesting_a_token_with_a_password() {
    let project = Some(Reference { id: None, name: Some("cn-north-1".to_owned()) });
    let request =
        TokenRequest::password("IAMDomain", "IAMUser", "IAMPassword", Some(Scope { project, domain: None }));
    same(
        &request,
        r#"{"auth":{"identity":{"methods":["password"],
        "password":{"user":{"domain":{"name":"IAMDomain"},"name":"IAMUser","password":"IAMPassword"}}},
        "scope":{"project":{"name":"cn-north-1"}}}}"#,
    );
    same(
        &TokenRequest::password("D", "U", "P", None),
        r#"{"auth":{"identity":{"methods":["password"],
        "password":{"user":{"domain":{"name":"D"},"name":"U","password":"P"}}}}}"#,
    );
}

#[test]
fn secrets_are_not_shown() {
    let shown = format!("{:?}", TokenRequest::password("D", "U", "hunter2", None));
    assert!(shown.contains("\"U\"") && !shown.contains("hunter2"), "{shown}");
}

#[test]
fn users_and_scopes_can_be_named_by_id() {
    let json = r#"{"auth":{"identity":{"methods":["password"],"password":{"user":{"id":"u1","password":"p"}}},
        "scope":{"domain":{"id":"d1"},"project":{"id":"p1"}},"more":{}}}"#;
    let auth = serde_json::from_str::<TokenRequest>(json).unwrap().auth.unwrap();
    let user = auth.identity.unwrap().password.unwrap().user.unwrap();
    assert_eq!((user.id.as_deref(), user.name, user.domain), (Some("u1"), None, None));
    let scope = auth.scope.unwrap();
    assert_eq!(scope.project.unwrap().id.as_deref(), Some("p1"));
    assert_eq!(scope.domain.unwrap().id.as_deref(), Some("d1"));
}

#[test]
fn incomplete_requests_can_be_read() {
    for json in [
        "{}",
        r#"{"auth":null}"#,
        r#"{"auth":{}}"#,
        r#"{"auth":{"identity":{"methods":null,"password":{"user":{"name":null}}},"scope":{"project":{}}}}"#,
        r#"{"auth":{"identity":{"methods":["token"],"token":{}},"scope":{}}}"#,
    ] {
        assert!(serde_json::from_str::<TokenRequest>(json).is_ok(), "{json}");
    }
    for json in ["", "[1]", r#"{"auth":[1]}"#, r#"{"auth":{"identity":{"methods":"password"}}}"#] {
        assert!(serde_json::from_str::<TokenRequest>(json).is_err(), "{json}");
    }
}

#[test]
fn a_token_for_a_project_and_one_for_the_account() {
    let account = named("d78cbac186b744899480f25bd022f468", "IAMDomain");
    let token = Token {
        catalog: Some(vec![]),
        expires_at: Some("2020-01-04T09:05:22.701000Z".to_owned()),
        issued_at: "2020-01-03T09:05:22.701000Z".to_owned(),
        methods: vec!["password".to_owned()],
        project: Some(TokenProject {
            domain: account.clone(),
            id: "aa2d97d7e62c4b7da3ffdfc11551f878".to_owned(),
            name: "cn-north-1".to_owned(),
        }),
        domain: None,
        roles: vec![named("0", "te_admin")],
        user: TokenUser {
            domain: account.clone(),
            id: "7116d09f88fa41908676fdd4b039e95b".to_owned(),
            name: "IAMUser".to_owned(),
            password_expires_at: String::new(),
        },
    };
    same(
        &TokenBody { token: token.clone() },
        r#"{"token":{"catalog":[],"expires_at":"2020-01-04T09:05:22.701000Z",
        "issued_at":"2020-01-03T09:05:22.701000Z","methods":["password"],
        "project":{"domain":{"id":"d78cbac186b744899480f25bd022f468","name":"IAMDomain"},
        "id":"aa2d97d7e62c4b7da3ffdfc11551f878","name":"cn-north-1"},
        "roles":[{"id":"0","name":"te_admin"}],
        "user":{"domain":{"id":"d78cbac186b744899480f25bd022f468","name":"IAMDomain"},
        "id":"7116d09f88fa41908676fdd4b039e95b","name":"IAMUser","password_expires_at":""}}}"#,
    );
    same(
        &TokenBody { token: Token { catalog: None, project: None, domain: Some(account), ..token } },
        r#"{"token":{"expires_at":"2020-01-04T09:05:22.701000Z",
        "issued_at":"2020-01-03T09:05:22.701000Z","methods":["password"],
        "domain":{"id":"d78cbac186b744899480f25bd022f468","name":"IAMDomain"},
        "roles":[{"id":"0","name":"te_admin"}],
        "user":{"domain":{"id":"d78cbac186b744899480f25bd022f468","name":"IAMDomain"},
        "id":"7116d09f88fa41908676fdd4b039e95b","name":"IAMUser","password_expires_at":""}}}"#,
    );
}

#[test]
fn the_project_of_a_region() {
    let links = Links::single("https://127.0.0.1:8443/v3/projects/06f1c15e6b8d4d9e8c5b5d3a4a2f1e0d");
    let project = Project {
        domain_id: "d78cbac186b744899480f25bd022f468".to_owned(),
        is_domain: false,
        parent_id: "d78cbac186b744899480f25bd022f468".to_owned(),
        name: "cn-north-4".to_owned(),
        description: String::new(),
        links,
        id: "06f1c15e6b8d4d9e8c5b5d3a4a2f1e0d".to_owned(),
        enabled: true,
    };
    same(
        &ProjectList {
            projects: vec![project],
            links: Links::single("https://127.0.0.1:8443/v3/projects?name=cn-north-4"),
        },
        r#"{"projects":[{"domain_id":"d78cbac186b744899480f25bd022f468","is_domain":false,
        "parent_id":"d78cbac186b744899480f25bd022f468","name":"cn-north-4","description":"",
        "links":{"self":"https://127.0.0.1:8443/v3/projects/06f1c15e6b8d4d9e8c5b5d3a4a2f1e0d","next":null,
        "previous":null},
        "id":"06f1c15e6b8d4d9e8c5b5d3a4a2f1e0d","enabled":true}],
        "links":{"self":"https://127.0.0.1:8443/v3/projects?name=cn-north-4","next":null,"previous":null}}"#,
    );
}

#[test]
fn the_account_of_the_caller() {
    let link = |path: &str| SelfLink { this: format!("https://127.0.0.1:8443/v3/{path}") };
    same(
        &DomainList {
            domains: vec![Domain {
                id: "d78cbac186b744899480f25bd022f468".to_owned(),
                name: "IAMDomain".to_owned(),
                enabled: true,
                description: String::new(),
                links: link("domains/d78cbac186b744899480f25bd022f468"),
            }],
            links: link("auth/domains"),
        },
        r#"{"domains":[{"id":"d78cbac186b744899480f25bd022f468","name":"IAMDomain","enabled":true,"description":"",
        "links":{"self":"https://127.0.0.1:8443/v3/domains/d78cbac186b744899480f25bd022f468"}}],
        "links":{"self":"https://127.0.0.1:8443/v3/auth/domains"}}"#,
    );
}

#[test]
fn errors_have_a_numeric_code() {
    same(
        &ErrorBody::new(401, "Unauthorized", "The username or password is wrong."),
        r#"{"error":{"code":401,"message":"The username or password is wrong.","title":"Unauthorized"}}"#,
    );
    same(
        &ErrorBody::new(404, "Not Found", "X-Subject-Token is invalid in the request"),
        r#"{"error":{"code":404,"message":"X-Subject-Token is invalid in the request","title":"Not Found"}}"#,
    );
}
