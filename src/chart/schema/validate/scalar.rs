//! The keywords of strings and numbers.

use std::cmp::Ordering::{Equal, Greater, Less};

use super::{Check, Decimal, Str, english, quote};

impl Check<'_, '_> {
    pub(super) fn string(&mut self, text: &Str) {
        let schema = self.schema();
        if schema.min_length.is_some() || schema.max_length.is_some() {
            let count = i64::try_from(text.to_str_lossy().chars().count()).unwrap_or(i64::MAX);
            if schema.min_length.is_some_and(|n| count < n) {
                self.limit("minLength", count, schema.min_length);
            }
            if schema.max_length.is_some_and(|n| count > n) {
                self.limit("maxLength", count, schema.max_length);
            }
        }
        if let Some(pattern) = schema.pattern.as_ref().filter(|pattern| !self.run.is_match(pattern, text)) {
            self.fail(|| {
                let (text, pattern) = (text.to_str_lossy(), pattern.to_str_lossy());
                format!("{} does not match pattern {}", quote(&text), quote(&pattern))
            });
        }
    }

    pub(super) fn number(&mut self) {
        let schema = self.schema();
        let limits = [
            ("minimum", &schema.minimum, [Less, Less]),
            ("maximum", &schema.maximum, [Greater, Greater]),
            ("exclusiveMinimum", &schema.exclusive_minimum, [Less, Equal]),
            ("exclusiveMaximum", &schema.exclusive_maximum, [Greater, Equal]),
        ];
        if schema.multiple_of.is_none() && limits.iter().all(|(_, limit, _)| limit.is_none()) {
            return;
        }
        let Some(got) = Decimal::of(self.value) else {
            // Go's library stumbles over a number with too large an exponent.
            let failure = self.run.give_up(
                "unable to validate schema: runtime error: invalid memory address or nil pointer dereference",
            );
            self.found.push(failure);
            return;
        };
        let words = |keyword: &str, want: &Decimal| {
            format!("{keyword}: got {}, want {}", english(got.to_f64()), english(want.to_f64()))
        };
        for (keyword, limit, wrong) in limits {
            if let Some(limit) = limit.as_ref().filter(|limit| wrong.contains(&got.cmp(limit))) {
                self.fail(|| words(keyword, limit));
            }
        }
        if let Some(unit) = schema.multiple_of.as_ref().filter(|unit| !got.is_multiple_of(unit)) {
            self.fail(|| words("multipleOf", unit));
        }
    }
}
