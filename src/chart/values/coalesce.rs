//! Helm's coalescing (pkg/chart/common/util/coalesce.go): user values over a
//! chart's defaults, globals handed down, subcharts' tables filled in.
//!
//! Merging tables changes both sides on purpose: what is a leak in Helm (a
//! subchart's nested global defaults reach its siblings) is behaviour here.

use std::fmt;

use super::{MAX_DEPTH, copy_map, show, too_deep};
use crate::data::{Map, Str, Value};
use crate::error::{Error, Result};
use crate::notice::Notices;
use crate::template::print::quote;

/// The key under which charts share values.
pub const GLOBAL: &str = "global";

/// A chart as coalescing needs it.
pub trait Charter: Clone {
    /// The name: the key of its table in the parent's values.
    fn name(&self) -> Str;
    /// A deep copy of its default values, if it has any.
    fn defaults(&self) -> Result<Option<Map>>;
    /// Its subcharts.
    fn subcharts(&self) -> Vec<Self>;
}

/// Whether nulls delete (the values that templates see) or stay (values that
/// will be coalesced again).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// CoalesceValues.
    Delete,
    /// MergeValues.
    Keep,
}

/// The values of `chart` with `user` on top, as a new map; a subchart's values
/// are the parent's table of its name, the same map.
pub fn coalesce_values<C: Charter>(
    chart: &C,
    user: &Map,
    nulls: Nulls,
    notices: &mut Notices,
) -> Result<Map> {
    coalesce_into(chart, copy_map(user)?, nulls, notices)
}

/// The same, changing `user` in place.
pub fn coalesce_into<C: Charter>(chart: &C, user: Map, nulls: Nulls, notices: &mut Notices) -> Result<Map> {
    Run { notices, depth: 0 }.coalesce(chart, &user, None, nulls)?;
    Ok(user)
}

/// Helm's CoalesceTables (or MergeTables): fills `dst` from `src`, in place.
pub fn coalesce_tables(dst: &Map, src: &Map, nulls: Nulls, notices: &mut Notices) -> Result<()> {
    Run { notices, depth: 0 }.tables(dst, src, None, nulls)
}

/// The dotted path of a warning, put together only when there is one.
#[derive(Clone, Copy)]
struct Prefix<'a> {
    parent: Option<&'a Prefix<'a>>,
    name: &'a Str,
}

impl fmt::Display for Prefix<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names = vec![self.name];
        let mut at = self.parent;
        while let Some(prefix) = at {
            names.push(prefix.name);
            at = prefix.parent;
        }
        let mut empty = true;
        for name in names.into_iter().rev() {
            // Helm sets the dot only behind a prefix that is not empty.
            let dot = if empty { "" } else { "." };
            write!(f, "{dot}{name}")?;
            empty = empty && name.is_empty();
        }
        Ok(())
    }
}

struct Run<'n> {
    notices: &'n mut Notices,
    depth: usize,
}

