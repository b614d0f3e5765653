//! When two URLs are of one repository, as Argo CD decides it, and how a URL is
//! shown without what it must not show.

/// The form in which URLs of one repository are equal: lower case, no `.git` at the
/// end, and `git@host:path` for `ssh://git@host/path`.
pub fn normalized(url: &str) -> String {
    let url = url.trim().to_lowercase();
    let without_scheme = url.strip_prefix("ssh://");
    let ssh = without_scheme.unwrap_or(&url);
    let is_ssh = ssh
        .split_once('@')
        .is_some_and(|(user, rest)| !user.contains(['/', ':']) && !rest.is_empty() && !rest.contains('@'));
    let url = match (is_ssh, without_scheme) {
        (true, None) => ssh.replacen(':', "/", 1),
        (true, Some(rest)) => rest.to_owned(),
        (false, _) => url,
    };
    let url = url.strip_suffix(".git").unwrap_or(&url);
    url.strip_prefix("ssh://").unwrap_or(url).to_owned()
}

/// The URL without a user and a password in front of the host.
pub fn shown(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme @ ("http" | "https"), rest)) => {
            let end = rest.find('/').unwrap_or(rest.len());
            let (host, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
            format!("{scheme}://{}{path}", host.rsplit('@').next().unwrap_or_default())
        }
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_one_repository_are_equal() {
        for (url, wanted) in [
            ("https://GitHub.com/Org/Repo.git", "https://github.com/org/repo"),
            ("https://github.com/org/repo", "https://github.com/org/repo"),
            (" git@github.com:org/repo.git ", "git@github.com/org/repo"),
            ("ssh://git@github.com/org/repo.git", "git@github.com/org/repo"),
            ("ssh://git@github.com:22/org/repo", "git@github.com:22/org/repo"),
            // A port, not a path: Argo CD does not take it for SSH's short form.
            ("https://user@host:8443/repo.git", "https://user@host:8443/repo"),
            ("https://github.com/org/repo/", "https://github.com/org/repo/"),
            ("file:///srv/repo.git", "file:///srv/repo"),
        ] {
            assert_eq!(normalized(url), wanted, "{url}");
        }
    }

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(shown("https://user:p@ss@host/org/repo"), "https://host/org/repo");
        assert_eq!(shown("https://token@host"), "https://host");
        assert_eq!(shown("git@host:org/repo.git"), "git@host:org/repo.git");
    }
}
