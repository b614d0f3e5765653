//! The flags of parameters, made from the one table of them.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use crate::error::Result;
use crate::parameters::{Parameter, Settings, TABLE, Type};

/// What the flags say.
#[derive(Debug, Clone, Default)]
pub struct ParameterFlags(Vec<(&'static Parameter, String)>);

impl ParameterFlags {
    /// What the flags set.
    ///
    /// # Errors
    /// A text that does not say what its parameter holds.
    pub fn settings(&self) -> Result<Settings> {
        let mut settings = Settings::default();
        for (parameter, text) in &self.0 {
            settings.add(parameter, &format!("--{} {text}", parameter.flag), text)?;
        }
        Ok(settings)
    }
}

impl Args for ParameterFlags {
    fn augment_args(command: Command) -> Command {
        command.args(TABLE.iter().map(|parameter| {
            let arg = Arg::new(parameter.flag).long(parameter.flag).help(capitalized(parameter.help));
            let arg = match parameter.short {
                Some(letter) => arg.short(letter),
                None => arg,
            };
            match parameter.ty {
                Type::Switch => arg
                    .num_args(0..=1)
                    .require_equals(true)
                    .default_missing_value("true")
                    .hide_possible_values(true)
                    .value_name("BOOL")
                    .action(ArgAction::Append),
                _ => arg
                    .value_name(parameter.value_name)
                    .allow_hyphen_values(parameter.ty == Type::Map)
                    .action(ArgAction::Append),
            }
        }))
    }

    fn augment_args_for_update(command: Command) -> Command {
        ParameterFlags::augment_args(command)
    }
}

impl FromArgMatches for ParameterFlags {
    fn from_arg_matches(matches: &ArgMatches) -> std::result::Result<ParameterFlags, clap::Error> {
        let mut flags = ParameterFlags::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> std::result::Result<(), clap::Error> {
        for parameter in TABLE {
            let texts = matches.get_many::<String>(parameter.flag).into_iter().flatten();
            self.0.extend(texts.map(|text| (parameter, text.clone())));
        }
        Ok(())
    }
}

fn capitalized(help: &str) -> String {
    let mut letters = help.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}
