//! The keywords of arrays.

use super::{Additional, Check, Json, Schema, Step};
use crate::chart::schema::equal;
use crate::chart::schema::keywords::{Id, Items};
use crate::chart::schema::number::english_count;

impl Check<'_, '_> {
    pub(super) fn array(&mut self, items: &[Json]) {
        let schema = self.schema();
        let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
        if schema.min_items.is_some_and(|n| count < n) {
            self.limit("minItems", count, schema.min_items);
        }
        if schema.max_items.is_some_and(|n| count > n) {
            self.limit("maxItems", count, schema.max_items);
        }
        if let Some((a, b)) = schema.unique_items.then(|| equal::duplicates(items)).flatten() {
            self.fail(|| format!("items at {} and {} are equal", index(a), index(b)));
        }
        if schema.draft < 2020 {
            let evaluated = match &schema.items {
                None => 0,
                Some(Items::All(id)) => {
                    self.each(*id, items, 0);
                    items.len()
                }
                Some(Items::Each(ids)) => self.each_its_own(ids, items),
            };
            match schema.additional_items {
                Some(Additional::Allowed(false)) if evaluated < items.len() => {
                    let rest = index(items.len() - evaluated);
                    self.fail(|| format!("last {rest} additionalItem(s) not allowed"));
                }
                Some(Additional::Schema(id)) => self.each(id, items, evaluated),
                _ => {}
            }
        } else {
            let evaluated = self.each_its_own(&schema.prefix_items, items);
            if let Some(id) = schema.items_2020 {
                self.each(id, items, evaluated);
            }
        }
        if let Some(id) = schema.contains {
            self.contains(schema, id, items);
        }
    }

    fn each(&mut self, id: Id, items: &[Json], from: usize) {
        for (i, item) in items.iter().enumerate().skip(from) {
            let result = self.below(id, item, Step::Index(i));
            self.add(result);
        }
    }

    fn each_its_own(&mut self, ids: &[Id], items: &[Json]) -> usize {
        for (i, (id, item)) in ids.iter().zip(items).enumerate() {
            let result = self.below(*id, item, Step::Index(i));
            self.add(result);
        }
        ids.len().min(items.len())
    }

    fn contains(&mut self, schema: &Schema, id: Id, items: &[Json]) {
        let (mut matched, mut causes) = (Vec::new(), Vec::new());
        for (i, item) in items.iter().enumerate() {
            match self.below(id, item, Step::Index(i)) {
                Err(failure) => causes.push(failure),
                Ok(()) => {
                    matched.push(i);
                    if schema.draft >= 2020 {
                        self.unevaluated.items.remove(&i);
                    }
                }
            }
        }
        let got = i64::try_from(matched.len()).unwrap_or(i64::MAX);
        let places = || matched.iter().map(usize::to_string).collect::<Vec<_>>().join(" ");
        match schema.min_contains {
            Some(want) if got < want => {
                let want = english_count(want);
                let words = match got {
                    0 => format!("min {want} items required to match contains schema, but none matched"),
                    _ => format!(
                        "min {want} items required to match contains schema, but matched {} items at {}",
                        english_count(got),
                        places()
                    ),
                };
                self.fail_because(&words, causes);
            }
            None if got == 0 => self.fail_because("no items match contains schema", causes),
            _ => {}
        }
        if let Some(want) = schema.max_contains.filter(|want| got > *want) {
            self.fail(|| {
                format!(
                    "max {} items required to match contains schema, but matched {} items at {}",
                    english_count(want),
                    english_count(got),
                    places()
                )
            });
        }
    }
}

fn index(i: usize) -> String {
    english_count(i64::try_from(i).unwrap_or(i64::MAX))
}
