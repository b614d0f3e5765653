//! The one table of `helm template`'s flags: their names, what they take, and what
//! becomes of it. Those that a render does not look at are checked as Helm checks
//! them and forgotten.

use std::path::PathBuf;

use super::Args;
use super::value::{self, Check};

/// A flag.
pub struct Flag {
    pub name: &'static str,
    pub short: Option<u8>,
    /// Whether it is one of all commands: Helm reads those twice.
    pub global: bool,
    /// The value of the flag without one; None where it takes what follows.
    pub alone: Option<&'static str>,
    /// What to use instead.
    pub deprecated: Option<&'static str>,
    pub to: To,
}

/// Where a flag's value goes.
#[derive(Clone, Copy)]
pub enum To {
    /// The last one counts.
    Switch(fn(&mut Args) -> &mut bool),
    Text(fn(&mut Args) -> &mut Option<String>),
    /// An empty one is none.
    Path(fn(&mut Args) -> &mut Option<PathBuf>),
    /// Each as it is.
    Each(fn(&mut Args) -> &mut Vec<String>),
    /// Each in a line of CSV.
    List(fn(&mut Args) -> &mut Vec<String>),
    /// Nowhere.
    Checked(fn(&str) -> Check),
    Labels,
    Wait,
    Color,
    Help,
}

impl Flag {
    const fn new(name: &'static str, to: To) -> Flag {
        Flag { name, short: None, global: false, alone: None, deprecated: None, to }
    }

    const fn switch(name: &'static str, to: fn(&mut Args) -> &mut bool) -> Flag {
        Flag::new(name, To::Switch(to)).alone("true")
    }

    const fn text(name: &'static str, to: fn(&mut Args) -> &mut Option<String>) -> Flag {
        Flag::new(name, To::Text(to))
    }

    const fn path(name: &'static str, to: fn(&mut Args) -> &mut Option<PathBuf>) -> Flag {
        Flag::new(name, To::Path(to))
    }

    const fn each(name: &'static str, to: fn(&mut Args) -> &mut Vec<String>) -> Flag {
        Flag::new(name, To::Each(to))
    }

    const fn list(name: &'static str, to: fn(&mut Args) -> &mut Vec<String>) -> Flag {
        Flag::new(name, To::List(to))
    }

    const fn checked(name: &'static str, check: fn(&str) -> Check) -> Flag {
        Flag::new(name, To::Checked(check))
    }

    /// A switch that a render does not look at.
    const fn unused(name: &'static str) -> Flag {
        Flag::checked(name, value::switch).alone("true")
    }

    /// A switch of klog's.
    const fn log(name: &'static str) -> Flag {
        Flag::checked(name, value::log_switch).alone("true").global()
    }

    const fn short(mut self, letter: u8) -> Flag {
        self.short = Some(letter);
        self
    }

    const fn global(mut self) -> Flag {
        self.global = true;
        self
    }

    const fn alone(mut self, value: &'static str) -> Flag {
        self.alone = Some(value);
        self
    }

    const fn deprecated(mut self, instead: &'static str) -> Flag {
        self.deprecated = Some(instead);
        self
    }
}

const WITHOUT_EFFECT: &str = "this flag has no effect for 'helm template' and will be removed in Helm 5";

