//! What a registry asks for with its 401: `Basic`, or `Bearer` with the address of
//! a service that sells tokens.

/// A registry's demand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Challenge {
    /// A name and a password with each request.
    Basic,
    /// A token.
    Bearer {
        /// Where tokens are made.
        realm: String,
        /// For what.
        service: Option<String>,
        /// To do what.
        scope: Option<String>,
    },
}

/// Reads WWW-Authenticate; a token is preferred to a password.
pub fn parse<'h>(headers: impl Iterator<Item = &'h str>) -> Option<Challenge> {
    let mut basic = None;
    for header in headers {
        for (scheme, parameters) in challenges(header) {
            if scheme.eq_ignore_ascii_case("basic") {
                basic = Some(Challenge::Basic);
            }
            let get = |name: &str| {
                let found = parameters.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
                found.map(|(_, value)| value.clone())
            };
            if scheme.eq_ignore_ascii_case("bearer")
                && let Some(realm) = get("realm")
            {
                return Some(Challenge::Bearer { realm, service: get("service"), scope: get("scope") });
            }
        }
    }
    basic
}

type Parameters = Vec<(String, String)>;

/// The challenges of one header: a word, then `key=value` joined by commas.
fn challenges(header: &str) -> Vec<(String, Parameters)> {
    let mut found: Vec<(String, Parameters)> = Vec::new();
    let mut rest = header.trim_start();
    while !rest.is_empty() {
        let end = rest.find([' ', '=', ',']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if let Some(value) = after.trim_start().strip_prefix('=') {
            let (value, after) = value_of(value.trim_start());
            if let Some((_, parameters)) = found.last_mut() {
                parameters.push((word.to_owned(), value));
            }
            rest = after;
        } else {
            if !word.is_empty() {
                found.push((word.to_owned(), Vec::new()));
            }
            rest = after;
        }
        rest = rest.trim_start_matches([' ', ',', '\t']);
    }
    found
}

/// A quoted or plain value, and what follows it.
fn value_of(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ']).unwrap_or(text.len());
        let (value, rest) = text.split_at(end);
        return (value.to_owned(), rest);
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, quoted.get(at + 1..).unwrap_or_default()),
            '\\' => value.extend(chars.next().map(|(_, c)| c)),
            c => value.push(c),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read() {
        let bearer = |realm: &str, service: Option<&str>, scope: Option<&str>| Challenge::Bearer {
            realm: realm.to_owned(),
            service: service.map(str::to_owned),
            scope: scope.map(str::to_owned),
        };
        for (headers, challenge) in [
            (&["Basic realm=\"x\""][..], Some(Challenge::Basic)),
            (&["Basic"], Some(Challenge::Basic)),
            (
                &[r#"Bearer realm="https://a/t?x=1,2",service="r \"s\"",scope="repository:a/b:pull,push""#],
                Some(bearer("https://a/t?x=1,2", Some("r \"s\""), Some("repository:a/b:pull,push"))),
            ),
            (&["Basic realm=x, bearer realm=https://a"], Some(bearer("https://a", None, None))),
            (&["Basic realm=x", "Bearer realm=\"https://a\""], Some(bearer("https://a", None, None))),
            (&["Negotiate"], None),
            (&["=,,=\"", "\"\\"], None),
        ] {
            assert_eq!(parse(headers.iter().copied()), challenge, "{headers:?}");
        }
    }
}
