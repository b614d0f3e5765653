//! The formats that schemas up to draft 7 (and the metaschemas) assert, with
//! the complaints of santhosh-tekuri/jsonschema.

use std::net::Ipv6Addr;

use super::{regexp, url};
use crate::data::Str;
use crate::template::print::{quote, quote_rune};

mod time;

type Checked = Result<(), String>;

const NAMES: [&str; 19] = [
    "regex",
    "json-pointer",
    "relative-json-pointer",
    "uuid",
    "duration",
    "period",
    "ipv4",
    "ipv6",
    "hostname",
    "email",
    "date",
    "time",
    "date-time",
    "uri",
    "iri",
    "uri-reference",
    "iri-reference",
    "uri-template",
    "semver",
];

/// The format of that name, if it is one that is checked.
pub fn known(name: &str) -> Option<&'static str> {
    NAMES.iter().find(|known| **known == name).copied()
}

/// Whether `text` has the format, or why not.
pub fn check(name: &str, text: &Str) -> Checked {
    if name == "regex" {
        return regexp::check(text);
    }
    let text = &*text.to_str_lossy();
    match name {
        "json-pointer" => json_pointer(text),
        "relative-json-pointer" => relative_json_pointer(text),
        "uuid" => uuid(text),
        "duration" => time::duration(text),
        "period" => time::period(text),
        "ipv4" => ipv4(text),
        "ipv6" => ipv6(text),
        "hostname" => hostname(text),
        "email" => email(text),
        "date" => time::date(text),
        "time" => time::time(text),
        "date-time" => time::date_time(text),
        "uri" | "iri" => match parse_url(text) {
            Ok(()) if url::scheme(text).is_none() => no("relative url"),
            other => other,
        },
        "uri-reference" | "iri-reference" if text.contains('\\') => no("contains \\"),
        "uri-reference" | "iri-reference" | "uri-template" => parse_url(text),
        "semver" => semver(text),
        _ => Ok(()),
    }
}

fn no(why: impl Into<String>) -> Checked {
    Err(why.into())
}

fn shown(c: char) -> String {
    quote_rune(c, false)
}

fn json_pointer(text: &str) -> Checked {
    if text.is_empty() {
        return Ok(());
    }
    if !text.starts_with('/') {
        return no("not starting with /");
    }
    let mut escaped = false;
    for c in text.chars() {
        if escaped && !matches!(c, '0' | '1') {
            return no("~ must be followed by 0 or 1");
        }
        escaped = !escaped && c == '~';
    }
    if escaped { no("~ must be followed by 0 or 1") } else { Ok(()) }
}

fn relative_json_pointer(text: &str) -> Checked {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = text.len() - rest.len();
    if digits == 0 {
        return no("must start with non-negative integer");
    }
    if digits > 1 && text.starts_with('0') {
        return no("starts with zero");
    }
    if rest == "#" { Ok(()) } else { json_pointer(rest) }
}

fn uuid(text: &str) -> Checked {
    let lengths = [8, 4, 4, 4, 12];
    let groups: Vec<&str> = text.split('-').collect();
    if groups.len() != lengths.len() {
        return no("must have 5 elements");
    }
    for (i, (group, length)) in groups.iter().zip(lengths).enumerate() {
        if group.len() != length {
            return no(format!("element {} must be {length} characters long", i + 1));
        }
        if let Some(c) = group.chars().find(|c| !c.is_ascii_hexdigit()) {
            return no(format!("non-hex character {}", shown(c)));
        }
    }
    Ok(())
}

fn ipv4(text: &str) -> Checked {
    let groups: Vec<&str> = text.split('.').collect();
    if groups.len() != 4 {
        return no("expected four decimals");
    }
    for group in groups {
        if group.len() > 1 && group.starts_with('0') {
            return no("leading zeros");
        }
        match group.parse::<i64>() {
            Ok(0..=255) => {}
            Ok(_) => return no("decimal must be between 0 and 255"),
            Err(_) => {
                return no(format!("strconv.Atoi: parsing {}: invalid syntax", quote(group.as_bytes())));
            }
        }
    }
    Ok(())
}

fn ipv6(text: &str) -> Checked {
    if !text.contains(':') {
        return no("missing colon");
    }
    if text.contains('%') {
        return no("zone id is not a part of ipv6 address");
    }
    if text.parse::<Ipv6Addr>().is_ok() {
        return Ok(());
    }
    let fail = |why: &str| no(format!("ParseAddr({}): {why}", quote(text.as_bytes())));
    let fields: Vec<&str> = text.split(':').collect();
    let mut rest = text;
    for field in &fields {
        if let Some(at) = field.find(|c: char| !c.is_ascii_hexdigit() && c != '.') {
            let from = rest.find(field).map_or(rest, |start| rest.get(start..).unwrap_or_default());
            return match at {
                0 => fail(&format!(
                    "each colon-separated field must have at least one digit (at {})",
                    quote(from.as_bytes())
                )),
                _ => fail(&format!(
                    "unexpected character, want colon (at {})",
                    quote(from.get(at..).unwrap_or_default().as_bytes())
                )),
            };
        }
        if field.len() > 4 && !field.contains('.') {
            return fail(&format!("each group must have 4 or fewer digits (at {})", quote(rest.as_bytes())));
        }
        rest = rest.get(field.len() + 1..).unwrap_or_default();
    }
    fail("address string too short")
}

