//! The one table of template functions: Go's builtins, Sprig's and Helm's, one
//! file a group. Registration, documentation and tests come from it.

mod args;
mod case;
mod certificates;
mod convert;
mod crypto;
mod dates;
mod decimal;
mod deep;
mod defaults;
mod dicts;
mod durations;
mod encoding;
mod go;
mod hash;
mod helm;
mod keys;
mod lists;
mod math;
mod merge;
mod network;
pub(crate) mod number_text;
mod path;
mod print;
mod random;
mod regex;
mod semver;
mod seq;
mod split;
mod strings;
#[cfg(test)]
mod tests;
mod text;
mod types;
mod url;
mod words;
mod wrap;
mod x509;

use super::function::Function;
use crate::data::hash::fnv;

/// A group of functions that belong together.
#[derive(Debug)]
pub struct Group {
    /// Its title in the documentation.
    pub title: &'static str,
    /// Its functions.
    pub functions: &'static [Function],
}

/// All groups, from the language itself to what few charts need.
pub static GROUPS: &[Group] = &[
    Group { title: "Go's template language", functions: go::FUNCTIONS },
    Group { title: "Helm: templates and refusals", functions: helm::FUNCTIONS },
    Group { title: "Printing", functions: print::FUNCTIONS },
    Group { title: "Defaults", functions: defaults::FUNCTIONS },
    Group { title: "Strings", functions: strings::FUNCTIONS },
    Group { title: "Case", functions: case::FUNCTIONS },
    Group { title: "Splitting", functions: split::FUNCTIONS },
    Group { title: "Wrapping", functions: wrap::FUNCTIONS },
    Group { title: "Texts of values", functions: text::FUNCTIONS },
    Group { title: "Regular expressions", functions: regex::FUNCTIONS },
    Group { title: "Lists", functions: lists::FUNCTIONS },
    Group { title: "Sequences", functions: seq::FUNCTIONS },
    Group { title: "Dicts", functions: dicts::FUNCTIONS },
    Group { title: "Merging", functions: merge::FUNCTIONS },
    Group { title: "Types", functions: types::FUNCTIONS },
    Group { title: "Conversion", functions: convert::FUNCTIONS },
    Group { title: "Arithmetic", functions: math::FUNCTIONS },
    Group { title: "YAML, JSON, TOML, base64", functions: encoding::FUNCTIONS },
    Group { title: "Dates", functions: dates::FUNCTIONS },
    Group { title: "Durations", functions: durations::FUNCTIONS },
    Group { title: "Semantic versions", functions: semver::FUNCTIONS },
    Group { title: "Hashes", functions: hash::FUNCTIONS },
    Group { title: "Passwords and encryption", functions: crypto::FUNCTIONS },
    Group { title: "Keys", functions: keys::FUNCTIONS },
    Group { title: "Certificates", functions: certificates::FUNCTIONS },
    Group { title: "Randomness", functions: random::FUNCTIONS },
    Group { title: "URLs", functions: url::FUNCTIONS },
    Group { title: "Paths", functions: path::FUNCTIONS },
    Group { title: "Network", functions: network::FUNCTIONS },
];

/// More than twice as many as there are functions: names that meet are few.
const SLOTS: usize = 1024;

/// The functions by their names' hashes, each in the first free slot from there on. The
/// compiler makes it: a process would take longer for it than for a small chart.
#[allow(clippy::indexing_slicing, reason = "the compiler evaluates it")]
static BY_NAME: [Option<&Function>; SLOTS] = {
    let mut slots = [None; SLOTS];
    let mut group = 0;
    while group < GROUPS.len() {
        let functions = GROUPS[group].functions;
        let mut at = 0;
        while at < functions.len() {
            let function = &functions[at];
            let mut slot = slot(function.name.as_bytes());
            while slots[slot].is_some() {
                slot = (slot + 1) % SLOTS;
            }
            slots[slot] = Some(function);
            at += 1;
        }
        group += 1;
    }
    slots
};

#[allow(clippy::cast_possible_truncation, reason = "below the number of slots")]
const fn slot(name: &[u8]) -> usize {
    (fnv(name) % SLOTS as u64) as usize
}

/// The function of that name.
pub fn find(name: &[u8]) -> Option<&'static Function> {
    let (before, from) = BY_NAME.split_at_checked(slot(name))?;
    let mut taken = from.iter().chain(before).map_while(|slot| *slot);
    taken.find(|function| function.name.as_bytes() == name)
}
