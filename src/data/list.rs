//! Go's slice: immutable here, since no template function changes one in place.

use std::fmt;
use std::rc::Rc;

use super::Value;
use super::object::{Method, Ty};

/// The Go type of a list.
#[derive(Debug)]
pub struct ListType {
    /// What `%T` prints, such as `[]interface {}`.
    pub name: &'static str,
    /// The type of the elements.
    pub elem: Ty,
    /// The methods a template may call on it.
    pub methods: &'static [Method],
}

/// `[]interface {}`
pub static LIST_ANY: ListType = ListType { name: "[]interface {}", elem: Ty::Any, methods: &[] };
/// `[]string`
pub static LIST_STRING: ListType = ListType { name: "[]string", elem: Ty::Str, methods: &[] };
/// `[]int`
pub static LIST_INT: ListType = ListType { name: "[]int", elem: Ty::Int, methods: &[] };

struct Data {
    ty: &'static ListType,
    nil: bool,
    items: Vec<Value>,
}

/// A shared, immutable list. `[]byte` is [`Value::Bytes`] instead.
#[derive(Clone)]
pub struct List(Rc<Data>);

impl List {
    /// A `[]interface {}` of these items.
    pub fn new(items: Vec<Value>) -> List {
        List::typed(&LIST_ANY, items)
    }

    /// A `[]string` of these texts.
    pub fn strings<S: Into<super::Str>>(items: impl IntoIterator<Item = S>) -> List {
        List::typed(&LIST_STRING, items.into_iter().map(|s| Value::Str(s.into())).collect())
    }

    /// A list of the given Go type.
    pub fn typed(ty: &'static ListType, items: Vec<Value>) -> List {
        List(Rc::new(Data { ty, nil: false, items }))
    }

    /// A nil list of the given Go type: empty, and written as `null`.
    pub fn nil(ty: &'static ListType) -> List {
        List(Rc::new(Data { ty, nil: true, items: Vec::new() }))
    }

    /// The Go type.
    pub fn ty(&self) -> &'static ListType {
        self.0.ty
    }

    /// Whether this is Go's nil slice.
    pub fn is_nil(&self) -> bool {
        self.0.nil
    }

    /// The items.
    pub fn items(&self) -> &[Value] {
        &self.0.items
    }

    /// The number of items.
    pub fn len(&self) -> usize {
        self.0.items.len()
    }

    /// Whether there are no items.
    pub fn is_empty(&self) -> bool {
        self.0.items.is_empty()
    }

    /// The address, for cycle checks.
    pub fn address(&self) -> usize {
        Rc::as_ptr(&self.0).addr()
    }

    /// The items, without a copy where nobody else holds the list.
    pub fn into_items(self) -> Vec<Value> {
        match Rc::try_unwrap(self.0) {
            Ok(mut data) => std::mem::take(&mut data.items),
            Err(shared) => shared.items.clone(),
        }
    }

    fn into_children(self) -> Option<Vec<Value>> {
        let mut data = Rc::into_inner(self.0)?;
        Some(std::mem::take(&mut data.items))
    }
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0.items).finish()
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        unravel(std::mem::take(&mut self.items));
    }
}

/// Drops values without native recursion, however deeply they nest.
pub(super) fn unravel(values: impl IntoIterator<Item = Value>) {
    let mut nested: Vec<Value> = values.into_iter().filter(Value::is_container).collect();
    while let Some(value) = nested.pop() {
        match value {
            Value::Map(map) => {
                if let Some(children) = map.into_children() {
                    nested.extend(children.into_values().filter(Value::is_container));
                }
            }
            Value::List(list) => {
                if let Some(children) = list.into_children() {
                    nested.extend(children.into_iter().filter(Value::is_container));
                }
            }
            _ => {}
        }
    }
}
