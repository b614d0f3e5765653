//! Reading a manifest's fields by name; an error says where.

use crate::data::{Map, Value};
use crate::error::{Error, Result};

/// A table of a manifest, and where it stands.
pub struct Reader {
    place: String,
    map: Map,
}

impl Reader {
    /// The whole manifest.
    pub fn root(map: &Map) -> Reader {
        Reader { place: String::new(), map: map.clone() }
    }

    /// Where it stands: `spec.source`.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The table itself.
    pub fn map(&self) -> &Map {
        &self.map
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// Whether the field is there.
    pub fn has(&self, name: &str) -> bool {
        self.map.get(name).is_some_and(|value| !value.is_nil())
    }

    /// What is wrong with a field.
    pub fn wrong(&self, name: &str, what: &str) -> Error {
        Error::invalid(format!("{} {what}", self.inside(name)))
    }

    /// A string; "" where there is none.
    pub fn text(&self, name: &str) -> Result<String> {
        match self.map.get(name) {
            None | Some(Value::Nil) => Ok(String::new()),
            Some(Value::Str(text)) => Ok(text.to_string()),
            Some(_) => Err(self.wrong(name, "has to be a string")),
        }
    }

    /// A string that has to be there.
    pub fn required(&self, name: &str) -> Result<String> {
        let text = self.text(name)?;
        if text.is_empty() { Err(self.wrong(name, "is missing")) } else { Ok(text) }
    }

    /// A bool; false where there is none.
    pub fn switch(&self, name: &str) -> Result<bool> {
        match self.map.get(name) {
            None | Some(Value::Nil) => Ok(false),
            Some(Value::Bool(on)) => Ok(on),
            Some(_) => Err(self.wrong(name, "has to be true or false")),
        }
    }

    /// A list of strings; an empty one where there is none.
    pub fn texts(&self, name: &str) -> Result<Vec<String>> {
        let wrong = || self.wrong(name, "has to be a list of strings");
        self.items(name, "strings")?
            .iter()
            .map(|item| Ok(item.as_str().ok_or_else(wrong)?.to_owned()))
            .collect()
    }

    /// A table; an empty one where there is none.
    pub fn table(&self, name: &str) -> Result<Reader> {
        let map = match self.map.get(name) {
            None | Some(Value::Nil) => Map::new(),
            Some(Value::Map(map)) => map,
            Some(_) => return Err(self.wrong(name, "has to be a map")),
        };
        Ok(Reader { place: self.inside(name), map })
    }

    /// A list of tables; an empty one where there is none.
    pub fn tables(&self, name: &str) -> Result<Vec<Reader>> {
        let items = self.items(name, "maps")?;
        let table = |(index, item): (usize, Value)| match item {
            Value::Map(map) => {
                let place = format!("{}[{index}]", self.inside(name));
                Ok(Reader { place, map })
            }
            _ => Err(self.wrong(name, "has to be a list of maps")),
        };
        items.into_iter().enumerate().map(table).collect()
    }

    fn items(&self, name: &str, of: &str) -> Result<Vec<Value>> {
        match self.map.get(name) {
            None | Some(Value::Nil) => Ok(Vec::new()),
            Some(Value::List(list)) => Ok(list.items().to_vec()),
            Some(_) => Err(self.wrong(name, &format!("has to be a list of {of}"))),
        }
    }

    fn inside(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) }
    }
}
