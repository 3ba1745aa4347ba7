//! Mappings whose keys are names that the user chooses.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use crate::source::Span;
use crate::spec::decode::{Field, Spanned};

/// Names with values, in the order of the file.
#[derive(Debug, Clone)]
pub(crate) struct Table<T> {
    /// The names with their values.
    pub(crate) entries: Vec<TableEntry<T>>,
    /// Where in `entries` a name is, once somebody asks.
    places: OnceCell<HashMap<String, usize>>,
}

/// A name with its value.
#[derive(Debug, Clone)]
pub(crate) struct TableEntry<T> {
    /// The name.
    pub(crate) name: String,
    /// Where the name is written.
    pub(crate) name_span: Span,
    /// The value. A name whose value is wrong is still declared.
    pub(crate) value: Field<T>,
}

impl<T> Field<Table<T>> {
    /// The entries of a table; none if it is missing.
    pub(crate) fn entries(&self) -> &[TableEntry<T>] {
        self.value
            .as_ref()
            .map_or(&[], |table| table.entries.as_slice())
    }

    /// The entry of a name, if there is one.
    pub(crate) fn entry(&self, name: &str) -> Option<&TableEntry<T>> {
        let table = self.value.as_ref()?;
        let places = table.places.get_or_init(|| {
            let names = table.entries.iter().map(|entry| entry.name.clone());
            names
                .enumerate()
                .map(|(place, name)| (name, place))
                .collect()
        });
        places.get(name).map(|place| &table.entries[*place])
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Table<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TableVisitor(PhantomData))
    }
}

struct TableVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for TableVisitor<T> {
    type Value = Table<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Table<T>, A::Error> {
        let mut entries = Vec::with_capacity(map.size_hint().unwrap_or_default());
        while let Some(name) = map.next_key::<Spanned<String>>()? {
            entries.push(TableEntry {
                name: name.value,
                name_span: name.span,
                value: map.next_value()?,
            });
        }
        let places = OnceCell::new();
        Ok(Table { entries, places })
    }
}

impl<T: JsonSchema> JsonSchema for Table<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("TableOf{}", T::schema_name()).into()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        format!("Table<{}>", T::schema_id()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "additionalProperties": generator.subschema_for::<T>(),
        })
    }
}
