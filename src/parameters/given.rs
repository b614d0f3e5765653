//! Parameters as they are given: as Argo CD's JSON, and as text in an environment
//! variable or a flag.

use std::collections::BTreeMap;

use crate::data::{Map, Value, json};
use crate::error::{Error, Result};

use super::table::{Parameter, TABLE, find};

/// The variable with the Application's parameters.
pub const VARIABLE: &str = "ARGOCD_APP_PARAMETERS";

/// What a parameter holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// A string.
    Text,
    /// `true` or `false`; a string in an Application.
    Switch,
    /// A list of strings.
    Array,
    /// Strings by name.
    Map,
}

impl Type {
    /// What a value of it has to be.
    fn words(self) -> &'static str {
        match self {
            Type::Text => "a string",
            Type::Switch => "a string, \"true\" or \"false\"",
            Type::Array => "an array of strings",
            Type::Map => "a map of strings",
        }
    }

    /// The key under which a parameter of an Application carries it.
    pub fn key(self) -> &'static str {
        match self {
            Type::Text | Type::Switch => "string",
            Type::Array => "array",
            Type::Map => "map",
        }
    }
}

/// The value of one parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "as Type")]
pub enum Given {
    Text(String),
    Switch(bool),
    Array(Vec<String>),
    Map(BTreeMap<String, String>),
}

/// Values by the names of parameters; and texts by names that are no parameter's,
/// which may be those of the chart's values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings(BTreeMap<&'static str, Given>, BTreeMap<String, String>);

impl Settings {
    /// Reads ARGOCD_APP_PARAMETERS: a list of `{name, string | array | map}`.
    /// Absent, empty and `null` are no parameters; of two with one name the last
    /// one counts.
    ///
    /// # Errors
    /// Not such JSON, a wrong type, an unknown name with another value than a
    /// string: a string may be for one of the chart's values.
    pub fn from_json(text: &str) -> Result<Settings> {
        let mut settings = Settings::default();
        if text.trim().is_empty() {
            return Ok(settings);
        }
        let document = json::parse(text.as_bytes())
            .map_err(|e| Error::usage(format!("{VARIABLE} is not valid JSON: {e}")))?;
        let list = match document {
            Value::Nil => return Ok(settings),
            Value::List(list) => list,
            _ => return Err(Error::usage(format!("{VARIABLE} is not a list of parameters"))),
        };
        for item in list.items() {
            let entry = item.as_map().cloned().unwrap_or_default();
            let name = match entry.get("name") {
                Some(Value::Str(name)) => name.to_string(),
                _ => return Err(Error::usage(format!("{VARIABLE} has an entry without a name"))),
            };
            match (find(&name), entry.get("string")) {
                (Ok(parameter), _) => _ = settings.0.insert(parameter.name, parameter.entry(&entry)?),
                // Only the chart can say whether it has such a value.
                (Err(_), Some(Value::Str(text))) => _ = settings.1.insert(name, text.to_string()),
                (Err(unknown), _) => return Err(unknown),
            }
        }
        Ok(settings)
    }

    /// Reads the ARGOCD_ENV_ variables of parameters; empty ones are not given.
    ///
    /// # Errors
    /// A text that does not say what the parameter holds.
    pub fn from_variables(env: &BTreeMap<String, String>) -> Result<Settings> {
        let mut settings = Settings::default();
        for parameter in TABLE {
            let variable = parameter.variable();
            if let Some(text) = env.get(&variable).filter(|text| !text.is_empty()) {
                settings.0.insert(parameter.name, parameter.ty.read(&variable, text)?);
            }
        }
        Ok(settings)
    }

    /// Sets what may be one of the chart's values.
    pub fn add_chart_value(&mut self, name: &str, text: &str) {
        self.1.insert(name.to_owned(), text.to_owned());
    }

    /// Adds a value written as text, such as a flag gives it: again and again for
    /// the items of arrays and maps, the last one for the rest. `what` is the text's
    /// name in an error.
    ///
    /// # Errors
    /// The text does not say what the parameter holds.
    pub fn add(&mut self, parameter: &'static Parameter, what: &str, text: &str) -> Result<()> {
        let given = parameter.ty.read(what, text)?;
        match (self.0.get_mut(parameter.name), given) {
            (Some(Given::Array(items)), Given::Array(more)) => items.extend(more),
            (Some(Given::Map(entries)), Given::Map(more)) => entries.extend(more),
            (_, given) => _ = self.0.insert(parameter.name, given),
        }
        Ok(())
    }

