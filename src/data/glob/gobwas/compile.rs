//! Parts of a pattern to a matcher, arranged as gobwas arranges them.

use super::Node;
use super::matcher::{Matcher, Tree};

/// Compiles a node.
pub fn compile(node: &Node) -> Matcher {
    let matcher = match node {
        Node::AnyOf(alternatives) => {
            return match share(alternatives) {
                Some(shared) => compile(&shared),
                None => Matcher::AnyOf(alternatives.iter().map(|a| optimize(compile(a))).collect()),
            };
        }
        Node::Pattern(parts) if parts.is_empty() => Matcher::Nothing,
        Node::Pattern(parts) => {
            let matchers = parts.iter().map(|part| optimize(compile(part))).collect();
            arrange(minimize(matchers))
        }
        Node::Nothing => Matcher::Nothing,
        Node::Any => Matcher::Any,
        Node::Super => Matcher::Super,
        Node::Single => Matcher::Single,
        Node::List { chars, not } => Matcher::List { chars: chars.clone(), not: *not },
        Node::Range { low, high, not } => Matcher::Range { low: *low, high: *high, not: *not },
        Node::Text(text) => Matcher::Text(text.clone()),
    };
    optimize(matcher)
}

/// Special cases of a text between two other parts, and of one alternative.
fn optimize(matcher: Matcher) -> Matcher {
    match matcher {
        Matcher::AnyOf(mut list) if list.len() == 1 => list.pop().unwrap_or(Matcher::Nothing),
        Matcher::List { chars, not: false } if chars.chars().count() == 1 => Matcher::Text(chars),
        Matcher::Tree(mut tree) => {
            tree.left = tree.left.map(|m| Box::new(optimize(*m)));
            tree.right = tree.right.map(|m| Box::new(optimize(*m)));
            match text_between(&tree) {
                Some(matcher) => matcher,
                None => Matcher::Tree(tree),
            }
        }
        other => other,
    }
}

fn text_between(tree: &Tree) -> Option<Matcher> {
    let Matcher::Text(text) = &*tree.value else { return None };
    let text = text.clone();
    Some(match (tree.left.as_deref(), tree.right.as_deref()) {
        (None, None) => Matcher::Text(text),
        (Some(Matcher::Super), Some(Matcher::Super)) => Matcher::Contains { needle: text, not: false },
        (Some(Matcher::Super), None) => Matcher::Suffix(text),
        (None, Some(Matcher::Super)) => Matcher::Prefix(text),
        (None, Some(Matcher::Suffix(suffix))) => Matcher::PrefixSuffix(text, suffix.clone()),
        (Some(Matcher::Prefix(prefix)), None) => Matcher::PrefixSuffix(prefix.clone(), text),
        (Some(Matcher::Any), None) => Matcher::SuffixAny(text),
        (None, Some(Matcher::Any)) => Matcher::PrefixAny(text),
        _ => return None,
    })
}

/// Puts the longest part of fixed length in the middle, the last of several.
fn arrange(mut matchers: Vec<Matcher>) -> Matcher {
    if matchers.len() == 1 {
        return matchers.pop().unwrap_or(Matcher::Nothing);
    }
    if let Some(glued) = glue(&matchers) {
        return glued;
    }
    let longest = matchers
        .iter()
        .enumerate()
        .filter_map(|(i, m)| Some((m.length()?, i)))
        .max_by_key(|found| *found)
        .map_or(0, |(_, i)| i);
    let right = matchers.split_off((longest + 1).min(matchers.len()));
    let value = matchers.pop().unwrap_or(Matcher::Nothing);
    let side = |part: Vec<Matcher>| (!part.is_empty()).then(|| arrange(part));
    Matcher::Tree(Tree::new(value, side(matchers), side(right)))
}

/// Glues the longest run of parts that can be, again and again.
fn minimize(mut matchers: Vec<Matcher>) -> Vec<Matcher> {
    loop {
        let mut best: Option<(Matcher, usize, usize)> = None;
        for left in 0..matchers.len() {
            for right in (left + 2..=matchers.len()).rev() {
                let Some(glued) = matchers.get(left..right).and_then(glue) else { continue };
                let better = best.as_ref().is_none_or(|(own, from, to)| {
                    matches!((own.length(), glued.length()), (Some(own), Some(new)) if new > own)
                        || to - from < right - left
                });
                if better {
                    best = Some((glued, left, right));
                }
            }
        }
        let Some((glued, left, right)) = best else { return matchers };
        matchers.splice(left..right, [glued]);
    }
}

