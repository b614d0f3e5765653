//! Holds a value to a compiled schema, and words what is wrong as
//! santhosh-tekuri/jsonschema does.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use super::equal;
use super::failure::{Failure, What, quote, quote_all};
use super::keywords::{Additional, Compiled, Id, Schema, Types};
use super::number::{Decimal, english};
use super::{format, regexp, url};
use crate::chart::values::json::Json;
use crate::data::Str;
use crate::data::number::format_g;
use crate::template::budget::Budget;

mod array;
mod object;
mod scalar;

/// How many schemas may look at one value before we give up: schemas can ask
/// for exponential work.
const MAX_STEPS: u64 = if cfg!(test) { 1_000_000 } else { 5_000_000 };
/// How deeply references and values may nest.
const MAX_DEPTH: usize = 10_000;

/// What is wrong with `value`; nothing where it fits. An error where no answer
/// was found: too much work, or a number that Go's library stumbles over.
pub fn run(compiled: &Compiled, value: &Json) -> Result<Vec<Failure>, String> {
    // First only whether it fits: nearly all values do, and no message needs
    // to be put together.
    match once(compiled, value, true)? {
        None => Ok(Vec::new()),
        Some(_) => Ok(once(compiled, value, false)?.map(Failure::flat).unwrap_or_default()),
    }
}

fn once(compiled: &Compiled, value: &Json, quick: bool) -> Result<Option<Failure>, String> {
    let run = Run {
        compiled,
        steps: Cell::new(0),
        broken: Cell::new(None),
        budget: RefCell::new(regexp::budget()),
    };
    let result = run.root(0, value, quick, 0);
    match run.broken.take() {
        Some(broken) => Err(broken),
        None => Ok(result.err()),
    }
}

/// One validation.
struct Run<'r> {
    compiled: &'r Compiled,
    steps: Cell<u64>,
    /// Why there is no answer.
    broken: Cell<Option<String>>,
    budget: RefCell<Budget>,
}

impl<'r> Run<'r> {
    fn schema(&self, id: Id) -> &'r Schema {
        static NONE: std::sync::LazyLock<Schema> = std::sync::LazyLock::new(Schema::default);
        self.compiled.schemas.get(id).unwrap_or(&NONE)
    }

    fn root(&self, id: Id, value: &Json, quick: bool, depth: usize) -> Result<Unevaluated, Failure> {
        let scope = Scope { id, keyword: "", value: 0, parent: None };
        let unevaluated = Unevaluated::of(value, self.schema(id), false);
        Check { run: self, value, id, scope: &scope, at: None, unevaluated, found: Vec::new(), quick, depth }
            .check()
    }

    fn is_match(&self, pattern: &Str, text: &Str) -> bool {
        regexp::is_match(pattern, text, &mut self.budget.borrow_mut()).unwrap_or_else(|why| {
            self.give_up(&why);
            false
        })
    }

    fn give_up(&self, why: &str) -> Failure {
        self.broken.set(Some(why.to_owned()));
        Failure::bare()
    }
}

/// The schemas on the way to this one.
struct Scope<'a> {
    id: Id,
    keyword: &'static str,
    /// The same for all schemas that look at the same value.
    value: usize,
    parent: Option<&'a Scope<'a>>,
}

impl Scope<'_> {
    /// The same schema looking at the same value already.
    fn cycle(&self) -> Option<&Scope<'_>> {
        let mut at = self.parent;
        while let Some(scope) = at.filter(|scope| scope.value == self.value) {
            if scope.id == self.id {
                return Some(scope);
            }
            at = scope.parent;
        }
        None
    }

    /// The keywords on the way here.
    fn location(&self, compiled: &Compiled) -> String {
        let location = |id: Id| compiled.schemas.get(id).map_or("", |schema| &schema.location);
        let mut steps = Vec::new();
        let mut at = self;
        while let Some(parent) = at.parent {
            steps.push(match at.keyword {
                "" => location(at.id).get(location(parent.id).len()..).unwrap_or_default().to_owned(),
                keyword => format!("/{}", url::escape(keyword)),
            });
            at = parent;
        }
        steps.reverse();
        steps.concat()
    }
}