impl Run<'_> {
    /// Runs one level deeper, or gives up where values nest too deeply.
    fn nested<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= MAX_DEPTH {
            return Err(too_deep());
        }
        self.depth += 1;
        let result = run(self);
        self.depth -= 1;
        result
    }

    fn coalesce<C: Charter>(
        &mut self,
        chart: &C,
        dest: &Map,
        prefix: Option<&Prefix<'_>>,
        nulls: Nulls,
    ) -> Result<()> {
        let name = chart.name();
        let subcharts = chart.subcharts();
        let prefix = Prefix { parent: prefix, name: &name };
        self.defaults(chart, &subcharts, dest, &prefix, nulls)?;
        for subchart in &subcharts {
            let key = subchart.name();
            let table = match dest.get(&key) {
                Some(Value::Map(table)) => table,
                Some(other) => {
                    return Err(Error::invalid(format!("type mismatch on {key}: {}", show::t(&other))));
                }
                None => {
                    let table = Map::new();
                    dest.insert(key, Value::Map(table.clone()));
                    table
                }
            };
            self.globals(&table, dest, &prefix)?;
            self.nested(|run| run.coalesce(subchart, &table, Some(&prefix), nulls))?;
        }
        Ok(())
    }

    /// Hands the globals of `src` down to `dest`, whose own ones give way.
    fn globals(&mut self, dest: &Map, src: &Map, prefix: &Prefix<'_>) -> Result<()> {
        let into = match dest.get(GLOBAL) {
            None => Map::new(),
            Some(Value::Map(map)) => map,
            Some(_) => {
                self.notices.info("warning: skipping globals because destination global is not a table.");
                return Ok(());
            }
        };
        let from = match src.get(GLOBAL) {
            None => Map::new(),
            Some(Value::Map(map)) => map,
            Some(_) => {
                self.notices.info("warning: skipping globals because source global is not a table.");
                return Ok(());
            }
        };
        for (key, value) in from.entries() {
            match (&value, into.get(&key)) {
                (Value::Map(table), None) => into.insert(key, Value::Map(table.shallow_copy())),
                (Value::Map(table), Some(Value::Map(own))) => {
                    let table = table.shallow_copy();
                    let prefix = Prefix { parent: Some(prefix), name: &key };
                    self.nested(|run| run.tables(&table, &own, Some(&prefix), Nulls::Keep))?;
                    into.insert(key, Value::Map(table));
                }
                (Value::Map(_), Some(_)) => self.notices.info(format!(
                    "Conflict: cannot merge map onto non-map for {}. Skipping.",
                    quote(key.as_bytes())
                )),
                (_, Some(Value::Map(_))) => self.notices.info(format!("key {key} is table. Skipping")),
                _ => into.insert(key, value),
            }
        }
        dest.insert(GLOBAL, Value::Map(into));
        Ok(())
    }

    /// Fills `dest` with the chart's own defaults.
    fn defaults<C: Charter>(
        &mut self,
        chart: &C,
        subcharts: &[C],
        dest: &Map,
        prefix: &Prefix<'_>,
        nulls: Nulls,
    ) -> Result<()> {
        let Some(defaults) = chart.defaults()? else { return Ok(()) };
        for (key, default) in defaults.entries() {
            match (dest.get(&key), default) {
                (Some(Value::Nil), _) if nulls == Nulls::Delete => {
                    dest.remove(&key);
                }
                (Some(Value::Map(table)), Value::Map(from)) => {
                    // A subchart's table keeps its nulls, to delete that chart's own defaults.
                    let nulls = match subcharts.iter().any(|subchart| subchart.name() == key) {
                        true => Nulls::Keep,
                        false => nulls,
                    };
                    if nulls == Nulls::Delete {
                        self.clean(&from)?;
                    }
                    let prefix = Prefix { parent: Some(prefix), name: &key };
                    self.nested(|run| run.tables(&table, &from, Some(&prefix), nulls))?;
                }
                (Some(Value::Map(_)), default) if !default.is_nil() => {
                    let prefix = Prefix { parent: Some(prefix), name: &key };
                    self.notices.info(format!("warning: skipped value for {prefix}: Not a table."));
                }
                (Some(_), _) => {}
                (None, Value::Nil) if nulls == Nulls::Delete => {}
                (None, default) => {
                    if let (Nulls::Delete, Value::Map(table)) = (nulls, &default) {
                        self.clean(table)?;
                    }
                    dest.insert(key, default);
                }
            }
        }
        Ok(())
    }

    /// Merges `src` into `dst`, which wins.
    fn tables(&mut self, dst: &Map, src: &Map, prefix: Option<&Prefix<'_>>, nulls: Nulls) -> Result<()> {
        // A user's null deletes a default that was there, and survives where
        // there was none: note what src had before dst's nulls come in.
        let nulled: Vec<Str> = dst.with(|entries| {
            entries.iter().filter(|(_, value)| value.is_nil()).map(|(key, _)| key.clone()).collect()
        });
        let mut had = Vec::new();
        for key in nulled {
            if src.get(&key).is_some_and(|value| !value.is_nil()) {
                had.push(key.clone());
            }
            src.insert(key, Value::Nil);
        }
        for (key, value) in src.entries() {
            match (dst.get(&key), &value) {
                (Some(Value::Nil), _) if nulls == Nulls::Delete && had.binary_search(&key).is_ok() => {
                    dst.remove(&key);
                }
                (None, _) => dst.insert(key, value),
                (Some(Value::Map(into)), Value::Map(from)) => {
                    let prefix = Prefix { parent: prefix, name: &key };
                    self.nested(|run| run.tables(&into, from, Some(&prefix), nulls))?;
                }
                (Some(_), Value::Map(_)) => {
                    let prefix = Prefix { parent: prefix, name: &key };
                    self.notices.info(format!(
                        "warning: cannot overwrite table with non table for {prefix} ({})",
                        show::v(&value)
                    ));
                }
                (Some(Value::Map(_)), other) if !other.is_nil() => {
                    let prefix = Prefix { parent: prefix, name: &key };
                    self.notices.info(format!(
                        "warning: destination for {prefix} is a table. Ignoring non-table value ({})",
                        show::v(other)
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Removes nulls from nested tables (not from lists).
    fn clean(&mut self, map: &Map) -> Result<()> {
        if map.frozen().is_some_and(|entries| !entries.has_nulls()) {
            return Ok(());
        }
        for (key, value) in map.entries() {
            match value {
                Value::Nil => _ = map.remove(&key),
                Value::Map(table) => self.nested(|run| run.clean(&table))?,
                _ => {}
            }
        }
        Ok(())
    }
}
