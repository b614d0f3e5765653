//! `tiphys template`: helm template's twin, same flags, same bytes.

use std::ffi::OsString;
use std::io::Read;
use std::path::PathBuf;

use clap::Parser;

use crate::chart::values::options::Options;
use crate::data::Str;
use crate::error::{Error, Kind, Result};
use crate::manifest::{Keep, Manifests, Selection, print};
use crate::notice::Notices;
use crate::pipeline::{self, Render};
use crate::registry::Wanted;
use crate::repository::disk::io_error;
use crate::source;
use crate::source::dependencies::Network;
use crate::template::budget::Limits;

use super::access::Access;
use super::flags::Accepted;

/// Render a chart's templates and print the manifests, as `helm template` does
#[derive(Debug, Default, Parser)]
#[command(
    override_usage = "tiphys template [NAME] CHART [flags]",
    after_help = "NAME is the release's name, release-name if it is not given. CHART is a chart's directory or .tgz \
                  archive, oci://HOST/PATH, https://HOST/FILE.tgz, NAME/CHART of a configured repository, or a \
                  chart's name with --repo. Dependencies that are not in its charts/ directory are fetched.\n\nExample:\n  tiphys template my-api examples/my-api -f examples/my-api/values/production.yaml"
)]
pub struct Args {
    /// The release's name, if any, and the chart
    #[arg(hide = true)]
    args: Vec<String>,

    /// Values from a YAML file, - for standard input; may be given again, later files win
    #[arg(short = 'f', long, value_name = "FILE", value_delimiter = ',', allow_hyphen_values = true)]
    values: Vec<String>,
    /// Values over those of files: key1=val1,key2=val2
    #[arg(long, value_name = "SET", allow_hyphen_values = true)]
    set: Vec<String>,
    /// The same, every value a string
    #[arg(long, value_name = "SET", allow_hyphen_values = true)]
    set_string: Vec<String>,
    /// The same, each value the text of a file: key1=path1,key2=path2
    #[arg(long, value_name = "SET", allow_hyphen_values = true)]
    set_file: Vec<String>,
    /// Values in JSON: key1=json1,key2=json2, or one JSON object
    #[arg(long, value_name = "SET", allow_hyphen_values = true)]
    set_json: Vec<String>,
    /// One string as it is, commas and all: key=value
    #[arg(long, value_name = "SET", allow_hyphen_values = true)]
    set_literal: Vec<String>,

    /// The release's namespace; of the kubeconfig's context, or default, if not given
    #[arg(
        short,
        long,
        env = "HELM_NAMESPACE",
        hide_env_values = true,
        overrides_with = "namespace",
        allow_hyphen_values = true
    )]
    namespace: Option<String>,
    /// Use a generated name (release-name, as Helm does here)
    #[arg(short, long)]
    generate_name: bool,
    /// A template for the release's name
    #[arg(long, value_name = "TEMPLATE", overrides_with = "name_template", allow_hyphen_values = true)]
    name_template: Option<String>,
    /// Print the files of crds/ too
    #[arg(long)]
    include_crds: bool,
    /// Accepted; like Helm, --include-crds alone decides
    #[arg(long)]
    skip_crds: bool,
    /// Leave out test hooks
    #[arg(long)]
    skip_tests: bool,
    /// Leave out all hooks
    #[arg(long)]
    no_hooks: bool,
    /// Set .Release.IsUpgrade instead of .Release.IsInstall
    #[arg(long)]
    is_upgrade: bool,
    /// The cluster's version (.Capabilities.KubeVersion)
    #[arg(long, value_name = "VERSION", overrides_with = "kube_version", allow_hyphen_values = true)]
    kube_version: Option<String>,
    /// More API versions for .Capabilities.APIVersions
    #[arg(short, long, value_name = "VERSION", value_delimiter = ',', allow_hyphen_values = true)]
    api_versions: Vec<String>,
    /// Print only the documents of these templates (globs)
    #[arg(short, long, value_name = "PATH", allow_hyphen_values = true)]
    show_only: Vec<String>,
    /// Do not check values against values.schema.json
    #[arg(long)]
    skip_schema_validation: bool,
    /// Write files into this directory instead of printing
    #[arg(long, value_name = "DIR", overrides_with = "output_dir", allow_hyphen_values = true)]
    output_dir: Option<PathBuf>,
    /// Put the release's name into the path below --output-dir
    #[arg(long)]
    release_name: bool,
    /// A version of a chart that is fetched, or a range of them; the newest release if not given
    #[arg(long, value_name = "RANGE", overrides_with = "version", allow_hyphen_values = true)]
    version: Option<String>,
    /// The URL of the repository that the chart is fetched from
    #[arg(long, value_name = "URL", overrides_with = "repo")]
    repo: Option<String>,
    /// Prereleases too, where --version is not given
    #[arg(long)]
    devel: bool,
    #[command(flatten)]
    access: Access,
    #[command(flatten)]
    accepted: Accepted,
}

