//! Merge gates: what each call sends.

use crate::stub::{Stub, respond};
use serde_json::json;
use stagepost_client::gates::{
    GateAnnouncedJob, GateExpectation, GateRequirement, GateRule, NewGateOverride, NewGateRules,
};
use std::time::Duration;

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";

#[tokio::test]
async fn every_call_has_its_path_and_its_body() {
    let rules =
        json!({"version": 1, "changed_by": "root", "changed_at": "t", "rules": [], "merge_queues": []});
    let gate = json!({"sha": SHA, "target": "main", "verdict": "unset", "version": 4, "rules_version": 0, "why": "",
        "requirements": [], "announced": null, "next_due": null, "overrides": []});
    let stub = Stub::start(move |_, request| {
        match (request.method.as_str(), request.target.as_str()) {
        ("DELETE", _) => respond(204, ""),
        ("POST", target) if target.ends_with("/expect") => respond(201, request.text()),
        ("POST", _) => respond(
            201,
            json!({"id": 2, "target": "main", "requirement": null, "by": "root", "reason": "known", "at": "t",
                "rules_version": 1, "withdrawn_at": null})
            .to_string(),
        ),
        (_, target) if target.contains(SHA) => respond(200, gate.to_string()),
        _ => respond(200, rules.to_string()),
    }
    })
    .await;
    let client = stub.client();
    assert_eq!(client.gate_rules(7, Some(1)).await.unwrap().version, 1);
    let requirement = GateRequirement { job: Some("unit".into()), ..GateRequirement::default() };
    let rule =
        GateRule { targets: vec!["main".into()], requirements: vec![requirement], ..GateRule::default() };
    let new = NewGateRules { rules: vec![rule], ..NewGateRules::default() };
    client.set_gate_rules(7, &new).await.unwrap();
    assert_eq!(client.gate(7, SHA, Some("release/1")).await.unwrap().verdict, "unset");
    client.changed_gate(7, SHA, None, 4, Duration::from_secs(90)).await.unwrap();
    let job = GateAnnouncedJob { stage: None, name: Some("unit".into()) };
    let expectation = GateExpectation { source: None, jobs: vec![job], complete: true };
    assert_eq!(client.expect_jobs(7, SHA, &expectation).await.unwrap(), expectation);
    let new = NewGateOverride { target: None, requirement: None, reason: Some("known".into()) };
    assert_eq!(client.override_gate(7, SHA, &new).await.unwrap().id, 2);
    client.withdraw_gate_override(7, SHA, 2).await.unwrap();

    let requests = stub.requests();
    let of = |at: usize| format!("{} {}", requests[at].method, requests[at].target);
    let gates = "/native/v1/repositories/7/gates";
    for (at, expected) in [
        format!("GET {gates}?version=1"),
        format!("PUT {gates}"),
        format!("GET {gates}/{SHA}?target=release%2F1"),
        format!("GET {gates}/{SHA}?after=4&wait=60s"),
        format!("POST {gates}/{SHA}/expect"),
        format!("POST {gates}/{SHA}/overrides"),
        format!("DELETE {gates}/{SHA}/overrides/2"),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(of(at), expected);
    }
    let sent: serde_json::Value = serde_json::from_str(requests[1].text()).unwrap();
    assert_eq!(sent, json!({"rules": [{"targets": ["main"], "requirements": [{"job": "unit"}]}]}));
}
