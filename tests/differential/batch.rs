//! Many small templates in one chart: each in a define of its own, its text shown
//! quoted, a line each, so that one run of Helm answers for all of them. Where one
//! fails, the failures are compared, it is left out, and the rest run again.

use std::path::Path;

use tempfile::TempDir;

use crate::common::directory;
use crate::differential::run::{Answer, Program};

const CHART: &str = "apiVersion: v2\nname: c\nversion: 0.1.0\n";

/// Compares Helm and ours on these templates, each a body that may fail.
///
/// Returns what differs, a line of words for each.
pub fn compare(helm: &Program, values: &str, bodies: &[String]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut left: Vec<&String> = bodies.iter().collect();
    while !left.is_empty() {
        let chart = chart(values, &left);
        let (want, got) = once(helm, chart.path(), &["rel", "."]);
        if want.refused || got.refused {
            if want.refused != got.refused || want.stderr != got.stderr {
                let failing = [&want, &got].map(|answer| culprit(answer, left.len()));
                let named: Vec<&String> =
                    failing.iter().flatten().filter_map(|at| left.get(*at)).copied().collect();
                if named.iter().any(|body| !agree_alone(helm, values, body)) || named.is_empty() {
                    wrong.push(format!("{named:?}\n{}", want.difference(&got)));
                }
            }
            match culprit(&want, left.len()).or_else(|| culprit(&got, left.len())) {
                Some(at) => drop(left.remove(at)),
                None => break,
            }
            continue;
        }
        let (want, got) = (answers(&want), answers(&got));
        for (at, body) in left.iter().enumerate() {
            if want.get(at) != got.get(at) && !agree_alone(helm, values, body) {
                wrong.push(format!("{body}\n  - {:?}\n  + {:?}", want.get(at), got.get(at)));
            }
        }
        break;
    }
    wrong
}

/// How often Helm is asked again. Where Go walks a map in its random order, an
/// answer of Helm's is one of several: ours has to be one of them.
const AGAIN: usize = 24;

/// The same command with Helm and with ours; Helm's answer is the one of ours if
/// Helm ever gives that.
pub fn both(helm: &Program, directory: &Path, args: &[&str]) -> (Answer, Answer) {
    let (first, ours) = once(helm, directory, args);
    let mut again = (0..AGAIN).map(|_| helm.template(directory, args));
    if first != ours && again.any(|answer| answer == ours) {
        return (ours.clone(), ours);
    }
    (first, ours)
}

/// Whether Helm ever answers as ours does to a chart of this template alone.
fn agree_alone(helm: &Program, values: &str, body: &String) -> bool {
    let chart = chart(values, &[body]);
    let (want, got) = both(helm, chart.path(), &["rel", "."]);
    want == got
}

fn once(helm: &Program, directory: &Path, args: &[&str]) -> (Answer, Answer) {
    std::thread::scope(|scope| {
        let helm = scope.spawn(|| helm.template(directory, args));
        let ours = Program::tiphys().template(directory, args);
        (helm.join().unwrap(), ours)
    })
}

fn chart(values: &str, bodies: &[&String]) -> TempDir {
    let (mut defines, mut lines) = (String::new(), String::new());
    for (at, body) in bodies.iter().enumerate() {
        defines.push_str(&format!("{{{{ define \"e{at}\" }}}}{body}{{{{ end }}}}\n"));
        lines.push_str(&format!("# {{{{ include \"e{at}\" . | quote }}}}\n"));
    }
    directory(&[
        ("Chart.yaml", CHART),
        ("values.yaml", values),
        ("templates/_e.tpl", &defines),
        ("templates/t.yaml", &lines),
    ])
}

fn answers(answer: &Answer) -> Vec<&str> {
    answer.stdout.lines().filter(|line| line.starts_with("# \"")).collect()
}

/// Which of the templates an error speaks of.
fn culprit(answer: &Answer, count: usize) -> Option<usize> {
    let by_name = answer.stderr.split("\"e").skip(1).find_map(|rest| rest.split('"').next()?.parse().ok());
    let by_line = || {
        let rest = answer.stderr.split("t.yaml:").nth(1)?;
        rest.split(|c: char| !c.is_ascii_digit()).next()?.parse::<usize>().ok()?.checked_sub(1)
    };
    by_name.or_else(by_line).filter(|at| *at < count)
}