/// All of them, in Helm's order: the command's, then those of all commands.
pub static FLAGS: &[Flag] = &[
    Flag::list("api-versions", |args| &mut args.api_versions).short(b'a'),
    Flag::unused("atomic").deprecated("use --rollback-on-failure instead"),
    Flag::path("ca-file", |args| &mut args.access.ca_file),
    Flag::path("cert-file", |args| &mut args.access.cert_file),
    Flag::unused("create-namespace"),
    Flag::unused("dependency-update"),
    Flag::checked("description", value::any),
    Flag::switch("devel", |args| &mut args.devel),
    Flag::unused("disable-openapi-validation"),
    Flag::text("dry-run", |args| &mut args.accepted.dry_run).alone("unset"),
    Flag::unused("enable-dns"),
    Flag::unused("force").deprecated("use --force-replace instead"),
    Flag::unused("force-conflicts"),
    Flag::unused("force-replace"),
    Flag::switch("generate-name", |args| &mut args.generate_name).short(b'g'),
    Flag::new("help", To::Help).alone("true").short(b'h'),
    Flag::unused("hide-notes").deprecated(WITHOUT_EFFECT),
    Flag::switch("include-crds", |args| &mut args.include_crds),
    Flag::switch("insecure-skip-tls-verify", |args| &mut args.access.insecure_skip_tls_verify),
    Flag::switch("is-upgrade", |args| &mut args.is_upgrade),
    Flag::path("key-file", |args| &mut args.access.key_file),
    Flag::checked("keyring", value::any),
    Flag::text("kube-version", |args| &mut args.kube_version),
    Flag::new("labels", To::Labels).short(b'l'),
    Flag::text("name-template", |args| &mut args.name_template),
    Flag::switch("no-hooks", |args| &mut args.no_hooks),
    Flag::path("output-dir", |args| &mut args.output_dir),
    Flag::switch("pass-credentials", |args| &mut args.access.pass_credentials),
    Flag::text("password", |args| &mut args.access.password),
    Flag::switch("plain-http", |args| &mut args.access.plain_http),
    Flag::each("post-renderer", |args| &mut args.accepted.post_renderers),
    Flag::checked("post-renderer-args", value::any),
    Flag::switch("release-name", |args| &mut args.release_name),
    Flag::unused("render-subchart-notes").deprecated(WITHOUT_EFFECT),
    Flag::unused("replace"),
    Flag::text("repo", |args| &mut args.repo),
    Flag::unused("rollback-on-failure"),
    Flag::unused("server-side"),
    Flag::each("set", |args| &mut args.set),
    Flag::each("set-file", |args| &mut args.set_file),
    Flag::each("set-json", |args| &mut args.set_json),
    Flag::each("set-literal", |args| &mut args.set_literal),
    Flag::each("set-string", |args| &mut args.set_string),
    Flag::each("show-only", |args| &mut args.show_only).short(b's'),
    Flag::switch("skip-crds", |args| &mut args.skip_crds),
    Flag::switch("skip-schema-validation", |args| &mut args.skip_schema_validation),
    Flag::switch("skip-tests", |args| &mut args.skip_tests),
    Flag::unused("take-ownership"),
    Flag::checked("timeout", value::duration),
    Flag::text("username", |args| &mut args.access.username),
    Flag::switch("validate", |args| &mut args.accepted.validate).deprecated("use '--dry-run=server' instead"),
    Flag::list("values", |args| &mut args.values).short(b'f'),
    Flag::switch("verify", |args| &mut args.accepted.verify),
    Flag::text("version", |args| &mut args.version),
    Flag::new("wait", To::Wait).alone("watcher"),
    Flag::unused("wait-for-jobs"),
    Flag::checked("burst-limit", value::int).global(),
    Flag::new("color", To::Color).global(),
    Flag::new("colour", To::Color).global(),
    Flag::checked("content-cache", value::any).global(),
    Flag::switch("debug", |args| &mut args.accepted.debug).global(),
    Flag::checked("kube-apiserver", value::any).global(),
    Flag::checked("kube-as-group", value::any).global(),
    Flag::checked("kube-as-user", value::any).global(),
    Flag::checked("kube-ca-file", value::any).global(),
    Flag::text("kube-context", |args| &mut args.accepted.kube_context).global(),
    Flag::unused("kube-insecure-skip-tls-verify").global(),
    Flag::checked("kube-tls-server-name", value::any).global(),
    Flag::checked("kube-token", value::any).global(),
    Flag::text("kubeconfig", |args| &mut args.accepted.kubeconfig).global(),
    Flag::text("namespace", |args| &mut args.namespace).short(b'n').global(),
    Flag::checked("qps", value::float32).global(),
    Flag::path("registry-config", |args| &mut args.access.registry_config).global(),
    Flag::checked("repository-cache", value::any).global(),
    Flag::path("repository-config", |args| &mut args.access.repository_config).global(),
    Flag::log("add-dir-header"),
    Flag::log("alsologtostderr"),
    Flag::checked("alsologtostderrthreshold", value::log_severity).global(),
    Flag::log("legacy-stderr-threshold-behavior"),
    Flag::checked("log-backtrace-at", value::log_place).global(),
    Flag::checked("log-dir", value::any).global(),
    Flag::checked("log-file", value::any).global(),
    Flag::checked("log-file-max-size", value::log_size).global(),
    Flag::log("logtostderr"),
    Flag::log("one-output"),
    Flag::log("skip-headers"),
    Flag::log("skip-log-headers"),
    Flag::checked("stderrthreshold", value::log_severity).global(),
    Flag::checked("v", value::log_level).short(b'v').global(),
    Flag::checked("vmodule", value::log_modules).global(),
];

/// Groups of flags of which one may be given, in the order of their names.
pub const CLASHES: [[&str; 2]; 3] =
    [["force", "force-conflicts"], ["force-replace", "force-conflicts"], ["validate", "dry-run"]];
