//! A chart directory of a tree: the walk that Helm's directory loader makes,
//! links followed, .helmignore obeyed.

use crate::chart::archive::without_bom;
use crate::chart::ignore::{self, Rules};
use crate::chart::{Chart, File, KnownFiles, load};
use crate::data::Str;
use crate::error::{Error, Kind, Result};
use crate::notice::{Level, Notice, Notices};
use crate::repository::{Child, Entry, EntryKind, Skipped, Tree, join};

/// Bytes of all files of a chart (Helm's MaxDecompressedChartSize).
const MAX_CHART: u64 = 100 << 20;

/// Bytes of Chart.yaml and .helmignore, which are read before the walk.
const MAX_SMALL: u64 = 5 << 20;

/// Files and directories of a chart, links followed.
const MAX_ENTRIES: usize = 100_000;

/// Directories inside each other.
const MAX_DEPTH: usize = 500;

/// Loads the chart in the directory `path`. Its files may be `known`.
///
/// # Errors
/// Helm's, where it refuses the directory or the chart; the tree's own.
pub fn load(tree: &dyn Tree, path: &str, known: Option<&KnownFiles>, notices: &mut Notices) -> Result<Chart> {
    let chart_yaml = join(path, "Chart.yaml");
    let text = tree
        .read(&chart_yaml, MAX_SMALL)
        .map_err(|e| e.context(format_args!("unable to detect chart at {}", tree.shown(&chart_yaml))))?;
    super::check_api_version(text.as_bytes())?;
    let files = walk(tree, path, Some(text), notices)?;
    load::from_files_with(files, known, notices)
}

/// The files of the chart in the directory `path`, in Helm's order, without
/// those that .helmignore leaves out.
///
/// # Errors
/// As [`load`].
pub fn files(tree: &dyn Tree, path: &str, notices: &mut Notices) -> Result<Vec<File>> {
    walk(tree, path, None, notices)
}

/// The files. Those of a chart to be loaded, whose Chart.yaml was read already, may be left
/// for later where only templates ask for them.
fn walk(tree: &dyn Tree, path: &str, to_load: Option<Str>, notices: &mut Notices) -> Result<Vec<File>> {
    let rules_file = join(path, ignore::FILE);
    let rules = match tree.entry(&rules_file)? {
        Some(_) => Rules::parse(Some(tree.read(&rules_file, MAX_SMALL)?.as_bytes()))?,
        None => Rules::parse(None)?,
    };
    let (files, on_path) = (Vec::new(), Vec::new());
    let mut walk = Walk { tree, rules, notices, to_load, files, left: MAX_CHART, entries: 0, on_path };
    walk.directory(path.to_owned(), String::new())?;
    Ok(walk.files)
}

struct Walk<'a> {
    tree: &'a dyn Tree,
    rules: Rules,
    notices: &'a mut Notices,
    /// Chart.yaml, where the chart will be loaded.
    to_load: Option<Str>,
    files: Vec<File>,
    /// Bytes that the chart may still have.
    left: u64,
    entries: usize,
    /// The directories that are being walked.
    on_path: Vec<Step>,
}

/// A directory on the way.
struct Step {
    /// Its path in the tree.
    path: String,
    /// Where that leads, once it was asked for.
    resolved: Option<String>,
}

