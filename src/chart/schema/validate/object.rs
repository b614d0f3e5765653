//! The keywords of objects.

use super::{Additional, Check, Failure, Json, Step, Str, quote, quote_all};
use crate::chart::schema::keywords::Dependency;
use crate::chart::schema::number::english_count;
use crate::data::fields::Fields;

impl Check<'_, '_> {
    pub(super) fn object(&mut self, entries: &Fields<Json>) {
        let schema = self.schema();
        let count = i64::try_from(entries.len()).unwrap_or(i64::MAX);
        for (keyword, limit, wrong) in [
            ("minProperties", schema.min_properties, schema.min_properties.is_some_and(|n| count < n)),
            ("maxProperties", schema.max_properties, schema.max_properties.is_some_and(|n| count > n)),
        ] {
            if wrong {
                self.limit(keyword, count, limit);
            }
        }
        if let Some(missing) = missing(entries, &schema.required) {
            self.fail(|| match missing.as_slice() {
                [one] => format!("missing property {}", quote(one)),
                _ => format!("missing properties {}", quote_all(&missing)),
            });
        }
        if self.quick && !self.found.is_empty() {
            return;
        }
        for (name, wanted) in &schema.dependencies {
            if !entries.contains_key(name) {
                continue;
            }
            match wanted {
                Dependency::Properties(names) => self.dependents(entries, name, names),
                Dependency::Schema(id) => {
                    let result = self.same(*id, "", false);
                    self.add(result);
                }
            }
        }
        self.properties(entries);
        if schema.draft == 4 {
            return;
        }
        self.property_names(entries);
        if schema.draft == 6 {
            return;
        }
        for (name, id) in &schema.dependent_schemas {
            if entries.contains_key(name) {
                let result = self.same(*id, "", false);
                self.add(result);
            }
        }
        for (name, names) in &schema.dependent_required {
            if entries.contains_key(name) {
                self.dependents(entries, name, names);
            }
        }
    }

    /// A count that is over or under its limit.
    pub(super) fn limit(&mut self, keyword: &str, got: i64, want: Option<i64>) {
        let want = want.unwrap_or_default();
        self.fail(|| format!("{keyword}: got {}, want {}", english_count(got), english_count(want)));
    }

    fn dependents(&mut self, entries: &Fields<Json>, name: &Str, names: &[Str]) {
        if let Some(missing) = missing(entries, names) {
            let name = name.to_str_lossy();
            self.fail(|| format!("properties {} required, if {} exists", quote_all(&missing), quote(&name)));
        }
    }

    fn properties(&mut self, entries: &Fields<Json>) {
        let schema = self.schema();
        let nothing = schema.properties.is_empty()
            && schema.pattern_properties.is_empty()
            && schema.additional_properties.is_none();
        if nothing {
            return;
        }
        let mut additional = Vec::new();
        for (name, value) in entries {
            if self.quick && !self.found.is_empty() {
                return;
            }
            let mut evaluated = false;
            if let Some(id) = schema.properties.get(name) {
                evaluated = true;
                let result = self.below(*id, value, Step::Key(name));
                self.add(result);
            }
            for (pattern, id) in &schema.pattern_properties {
                if self.run.is_match(pattern, name) {
                    evaluated = true;
                    let result = self.below(*id, value, Step::Key(name));
                    self.add(result);
                }
            }
            match schema.additional_properties {
                Some(Additional::Allowed(allowed)) if !evaluated => {
                    evaluated = true;
                    if !allowed {
                        additional.push(name.to_str_lossy());
                    }
                }
                Some(Additional::Schema(id)) if !evaluated => {
                    evaluated = true;
                    let result = self.below(id, value, Step::Key(name));
                    self.add(result);
                }
                _ => {}
            }
            if evaluated {
                self.unevaluated.properties.remove(name);
            }
        }
        if !additional.is_empty() {
            self.fail(|| format!("additional properties {} not allowed", quote_all(&additional)));
        }
    }

    fn property_names(&mut self, entries: &Fields<Json>) {
        let Some(id) = self.schema().property_names else { return };
        for name in entries.keys() {
            let name_value = Json::String(name.clone());
            // What is wrong with a name has no place in the values; that a name is
            // wrong has the object's.
            if let Err(failure) = self.run.root(id, &name_value, self.quick, self.depth + 1) {
                let words = || format!("invalid propertyName {}", quote(&name.to_str_lossy()));
                let causes = if self.quick { Vec::new() } else { failure.flat() };
                let failure = self.failure(words);
                self.found.push(Failure { causes, ..failure });
            }
        }
    }
}

/// The names that are not there.
fn missing<'n>(entries: &Fields<Json>, names: &'n [Str]) -> Option<Vec<std::borrow::Cow<'n, str>>> {
    let missing: Vec<_> =
        names.iter().filter(|name| !entries.contains_key(*name)).map(Str::to_str_lossy).collect();
    (!missing.is_empty()).then_some(missing)
}
