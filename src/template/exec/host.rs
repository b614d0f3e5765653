//! What functions may ask of the executor: the budget, the clock, randomness,
//! and to run other templates.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::Executor;
use super::frame::Operand;
use crate::data::str::find;
use crate::data::{Str, Value};
use crate::template::ast::{Cause, ExecError, Place, Source, Template};
use crate::template::budget::{Budget, Exceeded};
use crate::template::function::{FuncError, Host};
use crate::template::{parser, print};

/// The name of the set's root, which `tpl` texts are parsed under too.
pub const ROOT: &str = "gotpl";

/// One name may be included inside itself this often (Helm's recursionMaxNums).
const MAX_INCLUDED: usize = 1000;

/// How many bytes of `tpl` texts are kept parsed: a tree is many times larger.
const MAX_TEXTS: usize = 4 << 20;

/// What the `tpl` texts being executed define over the set, the innermost last.
#[derive(Debug)]
pub struct Overlay {
    /// The innermost text itself, under the name [`ROOT`].
    root: Arc<Template>,
    /// The templates that the texts define.
    defined: Rc<HashMap<Str, Arc<Template>>>,
}

/// A parsed `tpl` text.
#[derive(Debug)]
pub struct Text {
    root: Arc<Template>,
    defines: Vec<Arc<Template>>,
}

impl Executor<'_> {
    /// The template of that name, as the current place sees it.
    pub(super) fn find(&self, name: &[u8]) -> Option<Arc<Template>> {
        if let Some(overlay) = &self.overlay {
            if name == ROOT.as_bytes() {
                return Some(Arc::clone(&overlay.root));
            }
            if let Some(template) = overlay.defined.get(name) {
                return Some(Arc::clone(template));
            }
        }
        self.set.get(name).cloned()
    }

    /// Runs a template into a fresh buffer.
    fn render(&mut self, template: &Template, data: &Value) -> Result<Vec<u8>, FuncError> {
        let mut out = self.spare_buffers.pop().unwrap_or_default();
        let before = self.written;
        self.run(template, Operand::plain(data.clone()), &mut out)?.map_err(FuncError::Template)?;
        self.written = before;
        self.environment.budget.string(out.len())?;
        Ok(out)
    }

    /// Gives a buffer back for later use.
    fn recycle(&mut self, mut buffer: Vec<u8>) {
        buffer.clear();
        self.spare_buffers.push(buffer);
    }

    /// The parsed form of a `tpl` text, which is often the same for many calls.
    fn text(&mut self, text: &Str) -> Result<Rc<Text>, FuncError> {
        if let Some(known) = self.texts.get(text) {
            return Ok(Rc::clone(known));
        }
        self.environment.budget.steps(text.len())?;
        let source = Source { name: Str::from(ROOT), text: text.clone() };
        let templates = parser::parse(source, &mut self.scratch)
            .map_err(|error| format!("cannot parse template {}: {error}", print::quote(text.as_bytes())))?;
        let mut templates = templates.into_iter().map(Arc::new);
        let Some(root) = templates.next() else { return Err(FuncError::from("no template in the text")) };
        let parsed = Rc::new(Text { root, defines: templates.collect() });
        if self.texts_size.saturating_add(text.len()) <= MAX_TEXTS {
            self.texts_size += text.len();
            self.texts.insert(text.clone(), Rc::clone(&parsed));
        }
        Ok(parsed)
    }

    /// What a text sees: the templates around it, and its own over them. A blank
    /// definition never replaces another.
    fn overlay_with(&mut self, text: &Text) -> Result<Rc<Overlay>, Exceeded> {
        let known = self.overlay.as_ref().map(|overlay| Rc::clone(&overlay.defined)).unwrap_or_default();
        let root = Arc::clone(&text.root);
        if text.defines.is_empty() {
            return Ok(Rc::new(Overlay { root, defined: known }));
        }
        self.environment.budget.steps(known.len().saturating_add(text.defines.len()))?;
        let mut defined = HashMap::clone(&known);
        for template in &text.defines {
            let name = template.name.as_bytes();
            let taken = defined.contains_key(name) || self.set.get(name).is_some();
            if !taken || !template.is_empty() {
                defined.insert(template.name.clone(), Arc::clone(template));
            }
        }
        Ok(Rc::new(Overlay { root, defined: Rc::new(defined) }))
    }

    /// The error of a failed `tpl`: Helm quotes the whole text, once for every
    /// level, so its size is watched.
    fn tpl_error(&mut self, text: &Str, failure: FuncError) -> FuncError {
        let FuncError::Template(inner) = failure else { return failure };
        match ending(&inner) {
            Some(Ending::Exceeded(..)) => return FuncError::Template(inner),
            Some(Ending::Stop(message)) => return FuncError::Stop(message.to_owned()),
            None => {}
        }
        let quoted = print::quote(text.as_bytes());
        let message = format!("error during tpl function execution for {quoted}: {inner}");
        match self.environment.budget.string(message.len()) {
            Ok(()) => FuncError::Message(message),
            Err(exceeded) => FuncError::Exceeded(exceeded),
        }
    }
}

