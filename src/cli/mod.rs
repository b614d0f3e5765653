//! The commands, one file each: flags in, one call of the library, output.
//! Manifests alone go to standard output, everything else to standard error.

mod access;
mod application;
mod dependency;
mod flags;
mod generate;
mod git;
mod kubeconfig;
mod log;
mod manifest;
mod network;
mod output_dir;
mod package;
mod parameters;
mod plan;
mod progress;
mod pull;
mod push;
mod registry;
mod serve;
mod template;
mod values;
mod wording;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::error::{Error, Kind, Result, printable};
use crate::notice::{Level, Notices};

/// Renders Helm charts for Argo CD: the same bytes as Helm, many times faster.
#[derive(Debug, Parser)]
#[command(
    name = "tiphys",
    version,
    max_term_width = 100,
    disable_help_subcommand = true,
    after_help = "`tiphys COMMAND --help` says more of each command, with an example."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Template(Box<template::Args>),
    Generate(generate::Args),
    Values(values::Args),
    Plan(plan::Args),
    Serve(serve::Args),
    Dependency(dependency::Args),
    Pull(pull::Args),
    Package(package::Args),
    Push(push::Args),
    Registry(registry::Args),
}

/// Runs the command that the process's arguments name; the exit code is 0, or 1
/// after an error.
pub fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    let cli = match parse(args) {
        Ok(cli) => cli,
        Err(refusal) => return refuse(&refusal),
    };
    let result = match cli.command {
        Command::Template(args) => template::run(&args),
        Command::Generate(args) => generate::run(&args),
        Command::Values(args) => values::run(&args),
        Command::Plan(args) => plan::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Dependency(args) => dependency::run(&args),
        Command::Pull(args) => pull::run(&args),
        Command::Package(args) => package::run(&args),
        Command::Push(args) => push::run(&args),
        Command::Registry(args) => registry::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

/// Why no command is run.
pub enum Refusal {
    /// Help was asked for, or clap has found a mistake.
    Clap(clap::Error),
    /// A mistake that we have found.
    Error(Error),
    /// The log has said it.
    Logged,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        Refusal::Error(error)
    }
}

fn refuse(refusal: &Refusal) -> ExitCode {
    let error = match refusal {
        Refusal::Clap(error) => error,
        Refusal::Error(error) => return fail(error),
        Refusal::Logged => return ExitCode::FAILURE,
    };
    let asked = !error.use_stderr()
        || error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    let _ = match asked {
        true => error.print(),
        false => writeln!(io::stderr(), "Error: {}", printable(&wording::of(error))),
    };
    if asked { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Reads the arguments: those of `template` as Helm does, which is also faster than
/// making clap's flags, the others as clap does.
fn parse(args: Vec<OsString>) -> std::result::Result<Cli, Refusal> {
    if let [_, command, given @ ..] = args.as_slice()
        && command == "template"
    {
        let args = template_args(given)?;
        return Ok(Cli { command: Command::Template(Box::new(args)) });
    }
    by_clap(flags::without_switch_values(&innermost(&args), args)?)
}

fn by_clap(args: Vec<OsString>) -> std::result::Result<Cli, Refusal> {
    let found = Cli::command().try_get_matches_from(args);
    found.and_then(|mut found| Cli::from_arg_matches_mut(&mut found)).map_err(Refusal::Clap)
}

/// Reads the arguments of `template`.
fn template_args(given: &[OsString]) -> std::result::Result<template::Args, Refusal> {
    if let Some(args) = template::Args::usual(given) {
        return Ok(args);
    }
    let mut remarks = template::Remarks::default();
    let asked = template::read(given, &mut remarks);
    print_notices(&remarks.notices);
    for line in &remarks.deprecated {
        let _ = writeln!(io::stderr(), "{line}");
    }
    match asked? {
        template::Asked::Render(args) => Ok(*args),
        template::Asked::Help => {
            let long = given.iter().any(|arg| arg == "--help");
            let help = ["tiphys", "template", if long { "--help" } else { "-h" }];
            Err(by_clap(help.map(OsString::from).to_vec()).err().unwrap_or(Refusal::Logged))
        }
    }
}

/// The command, or the command of a command, that the arguments name.
fn innermost(args: &[OsString]) -> clap::Command {
    let mut command = Cli::command();
    for arg in args.iter().skip(1) {
        let Some(inner) = arg.to_str().and_then(|name| command.find_subcommand(name)) else { break };
        command = inner.clone();
    }
    command
}

fn fail(error: &Error) -> ExitCode {
    let _ = writeln!(io::stderr(), "Error: {}", printable(&error.to_string()));
    ExitCode::FAILURE
}

/// Helm's words for a command that lacks arguments.
fn requires(command: &str, least: usize, usage: &str) -> Error {
    let many = if least == 1 { "argument" } else { "arguments" };
    Error::usage(format!(
        "\"tiphys {command}\" requires at least {least} {many}\n\nUsage:  tiphys {command} {usage}"
    ))
}

/// Writes a file that the user asked for, whole or not at all.
fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || {
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        let mut part = path.as_os_str().to_owned();
        part.push(format!(".{}.part", std::process::id()));
        let part = Path::new(&part);
        std::fs::write(part, bytes)
            .and_then(|()| std::fs::rename(part, path))
            .inspect_err(|_| drop(std::fs::remove_file(part)))
    };
    write().map_err(|e| Error::new(Kind::Io, format!("{} cannot be written: {e}", path.display())))
}

/// Writes the answer. A reader that has seen enough (`| head`) is no error.
fn print(output: &[u8]) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(output).and_then(|()| stdout.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::new(Kind::Io, format!("standard output cannot be written: {e}")))
        }
        _ => Ok(()),
    }
}

/// Prints remarks as Helm does: `level=WARN msg="…" key=value`.
fn print_notices(notices: &Notices) {
    let mut stderr = io::stderr().lock();
    for notice in &notices.0 {
        let level = match notice.level {
            Level::Info => "INFO",
            Level::Warn => "WARN",
            Level::Error => "ERROR",
        };
        let mut line = format!("level={level} msg={}", log::quoted(&notice.message));
        for (key, value) in &notice.fields {
            line.push_str(&format!(" {key}={}", log::quoted(value)));
        }
        line.push('\n');
        let _ = stderr.write_all(printable(&line).as_bytes());
    }
}
