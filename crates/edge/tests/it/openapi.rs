//! The OpenAPI documents: they contain every route and nothing else, in both languages, and are served with
//! the right headers.

use edge::language::Language;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use testkit::TestServer;

/// Pages are for people and are not part of a document.
const UNDOCUMENTED: &[&str] = &["person"];
const METHODS: &[&str] = &["get", "put", "post", "delete", "patch"];

fn documents(language: Language) -> BTreeMap<&'static str, Value> {
    edge::documents(language).iter().map(|document| (document.name, document.json.clone())).collect()
}

/// Method, path and operation of every entry of a document.
fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(METHODS.contains(&method.as_str()), "{path}: {method}");
            all.push((method.to_uppercase(), path.clone(), operation));
        }
    }
    all
}

#[test]
fn every_route_is_one_operation_of_one_document() {
    let routes = edge::route_table();
    let wanted: BTreeSet<_> = routes
        .iter()
        .filter(|route| !UNDOCUMENTED.contains(&route.dialect))
        .map(|route| (route.operation.to_owned(), route.method.clone(), route.path.to_owned()))
        .collect();
    let mut documented = Vec::new();
    for document in documents(Language::English).values() {
        for (method, path, operation) in operations(document) {
            documented.push((operation["operationId"].as_str().unwrap().to_owned(), method, path));
        }
    }
    let names: BTreeSet<_> = documented.iter().map(|(name, ..)| name).collect();
    assert_eq!(
        names.len(),
        documented.len(),
        "an operation's name is its address in the explorer: {documented:?}"
    );
    let documented: BTreeSet<_> = documented.into_iter().collect();
    let missing: Vec<_> = wanted.difference(&documented).collect();
    assert!(missing.is_empty(), "describe them in crates/edge/src/openapi: {missing:?}");
    assert_eq!(documented, wanted);
}

/// The texts of a document by location, and the rest of the document.
fn apart(value: &Value, at: &str, texts: &mut BTreeMap<String, String>) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .map(|(name, value)| {
                let at = format!("{at}/{name}");
                if let (true, Some(text)) =
                    (["description", "summary", "title"].contains(&name.as_str()), value.as_str())
                {
                    texts.insert(at, text.to_owned());
                    return (name.clone(), Value::Null);
                }
                (name.clone(), apart(value, &at, texts))
            })
            .collect(),
        Value::Array(items) => {
            let each = items.iter().enumerate().map(|(i, item)| apart(item, &format!("{at}/{i}"), texts));
            each.collect()
        }
        other => other.clone(),
    }
}

#[test]
fn both_languages_say_the_same_of_the_same() {
    let (zh, en) = (documents(Language::Chinese), documents(Language::English));
    for (name, zh) in &zh {
        let (mut in_zh, mut in_en) = (BTreeMap::new(), BTreeMap::new());
        assert_eq!(apart(zh, name, &mut in_zh), apart(&en[name], name, &mut in_en));
        assert!(in_zh.keys().eq(in_en.keys()));
        for (at, text) in &in_en {
            assert!(text.is_ascii() && !text.is_empty(), "{at}: {text}");
            let is_reason = at.contains("/responses/") && at.ends_with("/description");
            let chinese = in_zh[at].chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            let is_word = in_zh[at].len() <= 8;
            assert!(chinese || is_reason || is_word, "{at}: {}", in_zh[at]);
        }
    }
}

