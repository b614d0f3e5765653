//! A compiled schema: its keywords, with other schemas by number.

use std::collections::BTreeMap;

use super::number::Decimal;
use crate::chart::values::json::Json;
use crate::data::Str;

/// A schema's number in its [`Compiled`].
pub type Id = usize;

/// A set of JSON's types.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Types(u8);

/// The types, in the order in which messages name them.
const TYPES: [&str; 7] = ["null", "boolean", "number", "integer", "string", "array", "object"];

impl Types {
    /// The set that a type's name says; empty for none.
    pub fn named(name: &[u8]) -> Types {
        TYPES.iter().position(|ty| ty.as_bytes() == name).map_or(Types(0), |at| Types(1 << at))
    }

    /// The type of a value; every number is just a number.
    pub fn of(value: &Json) -> Types {
        Types::named(match value {
            Json::Null => b"null",
            Json::Bool(_) => b"boolean",
            Json::Number(_) | Json::Int(_) | Json::Float(_) => b"number",
            Json::String(_) => b"string",
            Json::Array(_) => b"array",
            Json::Object(_) => b"object",
        })
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Types) -> Types {
        Types(self.0 | other.0)
    }

    /// Whether they have a type in common.
    pub fn meets(self, other: Types) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The names in their order.
    pub fn names(self) -> Vec<&'static str> {
        TYPES.iter().enumerate().filter(|(at, _)| self.0 & (1 << at) != 0).map(|(_, name)| *name).collect()
    }
}

/// What stands for more properties or items.
#[derive(Debug, Clone)]
pub enum Additional {
    /// Allowed or not.
    Allowed(bool),
    /// Held to a schema.
    Schema(Id),
}

/// What a property asks of the others.
#[derive(Debug, Clone)]
pub enum Dependency {
    /// To be there.
    Properties(Vec<Str>),
    /// To follow a schema.
    Schema(Id),
}

/// The `items` of drafts before 2020.
#[derive(Debug, Clone)]
pub enum Items {
    /// One schema for all.
    All(Id),
    /// One for each.
    Each(Vec<Id>),
}

/// A compiled schema.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs, reason = "the names are the keywords")]
pub struct Schema {
    /// URL and JSON pointer.
    pub location: String,
    /// 4, 6, 7, 2019 or 2020.
    pub draft: u16,
    /// The schema with the `$id` that holds for this one.
    pub resource: Id,
    pub dynamic_anchors: Vec<(Str, Id)>,
    pub all_properties_evaluated: bool,
    pub all_items_evaluated: bool,
    pub items_evaluated: usize,

    pub boolean: Option<bool>,
    pub reference: Option<Id>,
    pub recursive_ref: Option<Id>,
    pub recursive_anchor: bool,
    pub dynamic_ref: Option<(Id, Option<Str>)>,
    pub dynamic_anchor: Option<Str>,
    pub types: Types,
    pub enumeration: Option<(Vec<Json>, Types)>,
    pub constant: Option<Json>,
    pub not: Option<Id>,
    pub all_of: Vec<Id>,
    pub any_of: Vec<Id>,
    pub one_of: Vec<Id>,
    pub if_: Option<Id>,
    pub then: Option<Id>,
    pub else_: Option<Id>,
    pub format: Option<&'static str>,

    pub max_properties: Option<i64>,
    pub min_properties: Option<i64>,
    pub required: Vec<Str>,
    pub property_names: Option<Id>,
    pub properties: BTreeMap<Str, Id>,
    pub pattern_properties: Vec<(Str, Id)>,
    pub additional_properties: Option<Additional>,
    pub dependencies: Vec<(Str, Dependency)>,
    pub dependent_required: Vec<(Str, Vec<Str>)>,
    pub dependent_schemas: Vec<(Str, Id)>,
    pub unevaluated_properties: Option<Id>,

    pub min_items: Option<i64>,
    pub max_items: Option<i64>,
    pub unique_items: bool,
    pub contains: Option<Id>,
    pub min_contains: Option<i64>,
    pub max_contains: Option<i64>,
    pub items: Option<Items>,
    pub additional_items: Option<Additional>,
    pub prefix_items: Vec<Id>,
    pub items_2020: Option<Id>,
    pub unevaluated_items: Option<Id>,

    pub min_length: Option<i64>,
    pub max_length: Option<i64>,
    pub pattern: Option<Str>,

    pub maximum: Option<Decimal>,
    pub minimum: Option<Decimal>,
    pub exclusive_maximum: Option<Decimal>,
    pub exclusive_minimum: Option<Decimal>,
    pub multiple_of: Option<Decimal>,
}

/// All schemas that one leads to; the first is the one asked for.
#[derive(Debug, Default)]
pub struct Compiled {
    /// By number.
    pub schemas: Vec<Schema>,
}

impl Compiled {
    /// The bytes that the schemas take, about: what they hold of the text is not counted.
    pub fn bytes(&self) -> u64 {
        let each = |schema: &Schema| (size_of::<Schema>() + schema.location.len()) as u64;
        self.schemas.iter().map(each).sum()
    }
}