/// Renders and prints.
pub fn run(args: &Args) -> Result<()> {
    args.accepted.check()?;
    let mut notices = Notices::default();
    let result = super::progress::during("rendering", || render(args, &mut notices));
    super::print_notices(&notices);
    match result {
        Ok(output) => super::print(&output),
        // Helm says this below everything that went wrong while rendering.
        Err(mut error) if error.kind == Kind::Render => {
            error.message.push_str("\n\nUse --debug flag to render out invalid YAML");
            Err(error)
        }
        Err(error) => Err(error),
    }
}

/// Helm's order of checks, so that of several mistakes the same one is named.
fn render(args: &Args, notices: &mut Notices) -> Result<Vec<u8>> {
    let kube_version = args.kube_version.as_deref().filter(|version| !version.is_empty());
    let kube_version = kube_version.map(pipeline::kube_version).transpose()?;
    let (name, path) = args.name_and_chart()?;
    let options = args.value_options()?;
    let request = Render {
        name,
        namespace: args.namespace(),
        is_upgrade: args.is_upgrade,
        kube_version,
        api_versions: args.api_versions.clone(),
        skip_schema_validation: args.skip_schema_validation,
        remote_schema: Some(super::network::unreachable),
        caches: None,
        limits: Limits::default(),
        keep: Keep::Heads,
        last: true,
    };
    let selection =
        Selection { crds: args.include_crds, no_hooks: args.no_hooks, skip_tests: args.skip_tests };
    let (registry, named) = (args.access.registry(), args.named(path));
    pipeline::on_render_stack(move || {
        pipeline::make_room();
        let values = options.merge(&mut read_file)?;
        let chart = source::load_named(&named, &Network::patient(&registry), notices)?;
        let manifests = pipeline::render(chart, &values, &request, notices)?;
        let output = output(args, &request, &manifests, &selection);
        // The process ends here: the kernel frees faster.
        std::mem::forget((manifests, values));
        output
    })
}

fn output(args: &Args, request: &Render, manifests: &Manifests, selection: &Selection) -> Result<Vec<u8>> {
    if let Some(directory) = &args.output_dir {
        let below = if args.release_name { directory.join(&request.name) } else { directory.clone() };
        return super::output_dir::write(directory, &below, manifests, selection);
    }
    if args.show_only.is_empty() {
        return Ok(print::all(manifests, selection));
    }
    print::show_only(manifests, selection, &args.show_only)
}

impl Args {
    /// Reads the arguments behind `template` where they are the usual ones: clap would
    /// first make all flags there are, which takes longer than reading a small chart.
    /// None where anything else is among them; what is read is what clap reads.
    pub fn usual(given: &[OsString]) -> Option<Args> {
        let mut args = Args::default();
        let mut given = given.iter().map(|arg| arg.to_str());
        while let Some(arg) = given.next() {
            let arg = arg?;
            let mut value = || given.next()?.filter(|value| !value.starts_with('-')).map(str::to_owned);
            match arg {
                "-n" | "--namespace" => args.namespace = Some(value()?),
                "-f" | "--values" => args.values.extend(value()?.split(',').map(str::to_owned)),
                "--set" => args.set.push(value()?),
                "--set-string" => args.set_string.push(value()?),
                "--kube-version" => args.kube_version = Some(value()?),
                "-a" | "--api-versions" => args.api_versions.extend(value()?.split(',').map(str::to_owned)),
                "--include-crds" => args.include_crds = true,
                _ if arg.starts_with('-') => return None,
                _ => args.args.push(arg.to_owned()),
            }
        }
        if args.namespace.is_none() {
            args.namespace =
                std::env::var_os("HELM_NAMESPACE").map(OsString::into_string).transpose().ok()?;
        }
        Some(args)
    }