/// One step towards the value.
struct At<'a> {
    step: Step<'a>,
    parent: Option<&'a At<'a>>,
}

enum Step<'a> {
    Key(&'a Str),
    Index(usize),
}

fn pointer(at: Option<&At<'_>>) -> String {
    let mut steps = Vec::new();
    let mut next = at;
    while let Some(at) = next {
        steps.push(match at.step {
            Step::Key(key) => url::escape(&key.to_str_lossy()),
            Step::Index(index) => index.to_string(),
        });
        next = at.parent;
    }
    steps.iter().rev().fold(String::new(), |out, step| out + "/" + step)
}

/// Properties and items that no keyword has looked at, where one asks for them.
#[derive(Default)]
struct Unevaluated {
    properties: BTreeSet<Str>,
    items: BTreeSet<usize>,
}

impl Unevaluated {
    fn of(value: &Json, schema: &Schema, asked: bool) -> Unevaluated {
        let mut all = Unevaluated::default();
        match value {
            Json::Object(entries)
                if !schema.all_properties_evaluated && (asked || schema.unevaluated_properties.is_some()) =>
            {
                all.properties = entries.keys().cloned().collect();
            }
            Json::Array(items)
                if !schema.all_items_evaluated && (asked || schema.unevaluated_items.is_some()) =>
            {
                all.items = (schema.items_evaluated..items.len()).collect();
            }
            _ => {}
        }
        all
    }

    fn merge(&mut self, other: &Unevaluated) {
        self.properties.retain(|key| other.properties.contains(key));
        self.items.retain(|index| other.items.contains(index));
    }

    fn is_empty(&self) -> bool {
        self.properties.is_empty() && self.items.is_empty()
    }
}

/// One schema looking at one value.
struct Check<'a, 'r> {
    run: &'a Run<'r>,
    value: &'a Json,
    id: Id,
    scope: &'a Scope<'a>,
    at: Option<&'a At<'a>>,
    unevaluated: Unevaluated,
    found: Vec<Failure>,
    /// Only whether it fits is asked.
    quick: bool,
    depth: usize,
}