impl Host for Executor<'_> {
    fn budget(&mut self) -> &mut Budget {
        &mut self.environment.budget
    }

    fn now(&mut self) -> jiff::Timestamp {
        self.environment.asked = true;
        let now = self.environment.now;
        self.environment.watch.as_mut().map_or(now, |watch| watch.now(now))
    }

    fn random(&mut self, bytes: &mut [u8]) {
        self.environment.asked = true;
        match &mut self.environment.watch {
            Some(watch) => watch.random(bytes),
            None => (self.environment.random)(bytes),
        }
    }

    fn include(&mut self, name: &Str, data: &Value) -> Result<Str, FuncError> {
        self.environment.budget.steps(self.included.len() / 64)?;
        if self.included.iter().filter(|included| *included == name).count() > MAX_INCLUDED {
            return Err(FuncError::from(format!(
                "rendering template has a nested reference name: {name}: unable to execute template"
            )));
        }
        self.included.push(name.clone());
        let Some(template) = self.find(name.as_bytes()) else {
            let name = print::quote(name.as_bytes());
            return Err(FuncError::from(format!(
                "template: no template {name} associated with template \"{ROOT}\""
            )));
        };
        let out = self.render(&template, data)?;
        let result = Str::from(out.as_slice());
        self.recycle(out);
        self.included.pop();
        Ok(result)
    }

    fn tpl(&mut self, text: &Str, data: &Value) -> Result<Str, FuncError> {
        self.environment.budget.string(text.len())?;
        if find(text.as_bytes(), *b"{{").is_none() {
            return Ok(without_no_value(text.as_bytes()).map_or_else(|| text.clone(), Str::from));
        }
        let parsed = self.text(text)?;
        let inner = self.overlay_with(&parsed)?;
        let outer = self.overlay.replace(inner);
        let out = match self.render(&parsed.root, data) {
            Ok(out) => out,
            Err(failure) => return Err(self.tpl_error(text, failure)),
        };
        self.overlay = outer;
        let result = without_no_value(&out).map_or_else(|| Str::from(out.as_slice()), Str::from);
        self.recycle(out);
        Ok(result)
    }
}

/// `text` without each `<no value>`, which Helm removes from what a file or a
/// `tpl` renders; none if there is nothing to remove.
pub fn without_no_value(text: &[u8]) -> Option<Vec<u8>> {
    const NO_VALUE: [u8; 10] = *b"<no value>";
    let mut rest = text;
    let mut kept = None;
    while let Some(at) = find(rest, NO_VALUE) {
        let (before, after) = rest.split_at(at);
        kept.get_or_insert_with(|| Vec::with_capacity(text.len())).extend_from_slice(before);
        rest = after.get(NO_VALUE.len()..).unwrap_or_default();
    }
    let mut kept: Vec<u8> = kept?;
    kept.extend_from_slice(rest);
    Some(kept)
}

/// What a chain of failures ends in, where that decides how it is reported.
#[derive(Debug)]
pub enum Ending<'e> {
    /// A limit, and where it was reached.
    Exceeded(Exceeded, Option<&'e Place>),
    /// `fail` or `required`, with the chart's words.
    Stop(&'e str),
}

/// Looks through the templates inside each other for what stopped the innermost.
pub fn ending(error: &ExecError) -> Option<Ending<'_>> {
    let mut error = error;
    loop {
        match &error.cause {
            Cause::Call(_, FuncError::Template(inner)) => error = inner,
            Cause::Call(_, FuncError::Stop(message)) => return Some(Ending::Stop(message)),
            Cause::Exceeded(exceeded) | Cause::Call(_, FuncError::Exceeded(exceeded)) => {
                return Some(Ending::Exceeded(*exceeded, error.place.as_ref()));
            }
            Cause::Message(_) | Cause::Call(_, FuncError::Message(_)) => return None,
        }
    }
}
