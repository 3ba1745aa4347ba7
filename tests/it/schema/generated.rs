//! Values made by chance that a schema describes.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// Texts that mean something in one place or another.
const TEXTS: [&str; 12] = [
    "name", "", "./folder", "/folder", "a:b", "1.10", "true", "no", "null", "512m", "90s", "0x1f",
];

/// How deep a value grows before only what must be there is put into it.
const DEPTH: usize = 7;

/// Numbers that decide; when none is left, everything is decided in the simplest way.
pub(super) struct Choices(std::vec::IntoIter<u32>);

impl Choices {
    pub(super) fn new(numbers: Vec<u32>) -> Self {
        Self(numbers.into_iter())
    }

    /// A number below this one.
    pub(super) fn below(&mut self, end: usize) -> usize {
        let number = self.0.next().unwrap_or_default();
        usize::try_from(number).unwrap_or_default() % end.max(1)
    }

    fn of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// Makes values of one schema.
pub(super) struct Generator {
    schema: Value,
    texts: Vec<String>,
}

impl Generator {
    pub(super) fn new(schema: Value) -> Self {
        let mut texts: BTreeSet<String> = TEXTS.map(str::to_owned).into();
        collect_examples(&schema, &mut texts);
        let texts = texts.into_iter().collect();
        Self { schema, texts }
    }

    /// A whole file.
    pub(super) fn file(&self, choices: &mut Choices) -> Value {
        self.value(&self.schema, choices, 0)
    }

    fn value(&self, schema: &Value, choices: &mut Choices, depth: usize) -> Value {
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.trim_start_matches("#/$defs/");
            return self.value(&self.schema["$defs"][name], choices, depth);
        }
        if schema["properties"].is_object() {
            let is_left_out = is_nullable(schema) && choices.below(8) == 1;
            return if is_left_out {
                Value::Null
            } else {
                self.mapping(schema, choices, depth)
            };
        }
        if let Some(forms) = schema["anyOf"].as_array() {
            let form = choices.of(forms);
            if form["title"] != "with a variable" {
                return self.value(form, choices, depth);
            }
            let value = self.value(&forms[0], choices, depth);
            let text = value.as_str().map_or(value.to_string(), str::to_owned);
            return json!(format!("${{SET:+{text}}}"));
        }
        if !schema["const"].is_null() {
            return schema["const"].clone();
        }
        if let Some(words) = schema["enum"].as_array() {
            return choices.of(words).clone();
        }
        let types: Vec<&str> = match &schema["type"] {
            Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
            Value::String(kind) => vec![kind],
            _ => vec!["string"],
        };
        match *choices.of(&types) {
            "null" => Value::Null,
            "boolean" => json!(choices.below(2) == 1),
            "integer" => {
                let least = schema["minimum"].as_u64().unwrap_or(1);
                json!(least + choices.below(3) as u64)
            }
            "number" => choices.of(&[json!(2), json!(0.5), json!(80)]).clone(),
            "array" => {
                let least = schema["minItems"].as_u64().unwrap_or(0);
                let most = if depth < DEPTH { 2 } else { 0 };
                let length = usize::try_from(least).unwrap_or_default() + choices.below(most + 1);
                let item = || self.value(&schema["items"], choices, depth + 1);
                std::iter::repeat_with(item).take(length).collect()
            }
            "object" => self.mapping(schema, choices, depth),
            _ => json!(self.text(schema, choices)),
        }
    }

    fn mapping(&self, schema: &Value, choices: &mut Choices, depth: usize) -> Value {
        let mut entries = Map::new();
        // Some mappings hold one of several keys.
        let ways = schema["oneOf"].as_array().map_or(&[][..], Vec::as_slice);
        let way = (!ways.is_empty()).then(|| choices.of(ways));
        let keys = |schema: &Value| schema["required"].as_array().cloned().unwrap_or_default();
        let required = [keys(schema), way.map(keys).unwrap_or_default()].concat();
        let excluded: Vec<Value> = ways.iter().flat_map(keys).collect();
        let properties = schema["properties"].as_object();
        for (key, property) in properties.into_iter().flatten() {
            let is_required = required.iter().any(|it| it == key);
            if !is_required && excluded.iter().any(|it| it == key) {
                continue;
            }
            let share = if depth < 3 { 3 } else { 12 };
            let is_chosen = depth < DEPTH && choices.below(share) == 1;
            if is_required || is_chosen {
                entries.insert(key.clone(), self.value(property, choices, depth + 1));
            }
        }
        if schema["patternProperties"]["^x-"] == true && choices.below(10) == 1 {
            entries.insert("x-mine".to_owned(), json!([1, { "a": null }]));
        }
        let others = &schema["additionalProperties"];
        if depth < DEPTH && others != false && !others.is_null() {
            for name in ["first", "second"] {
                if choices.below(2) == 1 {
                    entries.insert(name.to_owned(), self.value(others, choices, depth + 1));
                }
            }
        }
        Value::Object(entries)
    }

    fn text(&self, schema: &Value, choices: &mut Choices) -> String {
        let Some(pattern) = schema["pattern"].as_str() else {
            return choices.of(&self.texts).clone();
        };
        let pattern = json!({ "pattern": pattern });
        let validator = jsonschema::draft202012::new(&pattern).expect("the pattern is one");
        let fitting: Vec<&String> = self
            .texts
            .iter()
            .filter(|text| validator.is_valid(&json!(text)))
            .collect();
        assert!(!fitting.is_empty(), "no text fits {pattern}");
        (*choices.of(&fitting)).clone()
    }
}

/// Puts a wrong or unusual value somewhere, misspells a key, or takes one away.
pub(super) fn change(value: &mut Value, choices: &mut Choices) {
    let inner = match value {
        Value::Object(entries) if !entries.is_empty() => entries.len(),
        Value::Array(items) if !items.is_empty() => items.len(),
        _ => 0,
    };
    if inner > 0 && choices.below(6) != 1 {
        let at = choices.below(inner);
        match value {
            Value::Object(entries) => {
                let key = entries.keys().nth(at).cloned().unwrap_or_default();
                match choices.below(8) {
                    1 => {
                        entries.remove(&key);
                    }
                    2 => {
                        let value = entries.remove(&key).unwrap_or_default();
                        entries.insert(format!("{key}x"), value);
                    }
                    _ => change(&mut entries[&key], choices),
                }
            }
            Value::Array(items) => change(&mut items[at], choices),
            _ => {}
        }
        return;
    }
    let others = [
        json!(null),
        json!(true),
        json!(3),
        json!(-3),
        json!(1.5),
        json!("3"),
        json!("true"),
        json!("word"),
        json!(""),
        json!([]),
        json!(["word"]),
        json!([null]),
        json!({}),
        json!({ "word": "word" }),
    ];
    *value = choices.of(&others).clone();
}

fn is_nullable(schema: &Value) -> bool {
    let types = schema["type"].as_array();
    types.is_some_and(|types| types.iter().any(|it| it == "null"))
}

fn collect_examples(schema: &Value, texts: &mut BTreeSet<String>) {
    match schema {
        Value::Object(entries) => {
            let examples = entries.get("examples").and_then(Value::as_array);
            let examples = examples.into_iter().flatten().filter_map(Value::as_str);
            texts.extend(examples.map(str::to_owned));
            entries.values().for_each(|it| collect_examples(it, texts));
        }
        Value::Array(items) => items.iter().for_each(|it| collect_examples(it, texts)),
        _ => {}
    }
}