impl<'a, 'r> Check<'a, 'r> {
    fn schema(&self) -> &'r Schema {
        self.run.schema(self.id)
    }

    fn check(mut self) -> Result<Unevaluated, Failure> {
        let steps = self.run.steps.get() + 1;
        self.run.steps.set(steps);
        if steps > MAX_STEPS {
            return Err(self.run.give_up("the schema asks for too much work"));
        }
        if self.depth > MAX_DEPTH {
            return Err(self.run.give_up("the schema's references nest too deeply"));
        }
        let schema = self.schema();
        match schema.boolean {
            Some(true) => return Ok(self.unevaluated),
            Some(false) => return Err(self.failure(|| "false schema".to_owned())),
            None => {}
        }
        if let Some(other) = self.scope.cycle() {
            return Err(self.failure(|| {
                format!(
                    "both {} and {} resolve to {} causing reference cycle",
                    self.scope.location(self.run.compiled),
                    other.location(self.run.compiled),
                    crate::template::print::quote(schema.location.as_bytes())
                )
            }));
        }
        if let Some(failure) = self.first(schema) {
            return Err(failure);
        }
        if let Some(target) = schema.reference {
            let result = self.reference(target, "$ref");
            if schema.draft < 2019 {
                return result.map(|()| self.unevaluated);
            }
            self.add(result);
        }
        match self.value {
            Json::Object(entries) => self.object(entries),
            Json::Array(items) => self.array(items),
            Json::String(text) => self.string(text),
            Json::Number(_) | Json::Int(_) | Json::Float(_) => self.number(),
            Json::Null | Json::Bool(_) => {}
        }
        if self.found.is_empty() || !self.quick {
            if schema.draft >= 2019 {
                self.moving_references(schema);
            }
            self.conditions(schema);
            if schema.draft >= 2019 {
                self.rest(schema);
            }
        }
        match self.found.len() {
            0 => Ok(self.unevaluated),
            1 => Err(self.found.pop().unwrap_or_else(Failure::bare)),
            _ => {
                let at = if self.quick { String::new() } else { pointer(self.at) };
                Err(Failure { at, what: What::Group, causes: self.found })
            }
        }
    }

    /// The keywords after whose failure no other counts.
    fn first(&self, schema: &Schema) -> Option<Failure> {
        let value = self.value;
        let types = Types::of(value);
        if !schema.types.is_empty() {
            let integer = || Decimal::of(value).is_some_and(|n| n.is_integer());
            if !(schema.types.meets(types) || schema.types.meets(Types::named(b"integer")) && integer()) {
                let got = types.names().concat();
                return Some(
                    self.failure(|| format!("got {got}, want {}", schema.types.names().join(" or "))),
                );
            }
        }
        if let Some(constant) = schema.constant.as_ref().filter(|constant| !equal::same(value, constant)) {
            return Some(self.failure(|| match constant {
                Json::Array(_) | Json::Object(_) => "'const' failed".to_owned(),
                _ => format!("value must be {}", display(constant)),
            }));
        }
        if let Some((allowed, of)) = &schema.enumeration
            && (!of.meets(types) || !allowed.iter().any(|allowed| equal::same(value, allowed)))
        {
            return Some(self.failure(|| not_in(allowed)));
        }
        if let (Some(name), Json::String(text)) = (schema.format, value)
            && let Err(why) = format::check(name, text)
        {
            return Some(self.failure(|| format!("{} is not valid {name}: {why}", display(value))));
        }
        None
    }

    fn failure(&self, words: impl FnOnce() -> String) -> Failure {
        if self.quick {
            return Failure::bare();
        }
        Failure { at: pointer(self.at), what: What::Words(words()), causes: Vec::new() }
    }

    fn fail(&mut self, words: impl FnOnce() -> String) {
        let failure = self.failure(words);
        self.found.push(failure);
    }

    fn fail_because(&mut self, words: &str, causes: Vec<Failure>) {
        let failure = self.failure(|| words.to_owned());
        self.found.push(Failure { causes, ..failure });
    }

    fn add(&mut self, result: Result<(), Failure>) {
        self.found.extend(result.err());
    }

    /// Another schema at the same value.
    fn same(&mut self, id: Id, keyword: &'static str, quick: bool) -> Result<(), Failure> {
        let scope = Scope { id, keyword, value: self.scope.value, parent: Some(self.scope) };
        let unevaluated = Unevaluated::of(self.value, self.run.schema(id), !self.unevaluated.is_empty());
        let check = Check {
            run: self.run,
            value: self.value,
            id,
            scope: &scope,
            at: self.at,
            unevaluated,
            found: Vec::new(),
            quick: self.quick || quick,
            depth: self.depth + 1,
        };
        let left = check.check()?;
        self.unevaluated.merge(&left);
        Ok(())
    }

    /// A schema at a property or an item.
    fn below(&self, id: Id, value: &Json, step: Step<'_>) -> Result<(), Failure> {
        let scope = Scope { id, keyword: "", value: self.scope.value + 1, parent: Some(self.scope) };
        let at = At { step, parent: self.at };
        let unevaluated = Unevaluated::of(value, self.run.schema(id), false);
        let (run, quick, depth) = (self.run, self.quick, self.depth + 1);
        let check = Check {
            run,
            value,
            id,
            scope: &scope,
            at: Some(&at),
            unevaluated,
            found: Vec::new(),
            quick,
            depth,
        };
        check.check().map(|_| ())
    }

    fn reference(&mut self, id: Id, keyword: &'static str) -> Result<(), Failure> {
        self.same(id, keyword, false).map_err(|failure| {
            let at = if self.quick { String::new() } else { pointer(self.at) };
            Failure { at, what: What::Reference, causes: failure.flat() }
        })
    }

    /// References whose target depends on the way here.
    fn moving_references(&mut self, schema: &Schema) {
        if let Some(mut target) = schema.recursive_ref {
            if self.run.schema(target).recursive_anchor {
                let mut at = Some(self.scope);
                while let Some(scope) = at {
                    if self.run.schema(self.run.schema(scope.id).resource).recursive_anchor {
                        target = scope.id;
                    }
                    at = scope.parent;
                }
            }
            let result = self.reference(target, "$recursiveRef");
            self.add(result);
        }
        if let Some((mut target, anchor)) = schema.dynamic_ref.clone() {
            if anchor.is_some() && self.run.schema(target).dynamic_anchor == anchor {
                let mut at = Some(self.scope);
                while let Some(scope) = at {
                    let resource = self.run.schema(self.run.schema(scope.id).resource);
                    let found =
                        resource.dynamic_anchors.iter().find(|(name, _)| Some(name) == anchor.as_ref());
                    target = found.map_or(target, |(_, id)| *id);
                    at = scope.parent;
                }
            }
            let result = self.reference(target, "$dynamicRef");
            self.add(result);
        }
    }

    fn conditions(&mut self, schema: &Schema) {
        if schema.not.is_some_and(|not| self.same(not, "", true).is_ok()) {
            self.fail(|| "'not' failed".to_owned());
        }
        let mut causes = Vec::new();
        for id in &schema.all_of {
            causes.extend(self.same(*id, "", false).err());
            if self.quick && !causes.is_empty() {
                break;
            }
        }
        if !causes.is_empty() {
            self.fail_because("'allOf' failed", causes);
        }
        if !schema.any_of.is_empty() {
            self.any_of(schema);
        }
        if !schema.one_of.is_empty() {
            self.one_of(schema);
        }
        if let Some(condition) = schema.if_ {
            let branch = if self.same(condition, "", true).is_ok() { schema.then } else { schema.else_ };
            if let Some(branch) = branch {
                let result = self.same(branch, "", false);
                self.add(result);
            }
        }
    }

    fn any_of(&mut self, schema: &Schema) {
        let (mut matched, mut causes) = (false, Vec::new());
        for id in &schema.any_of {
            match self.same(*id, "", false) {
                Err(failure) => causes.push(failure),
                Ok(()) => {
                    matched = true;
                    // All have a say in what is unevaluated.
                    if self.unevaluated.is_empty() {
                        break;
                    }
                }
            }
        }
        if !matched {
            self.fail_because("'anyOf' failed", causes);
        }
    }

    fn one_of(&mut self, schema: &Schema) {
        let (mut matched, mut causes) = (None, Vec::new());
        for (i, id) in schema.one_of.iter().enumerate() {
            match (self.same(*id, "", matched.is_some()), matched) {
                (Err(failure), None) => causes.push(failure),
                (Err(_), Some(_)) => {}
                (Ok(()), None) => matched = Some(i),
                (Ok(()), Some(first)) => {
                    self.fail(|| format!("'oneOf' failed, subschemas {first}, {i} matched"));
                    break;
                }
            }
        }
        if matched.is_none() {
            self.fail_because("'oneOf' failed, none matched", causes);
        }
    }

    /// What no keyword has looked at.
    fn rest(&mut self, schema: &Schema) {
        if let (Json::Object(entries), Some(id)) = (self.value, schema.unevaluated_properties) {
            for key in std::mem::take(&mut self.unevaluated.properties) {
                if let Some(value) = entries.get(&key) {
                    let result = self.below(id, value, Step::Key(&key));
                    self.add(result);
                }
            }
        }
        if let (Json::Array(items), Some(id)) = (self.value, schema.unevaluated_items) {
            for index in std::mem::take(&mut self.unevaluated.items) {
                if let Some(value) = items.get(index) {
                    let result = self.below(id, value, Step::Index(index));
                    self.add(result);
                }
            }
        }
    }
}

/// A plain value in a message.
fn display(value: &Json) -> String {
    match value {
        Json::Null => "<nil>".to_owned(),
        Json::Bool(b) => b.to_string(),
        Json::Number(text) => text.to_string(),
        Json::Float(n) => format_g(*n),
        Json::Int(n) => n.to_string(),
        Json::String(text) => quote(&text.to_str_lossy()),
        Json::Array(_) | Json::Object(_) => "value".to_owned(),
    }
}

fn not_in(allowed: &[Json]) -> String {
    if allowed.iter().any(|value| matches!(value, Json::Array(_) | Json::Object(_))) {
        return "'enum' failed".to_owned();
    }
    match allowed {
        [one] => format!("value must be {}", display(one)),
        _ => format!("value must be one of {}", allowed.iter().map(display).collect::<Vec<_>>().join(", ")),
    }
}
