//! The JSON is that of `serde_json`, byte for byte.

use super::*;
use proptest::prelude::*;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Serialize)]
enum Variants<'a> {
    Unit,
    Newtype(&'a str),
    Tuple(i8, u64),
    Struct { a: Option<f32>, b: char },
}

#[derive(Serialize)]
struct Inner<'a> {
    x: &'a [u8],
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<bool>,
}

#[derive(Serialize)]
struct Outer<'a> {
    #[serde(flatten)]
    inner: Inner<'a>,
    #[serde(rename = "ref")]
    text: &'a str,
    variants: Vec<Variants<'a>>,
    map: BTreeMap<i64, ()>,
    flags: BTreeMap<bool, u128>,
    pair: (i128, f64),
}

fn same(value: &impl Serialize) {
    let expected = serde_json::to_vec(value).unwrap();
    let written = to_vec(value, 0).unwrap();
    assert_eq!(String::from_utf8_lossy(&written), String::from_utf8_lossy(&expected));
}

/// Texts with what is escaped at any position, and long ones without.
fn texts() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "[a-z0-9/:.-]{0,40}",
        "[\u{0}-\u{1f}\"\\\\\u{7f}]{0,3}",
        "\\PC{0,20}",
        Just("任务 é 😀".to_owned())
    ];
    prop::collection::vec(part, 0..4).prop_map(|parts| parts.concat())
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (0..10_000_i32).prop_map(|hundredths| Value::from(f64::from(hundredths) / 100.0)),
        texts().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::btree_map(texts(), inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_value_is_written_as_serde_json_does(value in values()) {
        same(&value);
    }

    #[test]
    fn any_type_is_written_as_serde_json_does(
        text in texts(), short in any::<i8>(), long in any::<u64>(), small in any::<f32>(), letter in any::<char>(),
        bytes in any::<[u8; 3]>(), y in any::<Option<bool>>(), wide in any::<i128>(), real in any::<f64>(),
        keys in prop::collection::btree_map(any::<i64>(), Just(()), 0..3),
    ) {
        same(&Outer {
            inner: Inner { x: &bytes, y },
            text: &text,
            variants: vec![
                Variants::Unit,
                Variants::Newtype(&text),
                Variants::Tuple(short, long),
                Variants::Struct { a: Some(small), b: letter },
                Variants::Struct { a: None, b: '"' },
            ],
            map: keys,
            flags: BTreeMap::from([(true, 1), (false, u128::MAX)]),
            pair: (wide, real),
        });
    }
}

#[test]
fn every_character_is_escaped_as_serde_json_does_at_every_position() {
    for character in (0..=0x2ff).filter_map(char::from_u32) {
        for before in 0..40 {
            same(&format!("{}{character}{}", "x".repeat(before), "y".repeat(20)));
        }
    }
}

#[test]
fn a_key_that_is_no_text_is_refused() {
    let key = BTreeMap::from([(vec![1], 2)]);
    assert!(to_vec(&key, 0).is_err());
    assert!(serde_json::to_vec(&key).is_err());
}