fn hostname(text: &str) -> Checked {
    let text = text.strip_suffix('.').unwrap_or(text);
    if text.len() > 253 {
        return no("more than 253 characters long");
    }
    for label in text.split('.') {
        if label.is_empty() || label.len() > 63 {
            return no("label must be 1 to 63 characters long");
        }
        if label.starts_with('-') {
            return no("label starts with hyphen");
        }
        if label.ends_with('-') {
            return no("label ends with hyphen");
        }
        if let Some(c) = label.chars().find(|c| !c.is_ascii_alphanumeric() && *c != '-') {
            return no(format!("invalid character {}", shown(c)));
        }
    }
    Ok(())
}

fn email(text: &str) -> Checked {
    if text.len() > 254 {
        return no("more than 255 characters long");
    }
    let Some((local, domain)) = text.rsplit_once('@') else { return no("missing @") };
    if local.len() > 64 {
        return no("local part more than 64 characters long");
    }
    if local.len() > 1 && local.starts_with('"') {
        let mut inner = local.chars();
        inner.next();
        inner.next_back();
        if inner.as_str().contains(['\\', '"']) {
            return no("backslash and quote are not allowed within quoted local part");
        }
    } else {
        if local.starts_with('.') {
            return no("starts with dot");
        }
        if local.ends_with('.') {
            return no("ends with dot");
        }
        if local.contains("..") {
            return no("consecutive dots");
        }
        if let Some(c) =
            local.chars().find(|c| !c.is_ascii_alphanumeric() && !".!#$%&'*+-/=?^_`{|}~".contains(*c))
        {
            return no(format!("invalid character {}", shown(c)));
        }
    }
    if let Some(address) = domain.strip_prefix('[').and_then(|d| d.strip_suffix(']')) {
        return match address.strip_prefix("IPv6:") {
            Some(address) => ipv6(address).map_err(|why| format!("invalid ipv6 address: {why}")),
            None => ipv4(address).map_err(|why| format!("invalid ipv4 address: {why}")),
        };
    }
    hostname(domain).map_err(|why| format!("invalid domain: {why}"))
}

/// The complaints of Go's net/url that schemas run into.
fn parse_url(text: &str) -> Checked {
    let (main, fragment) = text.split_once('#').unwrap_or((text, ""));
    let fail = |shown: &str, why: &str| no(format!("parse {}: {why}", quote(shown.as_bytes())));
    if main.bytes().any(|b| b < b' ' || b == 0x7f) {
        return fail(main, "net/url: invalid control character in URL");
    }
    let rest = match url::scheme(main) {
        Some(scheme) => main.get(scheme.len() + 1..).unwrap_or_default(),
        None if main.starts_with(':') => return fail(main, "missing protocol scheme"),
        None => main,
    };
    let rest = rest.split_once('?').map_or(rest, |(rest, _)| rest);
    let relative = url::scheme(main).is_none() && !rest.starts_with('/');
    if relative && rest.split('/').next().is_some_and(|first| first.contains(':')) {
        return fail(main, "first path segment in URL cannot contain colon");
    }
    let path = match rest.strip_prefix("//") {
        Some(rest) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            if let Some(c) = host.chars().find(|c| matches!(c, ' ' | '\\' | '^' | '{' | '}' | '|' | '`')) {
                return fail(
                    main,
                    &format!("invalid character {} in host name", quote(c.to_string().as_bytes())),
                );
            }
            let port = host.rsplit_once(':').filter(|_| !host.starts_with('[')).map(|(_, port)| port);
            if let Some(port) = port.filter(|port| !port.bytes().all(|b| b.is_ascii_digit())) {
                return fail(
                    main,
                    &format!("invalid port {} after host", quote(format!(":{port}").as_bytes())),
                );
            }
            path
        }
        None => rest,
    };
    if let Err(why) = url::decode(path) {
        return fail(main, &why);
    }
    url::decode(fragment).map(|_| ()).or_else(|why| fail(text, &why))
}

fn semver(text: &str) -> Checked {
    let identifier = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
    let (text, build) = text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
    if let Some(build) = build {
        if build.is_empty() {
            return no("build is empty");
        }
        for id in build.split('.') {
            if id.is_empty() {
                return no("build identifier is empty");
            }
            if let Some(c) = id.chars().find(|c| !identifier(c)) {
                return no(format!("invalid character {} in build identifier", shown(c)));
            }
        }
    }
    let (core, pre) = text.split_once('-').map_or((text, None), |(core, pre)| (core, Some(pre)));
    for id in pre.iter().flat_map(|pre| pre.split('.')) {
        if id.is_empty() {
            return no("pre-release identifier is empty");
        }
        if let Some(c) = id.chars().find(|c| !identifier(c)) {
            return no(format!("invalid character {} in pre-release identifier", shown(c)));
        }
        if id.len() > 1 && id.starts_with('0') && id.bytes().all(|b| b.is_ascii_digit()) {
            return no("pre-release numeric identifier starts with zero");
        }
    }
    let numbers: Vec<&str> = core.split('.').collect();
    if numbers.len() != 3 {
        return no("versionCore must have 3 numbers separated by dot");
    }
    for (name, number) in ["major", "minor", "patch"].iter().zip(numbers) {
        if number.is_empty() {
            return no(format!("{name} is empty"));
        }
        if number.len() > 1 && number.starts_with('0') {
            return no(format!("{name} starts with zero"));
        }
        if !number.bytes().all(|b| b.is_ascii_digit()) {
            return no(format!("{name} contains non-digit"));
        }
    }
    Ok(())
}
