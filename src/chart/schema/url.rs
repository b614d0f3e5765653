//! URLs and JSON pointers, as far as schemas refer to each other.

use crate::chart::values::json::Json;
use crate::template::print::quote;

/// Splits at the first `#`; the fragment is decoded.
pub fn split_fragment(reference: &str) -> Result<(&str, String), String> {
    let (url, fragment) = reference.split_once('#').unwrap_or((reference, ""));
    let fragment =
        decode(fragment).map_err(|e| format!("error in parsing {}: {e}", quote(reference.as_bytes())))?;
    Ok((url, fragment))
}

/// Go's url.PathUnescape.
pub fn decode(text: &str) -> Result<String, String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let hex = |at: usize| tail.get(at).and_then(|b| char::from(*b).to_digit(16));
        let (Some(high), Some(low)) = (hex(0), hex(1)) else {
            let shown: Vec<u8> = std::iter::once(b'%').chain(tail.iter().take(2).copied()).collect();
            return Err(format!("invalid URL escape {}", quote(&shown)));
        };
        out.push(u8::try_from(high * 16 + low).unwrap_or_default());
        rest = tail.get(2..).unwrap_or_default();
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// The pointer with what a URL's path may not hold escaped.
pub fn encode(pointer: &str) -> String {
    let mut out = String::with_capacity(pointer.len());
    for byte in pointer.bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"-_.~/$&+=:@".contains(&byte);
        if plain {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// One step of a pointer, escaped.
pub fn escape(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}

/// What `pointer` leads to in `document`; `url` is for the message.
pub fn lookup<'j>(document: &'j Json, url: &str, pointer: &str) -> Result<&'j Json, String> {
    let shown = || quote(format!("{url}#{}", encode(pointer)).as_bytes());
    let mut at = document;
    for step in pointer.split('/').skip(1) {
        let step = unescape(step).ok_or_else(|| format!("invalid json-pointer {}", shown()))?;
        let next = match at {
            Json::Object(entries) => entries.get(step.as_bytes()),
            Json::Array(items) => step.parse::<usize>().ok().and_then(|index| items.get(index)),
            _ => None,
        };
        at = next.ok_or_else(|| format!("json-pointer in {} not found", shown()))?;
    }
    Ok(at)
}

fn unescape(step: &str) -> Option<String> {
    let mut parts = step.split('~');
    let mut out = parts.next()?.to_owned();
    for part in parts {
        match part.as_bytes().first() {
            Some(b'0') => out.push('~'),
            Some(b'1') => out.push('/'),
            _ => return None,
        }
        out.push_str(part.get(1..)?);
    }
    Some(out)
}

/// A URL's parts by RFC 3986.
struct Parts<'u> {
    scheme: Option<&'u str>,
    authority: Option<&'u str>,
    path: &'u str,
    query: Option<&'u str>,
}

fn parts(url: &str) -> Parts<'_> {
    let (rest, query) = url.split_once('?').map_or((url, None), |(rest, query)| (rest, Some(query)));
    let scheme = rest.split_once(':').filter(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    });
    let (scheme, rest) = scheme.map_or((None, rest), |(scheme, rest)| (Some(scheme), rest));
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            (Some(authority), path)
        }
        None => (None, rest),
    };
    Parts { scheme, authority, path, query }
}

/// The scheme of an absolute URL.
pub fn scheme(url: &str) -> Option<&str> {
    parts(url).scheme
}

/// The path of a URL.
pub fn path(url: &str) -> &str {
    parts(url).path
}

/// `reference` (without a fragment) as seen from `base`.
pub fn join(base: &str, reference: &str) -> String {
    if reference.is_empty() {
        return base.to_owned();
    }
    let (from, to) = (parts(base), parts(reference));
    if to.scheme.is_some() {
        return reference.to_owned();
    }
    let scheme = from.scheme.unwrap_or_default();
    if from.authority.is_none() && !from.path.starts_with('/') && from.scheme.is_some() {
        // An opaque base (urn:…) keeps its own text.
        return base.to_owned();
    }
    let query = |query: Option<&str>| query.map_or_else(String::new, |q| format!("?{q}"));
    if let Some(authority) = to.authority {
        return format!("{scheme}://{authority}{}{}", clean(to.path), query(to.query));
    }
    let authority = from.authority.map_or_else(String::new, |a| format!("//{a}"));
    let (path, q) = match to.path {
        "" => (from.path.to_owned(), to.query.or(from.query)),
        absolute if absolute.starts_with('/') => (clean(absolute), to.query),
        relative => {
            let folder = from.path.rfind('/').and_then(|at| from.path.get(..=at)).unwrap_or("/");
            (clean(&format!("{folder}{relative}")), to.query)
        }
    };
    format!("{scheme}:{authority}{path}{}", query(q))
}

/// A path without `.` and `..`.
fn clean(path: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    let steps: Vec<&str> = path.split('/').collect();
    let last = steps.len().saturating_sub(1);
    for (i, step) in steps.into_iter().enumerate() {
        match step {
            "." if i == last => out.push(""),
            "." => {}
            ".." => {
                if out.len() > 1 {
                    out.pop();
                }
                if i == last {
                    out.push("");
                }
            }
            step => out.push(step),
        }
    }
    out.join("/")
}
