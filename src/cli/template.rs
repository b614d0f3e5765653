//! `tiphys template`: helm template's twin, same flags, same bytes.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Parser;

use crate::chart::values::options::Options;
use crate::data::Str;
use crate::data::quote::quote;
use crate::data::url::Url;
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
use super::flags::boolean;
use super::kubeconfig;

mod flags;
mod read;
mod value;

pub use read::{Asked, Remarks, read};

// What clap makes of this is the help alone; the flags are read by `read`.
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
    #[arg(short = 'f', long, value_name = "FILE")]
    values: Vec<String>,
    /// Values over those of files: key1=val1,key2=val2
    #[arg(long, value_name = "SET")]
    set: Vec<String>,
    /// The same, every value a string
    #[arg(long, value_name = "SET")]
    set_string: Vec<String>,
    /// The same, each value the text of a file: key1=path1,key2=path2
    #[arg(long, value_name = "SET")]
    set_file: Vec<String>,
    /// Values in JSON: key1=json1,key2=json2, or one JSON object
    #[arg(long, value_name = "SET")]
    set_json: Vec<String>,
    /// One string as it is, commas and all: key=value
    #[arg(long, value_name = "SET")]
    set_literal: Vec<String>,

    /// The release's namespace; of the kubeconfig's context, or default, if not given
    #[arg(short, long, env = "HELM_NAMESPACE", hide_env_values = true)]
    namespace: Option<String>,
    /// Use a generated name (release-name, as Helm does here)
    #[arg(short, long)]
    generate_name: bool,
    /// A template for the release's name
    #[arg(long, value_name = "TEMPLATE")]
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
    #[arg(long, value_name = "VERSION")]
    kube_version: Option<String>,
    /// More API versions for .Capabilities.APIVersions
    #[arg(short, long, value_name = "VERSION")]
    api_versions: Vec<String>,
    /// Print only the documents of these templates (globs)
    #[arg(short, long, value_name = "PATH")]
    show_only: Vec<String>,
    /// Do not check values against values.schema.json
    #[arg(long)]
    skip_schema_validation: bool,
    /// Write files into this directory instead of printing
    #[arg(long, value_name = "DIR")]
    output_dir: Option<PathBuf>,
    /// Put the release's name into the path below --output-dir
    #[arg(long)]
    release_name: bool,
    /// A version of a chart that is fetched, or a range of them; the newest release if not given
    #[arg(long, value_name = "RANGE")]
    version: Option<String>,
    /// The URL of the repository that the chart is fetched from
    #[arg(long, value_name = "URL")]
    repo: Option<String>,
    /// Prereleases too, where --version is not given
    #[arg(long)]
    devel: bool,
    #[command(flatten)]
    access: Access,
    #[arg(skip)]
    accepted: Accepted,
}

/// Helm's flags that change nothing here, or ask for what is not done.
#[derive(Debug, Default)]
struct Accepted {
    debug: bool,
    dry_run: Option<String>,
    validate: bool,
    verify: bool,
    post_renderers: Vec<String>,
    /// Whether a label has a name that Helm keeps for itself.
    reserved_label: bool,
    kubeconfig: Option<String>,
    kube_context: Option<String>,
}

impl Accepted {
    /// Whether what the flags ask for can be done.
    fn check(&self, notices: &mut Notices) -> Result<()> {
        self.check_dry_run(notices)?;
        let refused = [
            (
                self.post_renderers.iter().any(|name| !name.is_empty()),
                "--post-renderer: no plugin is ever run",
            ),
            (self.validate, "--validate: a render has no cluster"),
            (self.verify, "--verify: signatures are not verified"),
        ];
        match refused.into_iter().find(|(given, _)| *given) {
            Some((_, why)) => Err(Error::usage(why)),
            None => Ok(()),
        }
    }

    /// What was rendered; Helm looks at the labels once it has the values.
    fn unless_reserved<T>(&self, rendered: Result<T>) -> Result<T> {
        let looked = rendered.as_ref().err().is_none_or(|error| error.kind == Kind::Render);
        match looked && self.reserved_label {
            true => Err(Error::usage(format!(
                "user supplied labels contains system reserved label name. System labels: [{}]",
                read::RESERVED.join(" ")
            ))),
            false => rendered,
        }
    }

    fn check_dry_run(&self, notices: &mut Notices) -> Result<()> {
        let wrong = |given: &str, known: &str| {
            Err(Error::usage(format!("invalid dry-run value ({}). Must be {known}", quote(given.as_bytes()))))
        };
        match self.dry_run.as_deref() {
            None | Some("client") => {}
            Some("unset") => {
                notices.warn("--dry-run is deprecated and should be replaced with '--dry-run=client'");
            }
            Some("server") => return Err(Error::usage("--dry-run=server: a render has no cluster")),
            Some(given) => match boolean(given) {
                Ok(true) => notices.warn(format!(
                    "boolean '--dry-run={given}' flag is deprecated and must be replaced with '--dry-run=client'"
                )),
                Err(_) if given != "none" => return wrong(given, "\"none\", \"server\", or \"client\""),
                _ => return wrong(given, "\"server\" or \"client\""),
            },
        }
        Ok(())
    }
}

