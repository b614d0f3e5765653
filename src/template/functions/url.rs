//! URLs to dictionaries and back.

use super::args::{NIL_DEREFERENCE, bytes, map, row};
use crate::data::url::Url;
use crate::data::{Map, Str, Ty, Value};
use crate::template::function::{FuncError, Function, Host};

/// The group's functions.
pub static FUNCTIONS: &[Function] = &[
    row(
        "urlParse",
        &[Ty::Str],
        "a URL to a dictionary of scheme, userinfo, host, hostname, path, opaque, query and fragment",
        &[
            (r#"{{ (urlParse "http://u:p@h:80/a%20b?q=1#f").path }}"#, "/a b"),
            (r#"{{ (urlParse "http://u:p@[::1]:80/").hostname }}"#, "::1"),
            (
                r#"{{ urlParse "http://a:b/" }}"#,
                r#"!unable to parse url: parse "http://a:b/": invalid port ":b" after host"#,
            ),
        ],
        parse,
    ),
    row(
        "urlJoin",
        &[Ty::MapAny],
        "a dictionary of a URL's parts, as urlParse makes it, to the URL",
        &[
            (
                r#"{{ urlJoin (dict "scheme" "http" "host" "h" "path" "p q" "query" "a=b" "userinfo" "u:p") }}"#,
                "http://u:p@h/p%20q?a=b",
            ),
            (
                r#"{{ urlJoin (dict "scheme" 1) }}"#,
                "!unable to parse scheme key, must be of type string, but int found",
            ),
        ],
        join,
    ),
];

fn parse(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    host.budget().steps(bytes(args, 0).len() / 16)?;
    let url = Url::parse(bytes(args, 0)).map_err(|e| format!("unable to parse url: {e}"))?;
    let hostname = url.hostname().to_vec();
    let entries: [(&str, Str); 8] = [
        ("scheme", url.scheme.into()),
        ("host", url.host.into()),
        ("hostname", hostname.into()),
        ("path", url.path.into()),
        ("query", url.query.into()),
        ("opaque", url.opaque.into()),
        ("fragment", url.fragment.into()),
        ("userinfo", url.user.map(|u| u.text()).unwrap_or_default().into()),
    ];
    Ok(entries.into_iter().map(|(key, text)| (key, Value::Str(text))).collect::<Map>().into())
}

fn join(host: &mut dyn Host, args: &[Value]) -> Result<Value, FuncError> {
    let parts = map(args, 0);
    let part = |key: &str| match parts.get(key) {
        None => Ok(Vec::new()),
        Some(Value::Str(text)) => Ok(text.as_bytes().to_vec()),
        Some(Value::Nil) => Err(NIL_DEREFERENCE.to_owned()),
        Some(other) => {
            let kind = other.kind().name();
            Err(format!("unable to parse {key} key, must be of type string, but {kind} found"))
        }
    };
    let mut url = Url {
        scheme: part("scheme")?,
        host: part("host")?,
        path: part("path")?,
        query: part("query")?,
        opaque: part("opaque")?,
        fragment: part("fragment")?,
        ..Url::default()
    };
    let userinfo = part("userinfo")?;
    if !userinfo.is_empty() {
        let around = [b"proto://", &userinfo[..], b"@host"].concat();
        let parsed = Url::parse(&around).map_err(|e| format!("unable to parse userinfo in dict: {e}"))?;
        url.user = parsed.user;
    }
    let text = url.text();
    host.budget().string(text.len())?;
    Ok(Value::Str(text.into()))
}