    /// These settings, and those of `under` that they do not have.
    #[must_use]
    pub fn over(self, under: Settings) -> Settings {
        let (mut all, mut values) = (under.0, under.1);
        all.extend(self.0);
        values.extend(self.1);
        Settings(all, values)
    }

    /// The value of a parameter, if it is given.
    pub fn get(&self, name: &str) -> Option<&Given> {
        self.0.get(name)
    }

    /// What is given by names that are no parameter's: the chart's values that are
    /// announced by theirs.
    pub(super) fn chart_values(&self) -> BTreeMap<String, String> {
        self.1.clone()
    }

    /// The string, if there is one that is not empty.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        match self.0.get(name) {
            Some(Given::Text(text)) if !text.is_empty() => Some(text.clone()),
            _ => None,
        }
    }

    pub(super) fn switch(&self, name: &str) -> bool {
        matches!(self.0.get(name), Some(Given::Switch(true)))
    }

    pub(super) fn array(&self, name: &str) -> Vec<String> {
        match self.0.get(name) {
            Some(Given::Array(items)) => items.clone(),
            _ => Vec::new(),
        }
    }

    pub(super) fn map(&self, name: &str) -> BTreeMap<String, String> {
        match self.0.get(name) {
            Some(Given::Map(entries)) => entries.clone(),
            _ => BTreeMap::new(),
        }
    }
}

impl Parameter {
    /// What holds where it is not given.
    pub fn default_value(&self) -> Option<Given> {
        self.ty.read(self.name, self.default).ok()
    }

    /// The value in an entry of ARGOCD_APP_PARAMETERS.
    fn entry(&self, entry: &Map) -> Result<Given> {
        let wrong = || wrong(&format!("parameter {:?}", self.name), self.ty);
        match (self.ty, entry.get(self.ty.key())) {
            (Type::Text, Some(Value::Str(text))) => Ok(Given::Text(text.to_string())),
            (Type::Switch, Some(Value::Str(text))) => {
                switch(&text.to_str_lossy()).map(Given::Switch).ok_or_else(wrong)
            }
            (Type::Array, Some(value)) => strings(&value).map(Given::Array).ok_or_else(wrong),
            (Type::Map, Some(value)) => string_map(&value).map(Given::Map).ok_or_else(wrong),
            _ => Err(wrong()),
        }
    }
}

impl Type {
    /// Reads the value of `what` out of a text. An array is a JSON array, or items
    /// between commas or line ends; a map is a JSON object, or `a=b,c=d` (or one a
    /// line) as `--set` has it: `\,` is a comma, and so is one within `{…}`.
    ///
    /// # Errors
    /// The text is nothing of the kind.
    fn read(self, what: &str, text: &str) -> Result<Given> {
        let whole = text.trim();
        let document = || json::parse(whole.as_bytes()).ok();
        let given = match self {
            Type::Text => Some(Given::Text(text.to_owned())),
            Type::Switch => switch(whole).map(Given::Switch),
            Type::Array if whole.starts_with('[') => {
                document().and_then(|value| strings(&value)).map(Given::Array)
            }
            Type::Array => Some(Given::Array(items(whole))),
            Type::Map if whole.starts_with('{') => {
                document().and_then(|value| string_map(&value)).map(Given::Map)
            }
            Type::Map => pairs(whole).map(Given::Map),
        };
        given.ok_or_else(|| match self {
            Type::Map => wrong(what, self).hint("write it a=b,c=d, or as a JSON object"),
            Type::Array => wrong(what, self).hint("write it a,b, or as a JSON array"),
            Type::Text | Type::Switch => wrong(what, self),
        })
    }
}

fn wrong(what: &str, ty: Type) -> Error {
    Error::usage(format!("{what} has to be {}", ty.words()))
}

/// A bool as Go's flags read it; an empty text is the default.
fn switch(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "" | "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

fn strings(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Nil => Some(Vec::new()),
        Value::List(list) => list.items().iter().map(|item| Some(item.as_str()?.to_owned())).collect(),
        _ => None,
    }
}

