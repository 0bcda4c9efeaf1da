//! The API Explorer: the list of operations, and the page of an operation with its form, samples and
//! response.

mod body;
mod parameter;
mod responses;

pub use body::Body;
pub use parameter::{Parameter, ParameterLocation};
pub use responses::{ErrorStatus, Response, ResponseField};

use crate::messages::{Language, Text, explorer as msg};
use crate::{Frame, links};
use askama::Template;
use domain::model::repositories::Repository;

/// An operation of an API.
#[derive(Debug, Clone)]
pub struct Operation {
    /// The operation id in its OpenAPI document.
    pub id: String,
    /// The unique name in the addresses of the explorer.
    pub address: String,
    /// The name of the dialect.
    pub dialect: String,
    /// The HTTP method.
    pub method: String,
    /// The path with parameters in braces.
    pub path: String,
    /// The summary, one line.
    pub summary: String,
    /// The description, a few sentences.
    pub description: String,
    /// Whether no credential is required.
    pub anonymous: bool,
    /// Whether the response is an endless stream.
    pub streams: bool,
    /// Whether a read needs a token of the scope `full`.
    pub needs_full_scope: bool,
    /// The parameters, required ones first.
    pub parameters: Vec<Parameter>,
    /// The request body.
    pub body: Option<Body>,
}

/// The dialects without signatures.
const UNSIGNED: [&str; 4] = ["bitbucket", "gitea", "github", "gitlab"];

impl Operation {
    /// Whether the operation contains every word of a search, in any case.
    pub fn matches(&self, q: &str) -> bool {
        let text = format!("{} {} {} {}", self.id, self.method, self.path, self.summary).to_lowercase();
        q.to_lowercase().split_whitespace().all(|word| text.contains(word))
    }

    fn link(&self) -> String {
        format!("/explorer/{}", links::encode(&self.address))
    }

    fn writes(&self) -> bool {
        self.method != "GET"
    }

    /// Whether calls can be signed with an access key.
    fn signable(&self) -> bool {
        !self.anonymous && !UNSIGNED.contains(&self.dialect.as_str())
    }
}

/// The operations on one kind of object.
#[derive(Debug, Clone)]
pub struct Group {
    /// The title in the language of the page.
    pub name: String,
    /// The operations.
    pub operations: Vec<Operation>,
}

/// The operations of one dialect.
#[derive(Debug, Clone)]
pub struct Dialect {
    /// The name of the dialect.
    pub name: String,
    /// The operations by kind of object.
    pub groups: Vec<Group>,
}

impl Dialect {
    fn title(&self, frame: &Frame) -> String {
        title(frame, &self.name)
    }
}

fn title(frame: &Frame, dialect: &str) -> String {
    let text = match dialect {
        "codearts" => msg::CODEARTS,
        "iam" => msg::IAM,
        "gitlab" => msg::GITLAB,
        "github" => msg::GITHUB,
        "gitea" => msg::GITEA,
        "bitbucket" => msg::BITBUCKET,
        "native" => msg::NATIVE,
        "operations" => msg::OPERATIONS,
        other => return other.to_owned(),
    };
    frame.text(text).to_owned()
}

/// The list of operations.
#[derive(Debug, Template)]
#[template(path = "explorer.html")]
pub struct Explorer<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The search text.
    pub q: &'a str,
    /// The matching operations.
    pub dialects: Vec<Dialect>,
}

impl Explorer<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }
}

/// An entry of the error catalogue, for the script.
#[derive(Debug, Clone, Copy)]
pub struct KnownError {
    /// The code.
    pub code: &'static str,
    /// The message.
    pub text: Text,
    /// The solution.
    pub advice: Text,
}

impl KnownError {
    fn description(&self, language: Language) -> String {
        format!("{} {}", self.text.in_language(language), self.advice.in_language(language))
    }

    fn in_language(&self, frame: &Frame) -> String {
        self.description(frame.language)
    }

    fn zh(&self) -> String {
        self.description(Language::Chinese)
    }

    fn en(&self) -> String {
        self.description(Language::English)
    }
}

/// The page of an operation.
#[derive(Debug, Template)]
#[template(path = "operation.html")]
pub struct OperationPage<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The operation with the values of the form.
    pub operation: &'a Operation,
    /// The operation as JSON, for the script.
    pub json: String,
    /// Scheme and host of this server.
    pub base: &'a str,
    /// The error catalogue.
    pub errors: Vec<KnownError>,
    /// All operations, for the list beside the form.
    pub dialects: &'a [Dialect],
    /// Repositories of the user, for the fields that require an id.
    pub repositories: Vec<Repository>,
    /// The results that the operation returns.
    pub responses: Vec<Response>,
    /// The error statuses that the operation returns.
    pub error_statuses: Vec<ErrorStatus>,
}

/// The languages of the samples: the module of the script, and the title of the tab.
const SAMPLES: [(&str, &str); 9] = [
    ("java", "Java"),
    ("python", "Python"),
    ("go", "Go"),
    ("node", "Node.js"),
    ("csharp", "C#"),
    ("php", "PHP"),
    ("curl", "curl"),
    ("curl_signed", "curl (AK/SK)"),
    ("cli", "stagepost"),
];