    /// The release's name and the chart's path out of one or two arguments.
    fn name_and_chart(&self) -> Result<(String, &str)> {
        match self.args.as_slice() {
            [] => Err(Error::usage(
                "\"tiphys template\" requires at least 1 argument\n\nUsage:  tiphys template [NAME] [CHART] [flags]",
            )),
            [chart] => match &self.name_template {
                Some(template) => Ok((pipeline::name_from_template(template)?, chart)),
                None => Ok(("release-name".to_owned(), chart)),
            },
            [_, _] if self.generate_name => {
                Err(Error::usage("cannot set --generate-name and also specify a name"))
            }
            [_, _] if self.name_template.is_some() => {
                Err(Error::usage("cannot set --name-template and also specify a name"))
            }
            [name, chart] => Ok((name.clone(), chart)),
            [_, _, more @ ..] => {
                let more = more.join(", ");
                Err(Error::usage(format!("expected at most two arguments, unexpected arguments: {more}")))
            }
        }
    }

    /// The chart that is rendered, wherever it is.
    fn named(&self, chart: &str) -> Wanted {
        let devel = self.devel.then(|| ">0.0.0-0".to_owned());
        Wanted {
            chart: chart.to_owned(),
            version: self.version.clone().or(devel).unwrap_or_default(),
            repository: self.repo.clone().unwrap_or_default(),
            named: true,
            provenance: false,
        }
    }

    fn namespace(&self) -> String {
        let given = self.namespace.clone().filter(|name| !name.is_empty());
        given.or_else(|| self.accepted.context_namespace()).unwrap_or_else(|| "default".to_owned())
    }

    fn value_options(&self) -> Result<Options> {
        let mut files = Vec::new();
        for name in self.values.iter().filter(|name| !name.is_empty()) {
            files.push((name.clone(), read_file(name.trim())?));
        }
        Ok(Options {
            files,
            set_json: self.set_json.clone(),
            set: self.set.clone(),
            set_string: self.set_string.clone(),
            set_file: self.set_file.clone(),
            set_literal: self.set_literal.clone(),
        })
    }
}

/// A file of the user's, or standard input for `-`.
fn read_file(name: &str) -> Result<Str> {
    if name.contains("://") {
        return Err(Error::usage(format!("{name}: values are read from files, not from URLs")));
    }
    let mut text = Vec::new();
    let read = if name == "-" {
        std::io::stdin().lock().read_to_end(&mut text)
    } else {
        std::fs::File::open(name).and_then(|mut file| file.read_to_end(&mut text))
    };
    match read {
        Ok(_) => Ok(text.into()),
        Err(e) => Err(io_error("open", name, &e)),
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, FromArgMatches};
    use proptest::prelude::*;

    use super::*;
    use crate::cli::flags;

    /// What clap reads.
    fn read(given: &[OsString]) -> Option<Args> {
        let command = Args::command().args(flags::accepted(None)).no_binary_name(true);
        let given = flags::without_switch_values(&command, given.to_vec()).ok()?;
        Args::from_arg_matches(&command.try_get_matches_from(given).ok()?).ok()
    }

    const WORDS: [&str; 32] = [
        "name",
        "chart",
        "",
        "a,b",
        ",",
        "a=b",
        "-",
        "--",
        "-x",
        "-n",
        "-nx",
        "-n=x",
        "--namespace",
        "--namespace=x",
        "-f",
        "--values",
        "--set",
        "--set=a",
        "--set-string",
        "--kube-version",
        "-a",
        "--api-versions",
        "--include-crds",
        "--include-crds=false",
        "--skip-crds",
        "-g",
        "--debug",
        "-s",
        "--timeout",
        "--validate",
        "--version",
        "-ga",
    ];

    proptest! {
        #[test]
        fn the_usual_arguments_mean_what_clap_says(words in prop::collection::vec(prop::sample::select(&WORDS[..]), 0..6)) {
            let given: Vec<OsString> = words.iter().map(OsString::from).collect();
            if let Some(usual) = Args::usual(&given) {
                prop_assert_eq!(format!("{:?}", Some(usual)), format!("{:?}", read(&given)), "{:?}", words);
            }
        }
    }

    #[test]
    fn the_usual_arguments_are_read_at_once() {
        let given = ["r", "c", "-n", "x", "-f", "a,b", "--include-crds", "--set", "a=b"].map(OsString::from);
        let usual = Args::usual(&given).unwrap();
        assert_eq!((usual.args, usual.values), (vec!["r".into(), "c".into()], vec!["a".into(), "b".into()]));
        assert!(Args::usual(&["c".into(), "--skip-crds".into()]).is_none());
    }

    /// As Go's flags do.
    #[test]
    fn a_flag_takes_whatever_follows_it() {
        let given = ["c", "-n", "-f", "--kube-version", "--debug"].map(OsString::from);
        assert!(Args::usual(&given).is_none());
        let args = read(&given).unwrap();
        assert_eq!((args.namespace.as_deref(), args.kube_version.as_deref()), (Some("-f"), Some("--debug")));
    }
}