fn string_map(value: &Value) -> Option<BTreeMap<String, String>> {
    match value {
        Value::Nil => Some(BTreeMap::new()),
        Value::Map(map) => {
            let entry = |(name, value): &(_, Value)| {
                let name: &crate::data::Str = name;
                Some((name.to_str()?.to_owned(), value.as_str()?.to_owned()))
            };
            map.entries().iter().map(entry).collect()
        }
        _ => None,
    }
}

fn items(text: &str) -> Vec<String> {
    let items = text.split([',', '\n']).map(str::trim);
    items.filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

/// `a=b,c=d` cut at the commas that `--set` would cut at; the values stay in its
/// grammar.
fn pairs(text: &str) -> Option<BTreeMap<String, String>> {
    let (mut parts, mut part) = (Vec::new(), String::new());
    let (mut escaped, mut braces) = (false, 0_usize);
    for c in text.chars() {
        match c {
            ',' | '\n' if !escaped && braces == 0 => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            '{' if !escaped && (braces > 0 || part.ends_with('=')) => braces += 1,
            '}' if !escaped => braces = braces.saturating_sub(1),
            _ => {}
        }
        escaped = c == '\\' && !escaped;
        part.push(c);
    }
    parts.push(part);
    let pair = |part: &String| {
        let (name, value) = part.split_once('=')?;
        Some((name.trim().to_owned(), value.to_owned()))
    };
    parts.iter().filter(|part| !part.trim().is_empty()).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(ty: Type, text: &str) -> Given {
        ty.read("x", text).unwrap()
    }

    fn map(entries: &[(&str, &str)]) -> Given {
        Given::Map(entries.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    fn array(items: &[&str]) -> Given {
        Given::Array(items.iter().map(|item| (*item).to_owned()).collect())
    }

    #[test]
    fn text_says_arrays_maps_and_switches() {
        assert_eq!(read(Type::Text, " a\n"), Given::Text(" a\n".into()));
        assert_eq!(read(Type::Switch, "T"), Given::Switch(true));
        assert_eq!(
            read(Type::Array, "a.yaml, b/*.yaml\n\n/c.yaml"),
            array(&["a.yaml", "b/*.yaml", "/c.yaml"])
        );
        assert_eq!(read(Type::Array, r#" ["a,b", "c"]"#), array(&["a,b", "c"]));
        assert_eq!(read(Type::Map, "a.b=1,c=x=y\nd="), map(&[("a.b", "1"), ("c", "x=y"), ("d", "")]));
        assert_eq!(read(Type::Map, r"a={1,{2,3}},b=x\,y"), map(&[("a", "{1,{2,3}}"), ("b", r"x\,y")]));
        assert_eq!(read(Type::Map, r#"{"a": "x,y"}"#), map(&[("a", "x,y")]));
        assert_eq!(read(Type::Map, ""), map(&[]));
    }

    #[test]
    fn what_is_no_value_is_refused() {
        for (ty, text, message) in [
            (Type::Switch, "yes", "x has to be a string, \"true\" or \"false\""),
            (Type::Array, "[1]", "x has to be an array of strings\nhint: write it a,b, or as a JSON array"),
            (Type::Array, "[a", "x has to be an array of strings\nhint: write it a,b, or as a JSON array"),
            (Type::Map, "a", "x has to be a map of strings\nhint: write it a=b,c=d, or as a JSON object"),
            (
                Type::Map,
                "{\"a\": 1}",
                "x has to be a map of strings\nhint: write it a=b,c=d, or as a JSON object",
            ),
        ] {
            assert_eq!(ty.read("x", text).unwrap_err().to_string(), message, "{text}");
        }
    }

    #[test]
    fn texts_of_one_parameter_add_up() {
        let mut settings = Settings::default();
        for (name, text) in [
            ("values-files", "a"),
            ("values-files", "b,c"),
            ("helm-parameters", "a=1"),
            ("helm-parameters", "b=2,a=3"),
            ("chart", "x"),
            ("chart", "y"),
        ] {
            settings.add(find(name).unwrap(), name, text).unwrap();
        }
        assert_eq!(settings.array("values-files"), ["a", "b", "c"]);
        assert_eq!(Given::Map(settings.map("helm-parameters")), map(&[("a", "3"), ("b", "2")]));
        assert_eq!(settings.text("chart").as_deref(), Some("y"));
    }
}