/// Renders and prints.
pub fn run(args: &Args) -> Result<()> {
    let mut notices = Notices::default();
    let result = super::progress::during("rendering", || render(args, &mut notices));
    super::print_notices(&notices);
    match result {
        Ok(output) => super::print(&output),
        // Helm says this below everything that went wrong while rendering.
        Err(mut error) if error.kind == Kind::Render && !args.accepted.debug => {
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
    args.access.check_files()?;
    args.accepted.check(notices)?;
    let (name, path) = args.name_and_chart()?;
    let options = args.value_options();
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
        let network = Network::patient(&registry);
        let values = match options.and_then(|options| options.merge(&mut read_file)) {
            Ok(values) => values,
            Err(error) => {
                // Helm has looked for the chart by then.
                if !Path::new(&named.chart).exists() {
                    source::load_named(&named, &network, notices)?;
                }
                return Err(error);
            }
        };
        let chart = source::load_named(&named, &network, notices)?;
        let rendered = pipeline::render(chart, &values, &request, notices);
        let manifests = args.accepted.unless_reserved(rendered)?;
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
    /// Reads the arguments behind `template` where they are the usual ones, written as
    /// usual: in one go, without the table of all flags. None where anything else is
    /// among them; what is read is what [`read`] reads.
    pub fn usual(given: &[OsString]) -> Option<Args> {
        let mut args = Args::default();
        let mut given = given.iter().map(|arg| arg.to_str());
        while let Some(arg) = given.next() {
            let arg = arg?;
            let mut value = || given.next()?.filter(|value| !value.starts_with('-'));
            match arg {
                "-n" | "--namespace" => args.namespace = Some(value()?.to_owned()),
                "-f" | "--values" => args.values.extend(plain_list(value()?)?),
                "--set" => args.set.push(value()?.to_owned()),
                "--set-string" => args.set_string.push(value()?.to_owned()),
                "--kube-version" => args.kube_version = Some(value()?.to_owned()),
                "-a" | "--api-versions" => args.api_versions.extend(plain_list(value()?)?),
                "--include-crds" => args.include_crds = true,
                _ if arg.starts_with('-') => return None,
                _ => args.args.push(arg.to_owned()),
            }
        }
        if args.namespace.is_none() {
            args.namespace =
                std::env::var_os("HELM_NAMESPACE").map(OsString::into_string).transpose().ok()?;
        }
        (!args.args.is_empty()).then_some(args)
    }

    /// The release's name and the chart's path out of one or two arguments.
    fn name_and_chart(&self) -> Result<(String, &str)> {
        match self.args.as_slice() {
            [] => Err(without_chart()),
            [chart] => match &self.name_template {
                Some(template) if !template.is_empty() => {
                    Ok((pipeline::name_from_template(template)?, chart))
                }
                _ => Ok(("release-name".to_owned(), chart)),
            },
            [_, _] if self.generate_name => {
                Err(Error::usage("cannot set --generate-name and also specify a name"))
            }
            [_, _] if self.name_template.as_ref().is_some_and(|template| !template.is_empty()) => {
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
            chart: chart.trim().to_owned(),
            version: self.version.clone().filter(|range| !range.is_empty()).or(devel).unwrap_or_default(),
            repository: self.repo.clone().unwrap_or_default(),
            named: true,
            provenance: false,
        }
    }

    fn namespace(&self) -> String {
        let given = self.namespace.clone().filter(|name| !name.is_empty());
        let (file, context) = (self.accepted.kubeconfig.as_deref(), self.accepted.kube_context.as_deref());
        given.or_else(|| kubeconfig::namespace(file, context)).unwrap_or_else(|| "default".to_owned())
    }

    fn value_options(&self) -> Result<Options> {
        let mut files = Vec::new();
        for name in &self.values {
            files.push((name.clone(), read_file(name)?));
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

fn without_chart() -> Error {
    super::requires("template", 1, "[NAME] [CHART] [flags]")
}

/// The items of a list in a line of CSV that has no quotes and no further lines.
fn plain_list(line: &str) -> Option<impl Iterator<Item = String>> {
    let is_plain = !line.is_empty() && !line.contains(['"', '\r', '\n']);
    is_plain.then(|| line.split(',').map(str::to_owned))
}

/// A file of the user's, or standard input for `-`.
fn read_file(name: &str) -> Result<Str> {
    if name.contains(|c: char| matches!(c, ':' | '%') || c.is_control()) {
        let url = Url::parse(name.as_bytes()).map_err(Error::usage)?;
        if matches!(url.scheme.as_slice(), b"http" | b"https" | b"oci") {
            return Err(Error::usage(format!("{name}: values are read from files, not from URLs")));
        }
    }
    let mut text = Vec::new();
    if name.trim() == "-" {
        let read = std::io::stdin().lock().read_to_end(&mut text);
        return read.map(|_| text.into()).map_err(|e| io_error("read", "/dev/stdin", &e));
    }
    let mut file = File::open(name).map_err(|e| io_error("open", name, &e))?;
    file.read_to_end(&mut text).map_err(|e| io_error("read", name, &e))?;
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use proptest::prelude::*;

    use super::flags::{FLAGS, To};
    use super::*;

    fn read(given: &[OsString]) -> Option<Args> {
        match super::read(given, &mut Remarks::default()) {
            Ok(Asked::Render(args)) => Some(*args),
            _ => None,
        }
    }

    const WORDS: [&str; 34] = [
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
        "a,\"b\"",
        "a\n",
    ];

    proptest! {
        #[test]
        fn the_usual_arguments_mean_what_the_table_says(words in prop::collection::vec(prop::sample::select(&WORDS[..]), 0..6)) {
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

    /// The help knows no flag that is not read, and says of each what it takes.
    #[test]
    fn the_help_shows_flags_of_the_table() {
        for arg in Args::command().get_arguments().filter(|arg| !arg.is_positional()) {
            let name = arg.get_long().unwrap();
            let flag = FLAGS.iter().find(|flag| flag.name == name).expect(name);
            assert_eq!(flag.short.map(char::from), arg.get_short(), "{name}");
            let is_switch = matches!(flag.to, To::Switch(_));
            assert_eq!(is_switch, !arg.get_action().takes_values(), "{name}");
        }
    }
}
