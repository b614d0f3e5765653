//! `tiphys push`: a packed chart into a registry.

use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use clap::Parser;

use crate::chart::Metadata;
use crate::chart::written::metadata_json;
use crate::error::{Error, Kind, Result};
use crate::notice::Notices;
use crate::registry::oci::Package;
use crate::registry::reference::{Reference, SCHEME};
use crate::source;
use crate::source::dependencies::PATIENCE;

use super::access::Access;

/// Upload a packed chart to a registry, as `helm push` does
#[derive(Debug, Parser)]
#[command(
    override_usage = "tiphys push ARCHIVE REMOTE [flags]",
    after_help = "The chart goes to REMOTE/<its name>:<its version>; a signature beside it (ARCHIVE.prov) goes along.\n\n\
                  Example:\n  tiphys push my-api-0.1.0.tgz oci://registry.example.com/charts"
)]
pub struct Args {
    /// The archive and the registry
    #[arg(hide = true)]
    args: Vec<String>,
    #[command(flatten)]
    access: Access,
}

/// What Helm says about tags that are not versions.
const UNDERSCORE: &str = "
OCI artifact references (e.g. tags) do not support the plus sign (+). To support
storing semantic versions, Helm adopts the convention of changing plus (+) to
an underscore (_) in chart version tags when pushing to a registry and back to
a plus (+) when pulling from a registry.
";

/// `Pushed: …` and `Digest: …`.
pub fn said(done: &str, reference: &str, digest: &str) -> String {
    let note = match reference.contains('_') {
        true => format!("{reference} contains an underscore.\n{UNDERSCORE}"),
        false => String::new(),
    };
    format!("{done}: {reference}\nDigest: {digest}\n{note}")
}

/// Uploads.
pub fn run(args: &Args) -> Result<()> {
    let [archive, remote] = args.args.as_slice() else {
        return Err(super::requires("push", 2, "[chart] [remote] [flags]"));
    };
    let Some(place) = remote.strip_prefix(SCHEME) else {
        let scheme = remote.split_once("://").map_or("", |(scheme, _)| scheme);
        return Err(Error::usage(format!("scheme {scheme:?} not supported")));
    };
    let (metadata, package) = read(Path::new(archive))?;
    let place = place.trim_end_matches('/');
    let reference = Reference::parse(&format!("{place}/{}:{}", metadata.name, metadata.version))?;
    let registry = args.access.registry();
    let push = || registry.push(&reference, &package, Instant::now() + PATIENCE);
    let digest = super::progress::during("uploading", push)?;
    super::print(said("Pushed", &reference.to_string(), &digest.to_string()).as_bytes())
}

/// The archive and what goes with it.
fn read(path: &Path) -> Result<(Metadata, Package)> {
    let shown = path.display();
    let about =
        std::fs::metadata(path).map_err(|_| Error::new(Kind::NotFound, format!("{shown}: no such file")))?;
    if about.is_dir() {
        return Err(Error::usage("cannot push directory, must provide chart archive (.tgz)"));
    }
    let read = |path: &Path| {
        std::fs::read(path)
            .map_err(|e| Error::new(Kind::Io, format!("{} cannot be read: {e}", path.display())))
    };
    let metadata = source::load_path(path, &mut Notices::default())?.metadata;
    let beside = PathBuf::from(format!("{shown}.prov"));
    let created = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    let package = Package {
        config: metadata_json(&metadata).into_bytes(),
        archive: read(path)?,
        provenance: beside.exists().then(|| read(&beside)).transpose()?,
        annotations: annotations(&metadata, created),
    };
    Ok((metadata, package))
}

/// What registries show of a chart (Helm's generateOCIAnnotations).
fn annotations(metadata: &Metadata, created: SystemTime) -> Vec<(String, String)> {
    let created = jiff::Timestamp::try_from(created).unwrap_or_default();
    let people = metadata.maintainers.as_deref().unwrap_or_default();
    let person = |person: &crate::chart::Maintainer| match person.email.as_str() {
        "" => person.name.clone(),
        email => format!("{} ({email})", person.name),
    };
    let authors: Vec<String> = people.iter().map(person).collect();
    let source = metadata.sources.as_deref().and_then(<[String]>::first).cloned().unwrap_or_default();
    let own = [
        ("description", metadata.description.clone()),
        ("title", metadata.name.clone()),
        ("version", metadata.version.clone()),
        ("url", metadata.home.clone()),
        ("created", created.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        ("source", source),
        ("authors", authors.join(", ")),
    ];
    let own = own.into_iter().map(|(key, text)| (format!("org.opencontainers.image.{key}"), text));
    let mut all: Vec<_> = own.filter(|(_, text)| !text.trim().is_empty()).collect();
    let fixed = ["org.opencontainers.image.version", "org.opencontainers.image.title"];
    let charts = metadata.annotations.iter().flatten().filter(|(key, _)| !fixed.contains(&key.as_str()));
    all.extend(charts.cloned());
    all
}
