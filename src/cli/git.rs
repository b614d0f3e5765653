//! The commit that a git work tree is at, read from its files: no process is run.

use std::fs;
use std::path::{Path, PathBuf};

/// References that lead to one another.
const MOST_REFERENCES: u32 = 5;

/// The commit that HEAD of the work tree at `root` names, if it is one.
pub fn commit_of(root: &Path) -> Option<String> {
    let git = git_directory(root)?;
    let common = fs::read_to_string(git.join("commondir"));
    let common = common.map_or_else(|_| git.clone(), |path| git.join(path.trim()));
    let mut text = fs::read_to_string(git.join("HEAD")).ok()?;
    for _ in 0..MOST_REFERENCES {
        let Some(reference) = text.trim().strip_prefix("ref: ") else { break };
        let loose = [&git, &common].into_iter().find_map(|dir| fs::read_to_string(dir.join(reference)).ok());
        text = loose.or_else(|| packed(&common, reference))?;
    }
    let commit = text.trim();
    let is_commit = matches!(commit.len(), 40 | 64) && commit.bytes().all(|b| b.is_ascii_hexdigit());
    is_commit.then(|| commit.to_owned())
}

/// `.git`, or the directory that a file of that name leads to.
fn git_directory(root: &Path) -> Option<PathBuf> {
    let git = root.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    let text = fs::read_to_string(&git).ok()?;
    Some(root.join(text.strip_prefix("gitdir: ")?.trim()))
}

fn packed(common: &Path, reference: &str) -> Option<String> {
    let text = fs::read_to_string(common.join("packed-refs")).ok()?;
    let commit = text.lines().find_map(|line| line.split_once(' ').filter(|(_, name)| *name == reference))?;
    Some(commit.0.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commit_is_found_loose_packed_and_from_a_worktree() {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let (one, other) = ("1".repeat(40), "a".repeat(40));
        write("main/.git/HEAD", "ref: refs/heads/main\n");
        write(
            "main/.git/packed-refs",
            &format!("# pack-refs\n{one} refs/heads/main\n{other} refs/heads/x\n"),
        );
        assert_eq!(commit_of(&dir.path().join("main")), Some(one));
        write("main/.git/worktrees/w/HEAD", "ref: refs/heads/x\n");
        write("main/.git/worktrees/w/commondir", "../..\n");
        write("w/.git", &format!("gitdir: {}\n", dir.path().join("main/.git/worktrees/w").display()));
        assert_eq!(commit_of(&dir.path().join("w")), Some(other));
        let loose = "b".repeat(40);
        write("main/.git/refs/heads/main", &format!("{loose}\n"));
        assert_eq!(commit_of(&dir.path().join("main")), Some(loose.clone()));
        write("main/.git/HEAD", &loose);
        assert_eq!(commit_of(&dir.path().join("main")), Some(loose));
        write("main/.git/HEAD", "ref: refs/heads/none\n");
        assert_eq!(commit_of(&dir.path().join("main")), None);
        assert_eq!(commit_of(dir.path()), None);
    }
}