impl OperationPage<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn dialect(&self) -> String {
        title(self.frame, &self.operation.dialect)
    }

    fn is_current(&self, operation: &Operation) -> bool {
        operation.address == self.operation.address
    }

    fn samples(&self) -> [(&'static str, &'static str); 9] {
        SAMPLES
    }

    /// The curl command for browsers without JavaScript. Parameters without a value stay in braces.
    fn curl(&self) -> String {
        let operation = self.operation;
        let mut path = operation.path.clone();
        let mut query = Vec::new();
        for parameter in &operation.parameters {
            let value = links::encode(&parameter.value);
            match parameter.location {
                _ if value.is_empty() => {}
                ParameterLocation::Path => path = path.replace(&format!("{{{}}}", parameter.name), &value),
                ParameterLocation::Query => query.push((parameter.name.as_str(), parameter.value.as_str())),
                ParameterLocation::Header | ParameterLocation::Body => {}
            }
        }
        let url = format!("{}{}", self.base, links::address(&path, &query)).replace('\'', "%27");
        let token = if operation.dialect == "gitlab" { "PRIVATE-TOKEN" } else { "X-Auth-Token" };
        let token = if operation.anonymous { String::new() } else { format!(" -H \"{token}: $TOKEN\"") };
        let body = operation.body.as_ref().map(Body::curl).unwrap_or_default();
        format!("curl -X {}{token}{body} '{url}'", operation.method)
    }
}

#[cfg(test)]
mod tests {
    use super::parameter::tests::parameter;
    use super::*;
    use crate::layout::tests::frame;

    fn operation() -> Operation {
        Operation {
            id: "ListPipelineJobs".into(),
            address: "ListPipelineJobs".into(),
            dialect: "codearts".into(),
            method: "GET".into(),
            path: "/v4/repositories/{repository_id}/jobs".into(),
            summary: "Lists jobs".into(),
            description: String::new(),
            anonymous: false,
            streams: false,
            needs_full_scope: false,
            parameters: vec![parameter("repository_id", "7"), parameter("limit", "a'b")],
            body: None,
        }
    }

    #[test]
    fn a_search_matches_operations_with_all_words() {
        for (q, fits) in
            [("", true), ("LIST jobs", true), ("/v4 get", true), ("gitlab", false), ("jobs x", false)]
        {
            assert_eq!(operation().matches(q), fits, "{q}");
        }
    }

    #[test]
    fn the_page_has_a_form_and_a_curl_command() {
        let (operation, frame) = (operation(), frame());
        let json = "{\"a\": \"<'\\\"\"}".to_owned();
        let page = OperationPage {
            frame: &frame,
            operation: &operation,
            json,
            base: "http://x",
            errors: Vec::new(),
            dialects: &[],
            repositories: Vec::new(),
            responses: Vec::new(),
            error_statuses: Vec::new(),
        };
        let html = page.html();
        assert!(html.contains("name=\"repository_id\""), "{html}");
        assert!(html.contains("1 to 100 · default 20"), "{html}");
        assert!(!html.contains("<b>so many</b>") && !html.contains("<'\\\""), "{html}");
        assert_eq!(
            page.curl(),
            "curl -X GET -H \"X-Auth-Token: $TOKEN\" 'http://x/v4/repositories/7/jobs?limit=a%27b'"
        );
    }

    #[test]
    fn a_body_has_fields_and_is_in_the_curl_command() {
        let frame = frame();
        let field = |name: &str, required| Parameter {
            location: ParameterLocation::Body,
            required,
            kind: "string".into(),
            ..parameter(name, "")
        };
        let mut fields =
            vec![field("status", true), Parameter { in_page_address: false, ..field("secret", false) }];
        let body = |fields: &[Parameter]| Body {
            required: true,
            kind: "application/json".into(),
            example: "{\"status\": \"<b>\"}".into(),
            fields: fields.to_vec(),
            schema: "{}".into(),
            prefilled: None,
            sample: "{\"name\": \"it's\"}".into(),
        };
        let render = |body| {
            let operation = Operation { method: "POST".into(), body: Some(body), ..operation() };
            let page = OperationPage {
                frame: &frame,
                operation: &operation,
                json: "{}".into(),
                base: "http://x",
                errors: Vec::new(),
                dialects: &[],
                repositories: Vec::new(),
                responses: Vec::new(),
                error_statuses: Vec::new(),
            };
            (page.html(), page.curl())
        };
        let (html, curl) = render(body(&fields));
        assert!(html.contains("id=\"b-status\" name=\"status\""), "{html}");
        assert!(html.contains("id=\"b-secret\" value") && !html.contains("name=\"secret\""), "{html}");
        assert!(!html.contains("<b>") && !html.contains("id=\"optional-fields\""), "{html}");
        assert_eq!(
            curl,
            "curl -X POST -H \"X-Auth-Token: $TOKEN\" -H 'Content-Type: application/json' \
             --data-raw '{\"name\": \"it'\\''s\"}' 'http://x/v4/repositories/7/jobs?limit=a%27b'"
        );
        // Many optional fields are collapsed, unless one has a value.
        fields.extend((0..8).map(|at| field(&format!("more_{at}"), false)));
        let folded = render(body(&fields)).0;
        assert!(folded.contains("<details id=\"optional-fields\"><summary>Optional fields (9)<"), "{folded}");
        fields[3].value = "x".into();
        assert!(render(body(&fields)).0.contains("<details id=\"optional-fields\" open>"));
    }
}
