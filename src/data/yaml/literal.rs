//! Small forms around YAML's values: Go's syntax for keys in messages, float keys.

use std::fmt::Write;

use super::compose::{Node, NodeKind};
use super::resolve::Scalar;
use crate::data::number;
use crate::data::quote::quote;

/// Where a message stops showing a value: Helm shows all of it, which nobody reads.
const SHOWN_DEPTH: usize = 100;
const SHOWN_BYTES: usize = 1 << 16;
/// A nil inside something else.
const NIL: &str = "interface {}(nil)";

/// A float64 key as sigs.k8s.io/yaml turns it into a string: through float32.
pub(super) fn float_key(n: f64) -> String {
    #[allow(clippy::cast_possible_truncation, reason = "so the original does")]
    let short = n as f32;
    if short.is_nan() {
        return ".nan".to_owned();
    }
    if short.is_infinite() {
        return if short > 0.0 { ".inf".to_owned() } else { "-.inf".to_owned() };
    }
    // The shortest digits of the float32 are those of the float64 they spell.
    number::format_g(short.to_string().parse().unwrap_or(n))
}

/// The node at `at` as Go's `%#v` writes it.
pub(super) fn go_syntax(nodes: &[Node<'_>], at: usize) -> String {
    let mut text = String::new();
    match nodes.get(at).map(Node::meaning) {
        Some(Ok((Scalar::Null, _))) if nodes.get(at).is_some_and(is_scalar) => text.push_str("<nil>"),
        _ => show(nodes, at, 0, &mut text),
    }
    text
}

fn is_scalar(node: &Node<'_>) -> bool {
    matches!(node.kind, NodeKind::Scalar { .. })
}

fn show(nodes: &[Node<'_>], at: usize, depth: usize, out: &mut String) {
    let Some(node) = nodes.get(at) else { return };
    if depth > SHOWN_DEPTH || out.len() > SHOWN_BYTES {
        out.push_str("...");
        return;
    }
    match &node.kind {
        NodeKind::Alias { target, .. } => show(nodes, *target, depth + 1, out),
        NodeKind::Sequence => {
            out.push_str("[]interface {}{");
            for (n, child) in children(nodes, at).into_iter().enumerate() {
                if n > 0 {
                    out.push_str(", ");
                }
                show(nodes, child, depth + 1, out);
            }
            out.push('}');
        }
        NodeKind::Mapping => {
            let nodes_in = children(nodes, at);
            let mut pairs: Vec<(String, usize)> = Vec::new();
            for pair in nodes_in.chunks_exact(2) {
                let &[key, value] = pair else { continue };
                let mut shown = String::new();
                show(nodes, key, depth + 1, &mut shown);
                pairs.retain(|(other, _)| *other != shown);
                pairs.push((shown, value));
                if pairs.len() > SHOWN_DEPTH {
                    break;
                }
            }
            // Go puts nil before every other key.
            pairs.sort_by_cached_key(|(key, _)| (key != NIL, key.clone()));
            out.push_str("map[interface {}]interface {}{");
            for (n, (key, value)) in pairs.into_iter().enumerate() {
                let _ = write!(out, "{}{key}:", if n > 0 { ", " } else { "" });
                show(nodes, value, depth + 1, out);
            }
            out.push('}');
        }
        NodeKind::Scalar { value, .. } => match node.meaning() {
            Ok((meaning, _)) => scalar(meaning, value, out),
            Err(_) => out.push_str("..."),
        },
    }
}

fn children(nodes: &[Node<'_>], at: usize) -> Vec<usize> {
    let end = nodes.get(at).map_or(at, |node| node.end);
    let mut children = Vec::new();
    let mut child = at + 1;
    while child < end {
        children.push(child);
        child = nodes.get(child).map_or(end, |node| node.end);
    }
    children
}

fn scalar(meaning: Scalar, text: &[u8], out: &mut String) {
    let _ = match meaning {
        Scalar::Null => out.write_str(NIL),
        Scalar::Bool(b) => write!(out, "{b}"),
        Scalar::Int(n) => write!(out, "{n}"),
        Scalar::Uint(n) => write!(out, "{n:#x}"),
        Scalar::Float(n) => out.write_str(&number::format_g(n)),
        Scalar::Text | Scalar::Time => out.write_str(&quote(text)),
    };
}
