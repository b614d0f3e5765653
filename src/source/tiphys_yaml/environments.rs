//! `environments`: named variables for the layers' paths, one extending another.

use std::collections::BTreeMap;

use crate::data::yaml::Step;
use crate::data::{Value, nearest};
use crate::error::{Error, Result};

use super::super::conventions::check_name;
use super::layer_path::ENVIRONMENT;
use super::reader::Reader;
use super::{MOST, Variables};

/// The key of an environment that is none of its variables.
const EXTENDS: &str = "extends";

/// How many environments extend each other.
const LONGEST_WAY: usize = 32;

/// The environments, each with all that it inherits.
#[derive(Debug, Default)]
pub struct Environments(BTreeMap<String, Variables>);

/// An environment as it is written.
struct Written {
    extends: Option<String>,
    own: Variables,
}

impl Environments {
    /// Reads the table of environments.
    ///
    /// # Errors
    /// A name that cannot be one, a variable that is no string, one that extends
    /// what there is not, or itself.
    pub fn read(reader: &Reader, value: &Value) -> Result<Environments> {
        let Value::Map(table) = value else {
            return Err(reader.error(&[root()], "environments has to be a mapping of names to variables"));
        };
        if table.len() > MOST {
            return Err(reader.error(&[root()], &format!("there are more than {MOST} environments")));
        }
        let mut written = BTreeMap::new();
        for (name, value) in table.entries() {
            let name = name.to_string();
            check_name(&name).map_err(|e| reader.error(&[root(), Step::Key(name.clone())], &e.message))?;
            written.insert(name.clone(), Written::read(reader, &name, &value)?);
        }
        let all = |name: &String| Ok((name.clone(), inherited(reader, &written, name)?));
        Ok(Environments(written.keys().map(all).collect::<Result<_>>()?))
    }

    /// The variables of an environment.
    pub fn get(&self, name: &str) -> Option<&Variables> {
        self.0.get(name)
    }

    /// Whether none are listed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

fn root() -> Step {
    Step::Key("environments".to_owned())
}

impl Written {
    fn read(reader: &Reader, name: &str, value: &Value) -> Result<Written> {
        let mut written = Written { extends: None, own: Variables::new() };
        let at = [root(), Step::Key(name.to_owned())];
        let variables = match value {
            Value::Nil => return Ok(written),
            Value::Map(variables) => variables,
            _ => {
                let message = format!("environments.{name} has to be a mapping of variables");
                return Err(reader.error(&at, &message));
            }
        };
        for (key, value) in variables.entries() {
            let key = key.to_string();
            let at = [&at[..], &[Step::Key(key.clone())]].concat();
            let text = reader.string(&at, Some(value))?;
            match key.as_str() {
                EXTENDS => written.extends = text,
                ENVIRONMENT => {
                    let message = format!("{ENVIRONMENT} is the environment's own name and cannot be set");
                    return Err(reader.error(&at, &message));
                }
                _ => written.own.extend(text.map(|text| (key, text))),
            }
        }
        Ok(written)
    }
}

/// The variables of `name` over those of what it extends, and so on.
fn inherited(reader: &Reader, all: &BTreeMap<String, Written>, name: &str) -> Result<Variables> {
    let mut variables = Variables::new();
    let mut way = vec![name];
    while let Some(environment) = way.last().and_then(|name| all.get(*name)) {
        for (key, value) in &environment.own {
            variables.entry(key.clone()).or_insert_with(|| value.clone());
        }
        let Some(next) = environment.extends.as_deref() else { break };
        let error = |message: String| -> Error {
            let from = way.last().map(|name| Step::Key((*name).to_owned()));
            let at: Vec<Step> =
                [root()].into_iter().chain(from).chain([Step::Key(EXTENDS.to_owned())]).collect();
            reader.error(&at, &message)
        };
        if !all.contains_key(next) {
            let error = error(format!("there is no environment {next:?} to extend"));
            return Err(error.hint(nearest::hint(next, all.keys().map(String::as_str))));
        }
        if way.contains(&next) {
            let way = [&way[..], &[next]].concat().join(" → ");
            return Err(error(format!("an environment extends itself: {way}")));
        }
        if way.len() >= LONGEST_WAY {
            return Err(error(format!("more than {LONGEST_WAY} environments extend each other")));
        }
        way.push(next);
    }
    Ok(variables)
}
