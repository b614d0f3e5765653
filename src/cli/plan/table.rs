//! The plan as a table: a line a step, each phase apart, the warnings below.

use std::io::IsTerminal;

use crate::hooks::{DeletePolicy, Idle, Phase, Step};
use crate::pipeline::plan::{Planned, Warning};

use super::text::{clean, count, name, shortened, subject, tail, width as columns, wrapped};

/// The least that a shortened column keeps.
const LEAST: usize = 10;
/// Between two columns.
const GAP: usize = 2;

/// What stands above the columns.
const TITLES: [&str; 6] = ["PHASE", "WAVE", "KIND", "NAME", "DELETE POLICY", "FROM"];

/// The columns of the terminal; none where the output is no terminal.
pub fn width() -> Option<usize> {
    let is_terminal = std::io::stdout().is_terminal();
    is_terminal.then(terminal_size::terminal_size)?.map(|(width, _)| usize::from(width.0))
}

/// The table, in at most `most` columns where that can be.
pub fn write(planned: &Planned, most: Option<usize>) -> String {
    let (release, about) = subject(planned);
    let steps = &planned.plan.steps;
    let mut out = format!("{release}: {}, {about}\n", count(steps.len(), "step"));
    let mut rows = rows(steps, DeletePolicy::name);
    if whole(&widths(&rows)) > most.unwrap_or(usize::MAX) {
        rows = self::rows(steps, brief);
    }
    let widths = fit(widths(&rows), most);
    if !steps.is_empty() {
        out.push('\n');
        line(&mut out, &TITLES.map(str::to_owned), &widths);
    }
    let mut previous: Option<&Step> = None;
    for (step, row) in steps.iter().zip(&rows) {
        if previous.is_some_and(|previous| previous.phase != step.phase) {
            out.push('\n');
        }
        if let Some(note) =
            when(step.phase).filter(|_| previous.is_none_or(|other| other.phase != step.phase))
        {
            out.push_str(note);
            out.push('\n');
        }
        previous = Some(step);
        line(&mut out, row, &widths);
    }
    if steps.iter().any(|step| step.moved) {
        out.push_str("\n^ moved ahead of its own place, since something there needs it\n");
    }
    idle(&mut out, &planned.plan.idle);
    warnings(&mut out, &planned.warnings, most.unwrap_or(100));
    out
}

/// What a phase that is no part of an ordinary sync waits for.
fn when(phase: Phase) -> Option<&'static str> {
    match phase {
        Phase::PreSync | Phase::Sync | Phase::PostSync => None,
        Phase::SyncFail => Some("When a sync fails:"),
        Phase::PreDelete => Some("When the application is deleted, before its objects:"),
        Phase::PostDelete => Some("When the application is deleted, after its objects:"),
    }
}

/// The cells. A phase and a wave are named where they begin.
fn rows(steps: &[Step], policy: fn(DeletePolicy) -> &'static str) -> Vec<[String; 6]> {
    let mut rows = Vec::with_capacity(steps.len());
    let mut previous: Option<&Step> = None;
    for step in steps {
        let same_phase = previous.is_some_and(|other| other.phase == step.phase);
        let same_wave = same_phase && previous.is_some_and(|other| other.wave == step.wave);
        let wave = step.wave.map_or("-".to_owned(), |wave| wave.to_string());
        rows.push([
            if same_phase { String::new() } else { step.phase.name().to_owned() },
            if same_wave { String::new() } else { wave },
            clean(&step.kind) + if step.moved { " ^" } else { "" },
            name(step),
            deletion(step, policy),
            clean(&step.source),
        ]);
        previous = Some(step);
    }
    rows
}

/// When a step's object is deleted, beside the usual.
fn deletion(step: &Step, policy: fn(DeletePolicy) -> &'static str) -> String {
    let policies = step.policies.iter().map(|one| policy(*one).to_owned());
    let all: Vec<String> = policies.chain(step.kept.iter().map(|option| clean(option))).collect();
    if all.is_empty() { "-".to_owned() } else { all.join(",") }
}

/// A policy where there is little room.
fn brief(policy: DeletePolicy) -> &'static str {
    match policy {
        DeletePolicy::BeforeHookCreation => "Before",
        DeletePolicy::HookSucceeded => "Succeeded",
        DeletePolicy::HookFailed => "Failed",
    }
}

/// How wide each column would be.
fn widths(rows: &[[String; 6]]) -> [usize; 6] {
    let mut widths = TITLES.map(columns);
    for row in rows {
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = columns(cell).max(*widest);
        }
    }
    widths
}

fn whole(widths: &[usize; 6]) -> usize {
    widths.iter().sum::<usize>() + GAP * (widths.len() - 1)
}

/// The widths within so many columns: the widest of those with texts gives way, a
/// column at a time.
fn fit(mut widths: [usize; 6], most: Option<usize>) -> [usize; 6] {
    for _ in most.unwrap_or(usize::MAX)..whole(&widths) {
        let [_, _, texts @ ..] = &mut widths;
        match texts.iter_mut().max().filter(|width| **width > LEAST) {
            Some(widest) => *widest -= 1,
            None => break,
        }
    }
    widths
}

fn line(out: &mut String, row: &[String; 6], widths: &[usize; 6]) {
    let mut text = String::new();
    for (at, (cell, width)) in row.iter().zip(widths).enumerate() {
        // Of a path the end says more.
        let cell = if at == 5 { tail(cell, *width) } else { shortened(cell, *width) };
        let blanks = " ".repeat(width.saturating_sub(columns(&cell)));
        let is_number = at == 1;
        let (before, after) = if is_number { (blanks.as_str(), "") } else { ("", blanks.as_str()) };
        text.push_str(&format!("{before}{cell}{after}{}", " ".repeat(GAP)));
    }
    out.push_str(text.trim_end());
    out.push('\n');
}

/// What is in the chart and does not take part.
fn idle(out: &mut String, idle: &[Idle]) {
    // What never runs is among the warnings.
    let idle: Vec<&Idle> = idle.iter().filter(|idle| !idle.never_runs()).collect();
    if !idle.is_empty() {
        out.push_str("\nNot applied:\n");
    }
    for Idle { kind, name, source, hook, why } in idle {
        let (kind, name, source, hook) = (clean(kind), clean(name), clean(source), clean(hook));
        let why = match why {
            Some(_) => "hook-events leaves it out",
            None => "Argo CD skips it",
        };
        out.push_str(&format!("  {kind}/{name} ({hook}): {why}, {source}\n"));
    }
}

fn warnings(out: &mut String, warnings: &[Warning], most: usize) {
    if warnings.is_empty() {
        return;
    }
    out.push_str(&format!("\n{}:\n", count(warnings.len(), "warning")));
    for Warning { file, line, message, .. } in warnings {
        out.push_str(&format!("  {}:{line}\n", clean(file)));
        for part in wrapped(&clean(message), most.saturating_sub(4).max(40)) {
            out.push_str(&format!("    {part}\n"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_columns_give_way() {
        assert_eq!(fit([9, 4, 20, 60, 33, 40], None), [9, 4, 20, 60, 33, 40]);
        assert_eq!(fit([9, 4, 20, 60, 33, 40], Some(120)), [9, 4, 20, 26, 26, 25]);
        assert_eq!(fit([9, 4, 20, 60, 33, 40], Some(30)), [9, 4, 10, 10, 10, 10]);
    }
}
