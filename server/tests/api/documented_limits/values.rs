//! Values at and beyond the limits of a schema.

use super::DOCUMENT;
use crate::harness::UNKNOWN_ID;
use jsonschema::Validator;
use protocol::time::Time;
use serde_json::{Value, json};
use std::time::SystemTime;

/// Values of a property.
#[derive(Default)]
pub struct Values {
    pub allowed: Vec<Value>,
    pub forbidden: Vec<Value>,
}

/// The properties of a schema, those of objects within it too.
pub fn properties(schema: &Value) -> Vec<(String, Value)> {
    let schema = resolve(schema).0;
    let mut all = Vec::new();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        all.push((name.clone(), property.clone()));
        all.extend(properties(property).into_iter().map(|(inner, schema)| (format!("{name}.{inner}"), schema)));
    }
    all
}

/// The schema that a reference means, and whether null is allowed beside it.
pub fn resolve(schema: &Value) -> (Value, bool) {
    if let Some(name) = schema["$ref"].as_str() {
        return resolve(DOCUMENT.pointer(name.trim_start_matches('#')).unwrap());
    }
    if let Some([first, second]) = schema["oneOf"].as_array().map(Vec::as_slice) {
        let other = if first["type"] == "null" { second } else { first };
        assert!(first["type"] == "null" || second["type"] == "null", "{schema}");
        return (resolve(other).0, true);
    }
    if let Some([kind, null]) = schema["type"].as_array().map(Vec::as_slice) {
        assert_eq!(null, "null");
        let mut schema = schema.clone();
        schema["type"] = kind.clone();
        return (schema, true);
    }
    (schema.clone(), false)
}

impl Values {
    /// The values for a property; each is checked against its schema. Of a parameter, every value is a text.
    pub fn of(field: &str, schema: &Value, is_text: bool) -> Self {
        let (schema, nullable) = resolve(schema);
        assert!(!(nullable && is_text), "{field}: a parameter can't be null");
        let mut values = match schema["type"].as_str() {
            Some("string") if schema["enum"].is_array() => Self::of_choices(&schema, json!("nothing")),
            Some("integer") if schema["enum"].is_array() => Self::of_choices(&schema, json!(7)),
            Some("string") => Self::of_text(field, &schema),
            Some("integer") => Self::of_number(&schema),
            Some("array") => Self::of_list(&schema),
            Some("boolean") => Self { allowed: vec![json!(true), json!(false)], forbidden: vec![json!("yes")] },
            Some("object") => Self { allowed: Vec::new(), forbidden: vec![json!("text")] },
            _ => panic!("{field}: unknown kind of schema: {schema}"),
        };
        if schema["type"] == "string" && !is_text {
            values.forbidden.push(json!(7));
        }
        let validator = validator_of(&schema);
        values.allowed.iter().for_each(|value| assert!(validator.is_valid(value), "{field}: {value}: {schema}"));
        values.forbidden.iter().for_each(|value| assert!(!validator.is_valid(value), "{field}: {value}: {schema}"));
        if nullable {
            values.allowed.push(Value::Null);
        }
        values
    }

    fn of_choices(schema: &Value, other: Value) -> Self {
        Self { allowed: schema["enum"].as_array().unwrap().clone(), forbidden: vec![other] }
    }

    fn of_number(schema: &Value) -> Self {
        let (min, max) = (schema["minimum"].as_i64(), schema["maximum"].as_i64());
        let (min, max) = (min.expect("a minimum"), max.expect("a maximum"));
        Self { allowed: vec![json!(min), json!(max)], forbidden: vec![json!(min - 1), json!(max + 1), json!("x")] }
    }

    fn of_list(schema: &Value) -> Self {
        let list = |length: u64| (0..length).map(|_| json!(uuid())).collect::<Vec<_>>().into();
        let (min, max) = (schema["minItems"].as_u64().unwrap_or(0), schema["maxItems"].as_u64().expect("a maximum"));
        let below = min.checked_sub(1).map(list);
        let forbidden = below.into_iter().chain([list(max + 1), json!(["x"]), json!("x")]).collect();
        Self { allowed: vec![list(min), list(max)], forbidden }
    }

    fn of_text(field: &str, schema: &Value) -> Self {
        let validator = validator_of(schema);
        let (min, max) = (schema["minLength"].as_u64().unwrap_or(0), schema["maxLength"].as_u64());
        let fitting = |length| texts(length).into_iter().map(Value::from).find(|text| validator.is_valid(text));
        // What is stated otherwise than by lengths.
        let spoilt = || {
            let texts = ["a b", "a\u{7}a", "a\u{202e}a", "\0", "x", " \u{200b}"];
            texts.into_iter().map(Value::from)
        };
        let mut values = Self::default();
        match field.rsplit('.').next() {
            // What the fields have to do with what is stored, or with the time of day, is not stated.
            Some("time_zone") => values.allowed.push(json!("Europe/Berlin")),
            Some("cursor" | "after" | "code") => {}
            _ => {
                let lengths = [Some(min), max].into_iter().flatten();
                values.allowed.extend(lengths.map(|length| {
                    fitting(length).unwrap_or_else(|| panic!("{field}: no text of {length} characters fits {schema}"))
                }));
            }
        }
        if let Some(length) = min.checked_sub(1) {
            values.forbidden.push(texts(length).remove(0).into());
        }
        values.forbidden.extend(max.map(|max| {
            // Nothing but the length is wrong with it.
            let unlimited = validator_of(&without_length(schema));
            texts(max + 1).into_iter().map(Value::from).find(|text| unlimited.is_valid(text)).expect("a text")
        }));
        if !schema["pattern"].is_null() || !schema["format"].is_null() {
            values.forbidden.extend(spoilt().find(|text| !validator.is_valid(text)));
        }
        values
    }
}

fn without_length(schema: &Value) -> Value {
    let mut schema = schema.clone();
    schema.as_object_mut().unwrap().remove("maxLength");
    schema
}

/// Texts of this many characters, one of which suits any pattern.
fn texts(length: u64) -> Vec<String> {
    let length = usize::try_from(length).unwrap();
    let letters: String = (0..length).map(|_| char::from(rand::random_range(b'a'..=b'z'))).collect();
    let groups: String = letters.chars().enumerate().map(|(at, c)| if at % 9 == 2 { '-' } else { c }).collect();
    // A name of a host has at most 63 characters.
    let host: String = letters.chars().enumerate().map(|(at, c)| if at % 50 == 9 { '.' } else { c }).collect();
    let tomorrow = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis() + 86_400_000;
    let mut all = vec![letters, groups.trim_end_matches('-').to_owned() + if groups.ends_with('-') { "a" } else { "" }];
    if length > 12 {
        all.push(format!("ada@{}", &host[4..]));
    }
    all.push("🔥".repeat(length));
    all.extend([UNKNOWN_ID.to_owned(), Time(i64::try_from(tomorrow).unwrap()).to_string(), "07:30".to_owned()]);
    all
}

fn uuid() -> String {
    let text = crate::harness::random_name();
    format!("{}-{}-7{}-8{}-{}", &text[..8], &text[8..12], &text[13..16], &text[17..20], &text[20..])
}

fn validator_of(schema: &Value) -> Validator {
    let mut schema = schema.clone();
    schema["components"] = DOCUMENT["components"].clone();
    jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema")
}