impl Walk<'_> {
    /// Walks the directory at `path` of the tree, which is `inside` of the chart.
    fn directory(&mut self, path: String, inside: String) -> Result<()> {
        if self.on_path.len() >= MAX_DEPTH {
            let message = format!("{inside}: more than {MAX_DEPTH} directories inside each other");
            return Err(Error::new(Kind::Limit, message));
        }
        let children = self.tree.children(&path)?;
        self.on_path.push(Step { path, resolved: None });
        for child in children {
            self.child(child, &inside)?;
        }
        self.on_path.pop();
        Ok(())
    }

    fn child(&mut self, child: Child, inside: &str) -> Result<()> {
        self.entries += 1;
        if self.entries > MAX_ENTRIES {
            let message = format!("the chart has more than {MAX_ENTRIES} files and directories");
            return Err(Error::new(Kind::Limit, message));
        }
        let path = join(self.on_path.last().map_or("", |step| &step.path), &child.name);
        let inside = join(inside, &child.name);
        let entry = match child.entry {
            Ok(Some(entry)) => entry,
            Ok(None) => return Err(self.dangling(&path)),
            // What is neither file nor directory may be ignored.
            Err(e) if e.kind == Kind::Invalid && self.rules.ignores(&inside, false) => return Ok(()),
            Err(e) => return Err(e),
        };
        if entry.link {
            self.link(&path, entry)?;
        }
        let is_directory = entry.kind == EntryKind::Directory;
        if self.rules.ignores(&inside, is_directory) {
            return Ok(());
        }
        if is_directory {
            return self.directory(path, inside);
        }
        let file = self.file(&path, inside)?;
        self.files.push(file);
        Ok(())
    }

    /// The file at `path` of the tree, which is `inside` of the chart.
    fn file(&mut self, path: &str, inside: String) -> Result<File> {
        if self.to_load.is_some()
            && load::is_left_to_templates(&inside)
            && let Some(later) = self.tree.left_for_later(path, self.left)
        {
            self.left = self.left.saturating_sub(later.size);
            let name = inside.clone();
            return Ok(File::later(inside, move || {
                (later.read)().map(without_bom).map_err(|e| refused(e, &name))
            }));
        }
        let read = match &self.to_load {
            Some(chart_yaml) if inside == "Chart.yaml" => Ok(chart_yaml.clone()),
            _ => self.tree.read(path, self.left),
        };
        match read {
            Ok(data) => {
                self.left = self.left.saturating_sub(data.len() as u64);
                Ok(File::new(inside, without_bom(data)))
            }
            // Most charts never ask for their pictures and archives.
            Err(e) if e.source.as_ref().is_some_and(|source| source.is::<Skipped>()) => {
                Ok(File::absent(inside, e.message))
            }
            Err(e) => Err(refused(e, &inside)),
        }
    }

    /// Tells of a link, and refuses one that leads back to where the walk is:
    /// Helm goes round until the system has had enough.
    fn link(&mut self, path: &str, entry: Entry) -> Result<()> {
        let resolved = self.tree.resolved(path).map_err(|e| self.evaluating(path, e))?;
        if entry.kind == EntryKind::Directory {
            for step in &mut self.on_path {
                let own = match &mut step.resolved {
                    Some(own) => own,
                    unknown => unknown.insert(self.tree.resolved(&step.path)?),
                };
                if *own == resolved {
                    return Err(self.evaluating(path, Error::invalid("too many links")));
                }
            }
        }
        self.notices.0.push(Notice {
            level: Level::Info,
            message: "found symbolic link in path. Contents of linked file included and used".to_owned(),
            fields: vec![("path", self.tree.shown(path)), ("resolved", resolved)],
        });
        Ok(())
    }

    fn dangling(&self, path: &str) -> Error {
        match self.tree.resolved(path) {
            Ok(_) => self.evaluating(path, Error::invalid("no such file or directory")),
            Err(e) => self.evaluating(path, e),
        }
    }

    fn evaluating(&self, path: &str, mut error: Error) -> Error {
        if error.kind == Kind::NotFound {
            error.kind = Kind::Invalid;
        }
        error.context(format_args!("error evaluating symlink {}", self.tree.shown(path)))
    }
}

/// Why a file of a chart was not read.
fn refused(error: Error, inside: &str) -> Error {
    let error = match error.kind {
        Kind::Limit => {
            let message = format!("chart exceeds maximum decompressed size of {MAX_CHART} bytes");
            Error::new(Kind::Limit, message)
        }
        _ => error,
    };
    error.context(format_args!("error reading {inside}"))
}