#[test]
fn every_parameter_and_field_is_explained() {
    let mut unexplained = BTreeSet::new();
    for (name, document) in documents(Language::English) {
        for (_, _, operation) in operations(&document) {
            for parameter in operation["parameters"].as_array().unwrap() {
                if !parameter["description"].is_string() || !parameter["schema"].is_object() {
                    let (id, name) = (&operation["operationId"], &parameter["name"]);
                    unexplained.insert(format!("{}.{}", id.as_str().unwrap(), name.as_str().unwrap()));
                }
            }
        }
        for (owner, schema) in document["components"]["schemas"].as_object().unwrap() {
            let parts = ["oneOf", "anyOf"].iter().filter_map(|of| schema[of].as_array()).flatten();
            for part in parts.chain([schema]) {
                for (field, property) in part["properties"].as_object().into_iter().flatten() {
                    if !property["description"].is_string() {
                        unexplained.insert(format!("{name}: {owner}.{field}"));
                    }
                }
            }
        }
    }
    assert!(
        unexplained.is_empty(),
        "document the fields in crates/wire, with `zh`, and the parameters in crates/edge/src/openapi/fields: {unexplained:#?}"
    );
}

#[test]
fn parameters_have_the_limits_that_the_server_keeps() {
    let documents = documents(Language::English);
    let path = "/v4/repositories/{repository_id}/pipelines/{pipeline_id}/jobs";
    let operation = &documents["codearts"]["paths"][path]["get"];
    let parameter = |name: &str| {
        let all = operation["parameters"].as_array().unwrap();
        all.iter().find(|parameter| parameter["name"] == name).unwrap().clone()
    };
    let id = parameter("repository_id");
    assert_eq!(id["schema"]["minimum"], 1);
    assert_eq!(id["schema"]["maximum"], 2_147_483_647);
    assert_eq!((&id["example"], &id["required"]), (&2_111_976_239_i64.into(), &true.into()));
    let limit = parameter("limit");
    assert_eq!((&limit["schema"]["maximum"], &limit["schema"]["default"]), (&100.into(), &20.into()));
    assert_eq!(limit["required"], false);
    let answer = &operation["responses"]["200"];
    assert!(answer["headers"]["X-Total"]["schema"].is_object());
    assert_eq!(
        answer["content"]["application/json"]["schema"]["items"]["$ref"],
        "#/components/schemas/JobWithStage"
    );
    let job = &documents["codearts"]["components"]["schemas"]["JobWithStage"];
    assert_eq!(job["required"].as_array().unwrap().len(), 13);
    assert_eq!(job["properties"]["status"]["enum"].as_array().unwrap().len(), 7);
}

#[tokio::test]
async fn a_document_is_served_in_the_language_and_for_the_address_that_is_asked() {
    let server = TestServer::start().await;
    let get = |target: &str| server.ask(http::Method::GET, target).header("host", "stagepost.example:8080");
    let list = get("/openapi?language=en").send().await.json();
    let listed = list["documents"].as_array().unwrap();
    assert_eq!(listed.len(), 8);
    for one in listed {
        let url =
            one["url"].as_str().unwrap().strip_prefix("http://stagepost.example:8080").unwrap().to_owned();
        let answer = get(&url).send().await;
        assert_eq!((answer.status, answer.header("content-language")), (200, "zh-CN"));
        let document = answer.json();
        assert_eq!(document["openapi"], "3.1.0");
        assert_eq!(document["servers"][0]["url"], "http://stagepost.example:8080");
        let english = get(&url).header("accept-language", "en").send().await.json();
        assert_eq!(english["info"]["title"], one["title"]);
        assert_ne!(english["info"]["title"], document["info"]["title"]);
    }
    let tag = get("/openapi/codearts.json").send().await.header("etag").to_owned();
    let same = get("/openapi/codearts.json").header("if-none-match", &tag).send().await;
    assert_eq!((same.status, same.body.len(), same.header("etag")), (304, 0, tag.as_str()));
    let other = get("/openapi/codearts.json?language=en").header("if-none-match", &tag).send().await;
    assert_eq!(other.status, 200);
    let packed = get("/openapi/codearts.json").header("accept-encoding", "gzip").send().await;
    assert_eq!((packed.header("content-encoding"), packed.header("etag")), ("gzip", tag.as_str()));
    assert_eq!(get("/openapi/else.json").send().await.status, 404);
    assert_eq!(get("/openapi/codearts.json?language=fr").send().await.status, 400);
}
