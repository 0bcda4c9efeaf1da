//! The API Explorer: all operations, and one with its form, samples and answer.

mod body;
mod parameter;

pub use body::Body;
pub use parameter::{Parameter, ParameterLocation};

use crate::messages::{Lang, Text, explorer as w};
use crate::{Frame, links};
use askama::Template;

/// An operation.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its name in its API.
    pub id: String,
    /// Its name in addresses here, which no other operation has.
    pub address: String,
    /// The dialect.
    pub dialect: String,
    /// Method.
    pub method: String,
    /// Path, its parameters in braces.
    pub path: String,
    /// In a line.
    pub summary: String,
    /// In a few sentences.
    pub description: String,
    /// Anybody may call.
    pub anonymous: bool,
    /// Its answer is a stream that ends with its caller.
    pub streams: bool,
    /// A token to read only may not make it, though it may read.
    pub full: bool,
    /// Parameters, the required ones first.
    pub parameters: Vec<Parameter>,
    /// The body.
    pub body: Option<Body>,
}

impl Operation {
    /// True where a word of a search is in it.
    pub fn fits(&self, q: &str) -> bool {
        let text = format!("{} {} {} {}", self.id, self.method, self.path, self.summary).to_lowercase();
        q.to_lowercase().split_whitespace().all(|word| text.contains(word))
    }

    fn link(&self) -> String {
        format!("/explorer/{}", links::encode(&self.address))
    }

    fn writes(&self) -> bool {
        self.method != "GET"
    }

    /// Where calls of it are signed.
    fn signable(&self) -> bool {
        !self.anonymous && self.dialect != "gitlab"
    }
}

/// Operations on one thing.
#[derive(Debug, Clone)]
pub struct Group {
    /// The thing, in the reader's language.
    pub name: String,
    /// What can be done.
    pub operations: Vec<Operation>,
}

/// What one dialect offers.
#[derive(Debug, Clone)]
pub struct Dialect {
    /// Its name.
    pub name: String,
    /// By thing.
    pub groups: Vec<Group>,
}

impl Dialect {
    fn title(&self, frame: &Frame) -> String {
        title(frame, &self.name)
    }
}

fn title(frame: &Frame, dialect: &str) -> String {
    let text = match dialect {
        "codearts" => w::CODEARTS,
        "iam" => w::IAM,
        "gitlab" => w::GITLAB,
        "native" => w::NATIVE,
        "operations" => w::OPERATIONS,
        other => return other.to_owned(),
    };
    frame.say(text).to_owned()
}

/// All operations.
#[derive(Debug, Template)]
#[template(path = "explorer.html")]
pub struct Explorer<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// What was searched for.
    pub q: &'a str,
    /// What fits.
    pub dialects: Vec<Dialect>,
}

impl Explorer<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }
}

/// An entry of the catalogue of errors.
#[derive(Debug, Clone, Copy)]
pub struct KnownError {
    /// Code.
    pub code: &'static str,
    /// What happened, in Chinese and in English.
    pub text: Text,
    /// What to do.
    pub advice: Text,
}

impl KnownError {
    fn said(&self, lang: Lang) -> String {
        format!("{} {}", self.text.in_language(lang), self.advice.in_language(lang))
    }

    fn zh(&self) -> String {
        self.said(Lang::Chinese)
    }

    fn en(&self) -> String {
        self.said(Lang::English)
    }
}

/// One operation.
#[derive(Debug, Template)]
#[template(path = "operation.html")]
pub struct OperationPage<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The operation, with the values of the form.
    pub operation: &'a Operation,
    /// The same for the script, as JSON.
    pub json: String,
    /// Scheme and host of this server.
    pub base: &'a str,
    /// The catalogue.
    pub errors: Vec<KnownError>,
}

/// The languages of the samples: the script's module, and what people call it.
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

    fn samples(&self) -> [(&'static str, &'static str); 9] {
        SAMPLES
    }

    /// The call with curl, for who has no script: what is not filled in stands in braces.
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
            full: false,
            parameters: vec![parameter("repository_id", "7"), parameter("limit", "a'b")],
            body: None,
        }
    }

    #[test]
    fn a_search_wants_all_its_words_anywhere() {
        for (q, fits) in
            [("", true), ("LIST jobs", true), ("/v4 get", true), ("gitlab", false), ("jobs x", false)]
        {
            assert_eq!(operation().fits(q), fits, "{q}");
        }
    }

    #[test]
    fn the_page_has_a_form_and_the_call_without_a_script() {
        let (operation, frame) = (operation(), frame());
        let json = "{\"a\": \"<'\\\"\"}".to_owned();
        let page = OperationPage {
            frame: &frame,
            operation: &operation,
            json,
            base: "http://x",
            errors: Vec::new(),
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
    fn a_body_has_its_fields_and_is_in_the_call_without_a_script() {
        let frame = frame();
        let field = |name: &str, required| Parameter {
            location: ParameterLocation::Body,
            required,
            kind: "string".into(),
            ..parameter(name, "")
        };
        let mut fields = vec![field("status", true), Parameter { linked: false, ..field("secret", false) }];
        let body = |fields: &[Parameter]| Body {
            required: true,
            kind: "application/json".into(),
            example: "{\"status\": \"<b>\"}".into(),
            fields: fields.to_vec(),
            schema: "{}".into(),
            given: None,
            printed: "{\"name\": \"it's\"}".into(),
        };
        let shown = |body| {
            let operation = Operation { method: "POST".into(), body: Some(body), ..operation() };
            let page = OperationPage {
                frame: &frame,
                operation: &operation,
                json: "{}".into(),
                base: "http://x",
                errors: Vec::new(),
            };
            (page.html(), page.curl())
        };
        let (html, curl) = shown(body(&fields));
        assert!(html.contains("id=\"b-status\" name=\"status\""), "{html}");
        assert!(html.contains("id=\"b-secret\" value") && !html.contains("name=\"secret\""), "{html}");
        assert!(!html.contains("<b>") && !html.contains("id=\"optional-fields\""), "{html}");
        assert_eq!(
            curl,
            "curl -X POST -H \"X-Auth-Token: $TOKEN\" -H 'Content-Type: application/json' \
             --data-raw '{\"name\": \"it'\\''s\"}' 'http://x/v4/repositories/7/jobs?limit=a%27b'"
        );
        // Many optional ones fold; one that holds something is seen.
        fields.extend((0..8).map(|at| field(&format!("more_{at}"), false)));
        let folded = shown(body(&fields)).0;
        assert!(folded.contains("<details id=\"optional-fields\"><summary>Optional fields (9)<"), "{folded}");
        fields[3].value = "x".into();
        assert!(shown(body(&fields)).0.contains("<details id=\"optional-fields\" open>"));
    }
}