/// Several parts as one, where they are all of fixed length or all alike.
fn glue(matchers: &[Matcher]) -> Option<Matcher> {
    if matchers.len() <= 1 {
        return None;
    }
    glue_alike(matchers).or_else(|| {
        let lengths = matchers.iter().map(Matcher::length).sum::<Option<usize>>()?;
        Some(Matcher::Row(lengths, matchers.to_vec()))
    })
}

fn glue_alike(matchers: &[Matcher]) -> Option<Matcher> {
    let (mut any, mut all, mut single) = (false, false, 0);
    let mut separators: Option<&str> = None;
    for matcher in matchers {
        let own = match matcher {
            Matcher::Super => {
                all = true;
                ""
            }
            Matcher::Any => {
                any = true;
                "/"
            }
            Matcher::Single => {
                single += 1;
                "/"
            }
            Matcher::List { chars, not: true } => {
                single += 1;
                chars
            }
            _ => return None,
        };
        if *separators.get_or_insert(own) != own {
            return None;
        }
    }
    let separators = separators.unwrap_or_default();
    match (any, all, single) {
        (false, true, 0) => return Some(Matcher::Super),
        (true, false, 0) => return Some(Matcher::Any),
        (_, _, 1..) if (any || all) && separators.is_empty() => return Some(Matcher::Min(single)),
        _ => {}
    }
    let mut every = Vec::new();
    if single > 0 {
        every.push(Matcher::Min(single));
        if !any && !all {
            every.push(Matcher::Max(single));
        }
    }
    if !separators.is_empty() {
        every.push(Matcher::Contains { needle: separators.to_owned(), not: true });
    }
    Some(Matcher::EveryOf(every))
}

/// Takes what alternatives have in common at their ends out of them.
fn share(alternatives: &[Node]) -> Option<Node> {
    let patterns: Vec<&[Node]> = alternatives
        .iter()
        .map(|a| match a {
            Node::Pattern(parts) => Some(parts.as_slice()),
            _ => None,
        })
        .collect::<Option<_>>()?;
    let (left, right) = common_ends(&patterns);
    let least = patterns.iter().min_by_key(|parts| parts.len())?;
    if left + right == 0 {
        return None;
    }
    let mut result = Vec::new();
    if left > 0 {
        result.push(Node::Pattern(least.get(..left)?.to_vec()));
    }
    let mut middles: Vec<Node> = Vec::new();
    for parts in &patterns {
        let middle = parts.get(left..parts.len().checked_sub(right)?)?;
        let middle = if middle.is_empty() { Node::Nothing } else { Node::Pattern(middle.to_vec()) };
        if !middles.contains(&middle) {
            middles.push(middle);
        }
    }
    match middles.as_slice() {
        [Node::Nothing] | [] => {}
        [_] => result.append(&mut middles),
        _ => result.push(Node::AnyOf(middles)),
    }
    if right > 0 {
        result.push(Node::Pattern(least.get(least.len() - right..)?.to_vec()));
    }
    Some(Node::Pattern(result))
}

/// How many parts all patterns share from the left and from the right.
fn common_ends(patterns: &[&[Node]]) -> (usize, usize) {
    let Some(least) = patterns.iter().min_by_key(|parts| parts.len()) else { return (0, 0) };
    if patterns.len() <= 1 {
        return (0, 0);
    }
    let length = least.len();
    let (mut left, mut right) = (0, 0);
    let (mut left_ended, mut right_ended) = (false, false);
    for i in 0..length {
        if left + right >= length || (left_ended && right_ended) {
            break;
        }
        let j = length - 1 - i;
        left_ended |= patterns.iter().any(|parts| parts.get(i) != least.get(i));
        // The right stops where the left has reached it.
        right_ended |= !left_ended && j <= i;
        let from_end = |parts: &&&[Node]| parts.iter().rev().nth(i) != least.get(j);
        right_ended |= patterns.iter().any(|parts| from_end(&parts));
        left += usize::from(!left_ended);
        right += usize::from(!right_ended);
    }
    (left, right)
}
