//! The plan as a picture: phases and waves from left to right, what is applied in each
//! of them from top to bottom, the warnings below. One file without scripts, fonts or
//! links, on a ground of its own, so that it looks the same on light and on dark pages.

mod canvas;
mod layout;

use crate::hooks::{DeletePolicy, Idle, Phase, Step};
use crate::pipeline::plan::Planned;

use super::text::{clean, count, name, shortened, subject, wrapped};
use canvas::{CHAR, Canvas};
use layout::{BADGE, Band, Block, DOT, LINE, Line, Row, SECTION};

/// Around everything.
const MARGIN: u32 = 28;
/// So many warnings are written out.
const WARNINGS: usize = 12;

/// The plan's picture.
pub fn write(planned: &Planned) -> String {
    let sections = layout::sections(&planned.plan.steps, &|step| badges(planned, step).len());
    let rows = sections.iter().flat_map(|section| &section.rows);
    let width = rows.map(|row| row.width).max().unwrap_or(0).max(720) + 2 * MARGIN;
    let mut canvas = Canvas::new(width);
    header(&mut canvas, planned);
    let mut y = 92;
    for section in &sections {
        if !section.title.is_empty() {
            canvas.text(MARGIN, y + 14, "section", section.title);
            y += SECTION;
        }
        for row in &section.rows {
            row_of(&mut canvas, planned, row, y);
            y += row.height + 26;
        }
    }
    if sections.is_empty() {
        canvas.text(MARGIN, y + 14, "note", "Nothing is applied.");
        y += 34;
    }
    y = legend(&mut canvas, planned, y + 6);
    y = notes(&mut canvas, planned, y);
    canvas.finish(y + MARGIN - 10)
}

fn header(canvas: &mut Canvas, planned: &Planned) {
    let (release, about) = subject(planned);
    let steps = &planned.plan.steps;
    canvas.text(MARGIN, 46, "title", &shortened(&release, 60));
    canvas.text(MARGIN, 68, "note", &shortened(&format!("{}, {about}", count(steps.len(), "step")), 100));
}

/// The colours of a phase: of its head, and of its ground.
fn class(phase: Phase) -> &'static str {
    match phase {
        Phase::PreSync => "pre",
        Phase::Sync => "sync",
        Phase::PostSync => "post",
        Phase::SyncFail => "fail",
        Phase::PreDelete | Phase::PostDelete => "del",
    }
}

fn caption(phase: Phase) -> &'static str {
    match phase {
        Phase::PreSync => "hooks before the sync",
        Phase::Sync => "the application itself",
        Phase::PostSync => "hooks once all is healthy",
        Phase::SyncFail => "hooks after a failure",
        Phase::PreDelete => "hooks before its objects go",
        Phase::PostDelete => "hooks after they are gone",
    }
}

fn row_of(canvas: &mut Canvas, planned: &Planned, row: &Row<'_>, y: u32) {
    let mut x = MARGIN;
    for (at, band) in row.bands.iter().enumerate() {
        band_of(canvas, planned, band, (x, y));
        x += band.width;
        if at + 1 < row.bands.len() || row.goes_on {
            canvas.arrow(x + 5, y + 24, layout::BETWEEN_BANDS - 10, "arrow");
        }
        x += layout::BETWEEN_BANDS;
    }
}

fn band_of(canvas: &mut Canvas, planned: &Planned, band: &Band<'_>, (x, y): (u32, u32)) {
    let class = class(band.phase);
    canvas.rect((x, y), (band.width, band.height), 10, &format!("band {class}"));
    let continued = if band.continued { " (continued)" } else { "" };
    canvas.text(
        x + layout::PADDING,
        y + 23,
        &format!("phase {class}"),
        &format!("{}{continued}", band.phase.name()),
    );
    canvas.text(x + layout::PADDING, y + 40, "caption", caption(band.phase));
    let mut left = x + layout::PADDING;
    for (at, block) in band.blocks.iter().enumerate() {
        if at > 0 {
            canvas.arrow(
                left - layout::BETWEEN_BLOCKS + 4,
                y + layout::HEAD + 13,
                layout::BETWEEN_BLOCKS - 8,
                "step",
            );
        }
        block_of(canvas, planned, block, (left, y + layout::HEAD));
        left += block.width + layout::BETWEEN_BLOCKS;
    }
}

fn block_of(canvas: &mut Canvas, planned: &Planned, block: &Block<'_>, (x, y): (u32, u32)) {
    canvas.rect((x, y), (block.width, block.height), 7, "block");
    let title = match block.wave {
        Some(wave) => format!("wave {wave}"),
        None => "all at once".to_owned(),
    };
    canvas.text(x + layout::INSIDE, y + 18, "wave", &title);
    for (at, column) in (0..).zip(&block.columns) {
        let left = x + layout::INSIDE + at * (block.column_width + layout::BETWEEN_COLUMNS);
        let mut baseline = y + layout::WAVE + 12;
        for line in column {
            match line {
                Line::Kind(kind, n) => {
                    let title = match n {
                        Some(1) => clean(kind),
                        Some(n) => format!("{} × {n}", clean(kind)),
                        None => format!("{}, continued", clean(kind)),
                    };
                    let most = layout::characters(block.column_width);
                    canvas.text(left, baseline + 3, "kind", &shortened(&title, most));
                }
                Line::Step(step) => step_of(canvas, planned, step, (left, baseline), block.column_width),
            }
            baseline += LINE;
        }
    }
}

/// A step's name with its badges to the right.
fn step_of(canvas: &mut Canvas, planned: &Planned, step: &Step, (x, y): (u32, u32), width: u32) {
    let badges = badges(planned, step);
    let room = width.saturating_sub(DOT + BADGE * u32::try_from(badges.len()).unwrap_or(0));
    let whole = name(step);
    let tip = format!("{} {whole}: {}", clean(&step.kind), clean(&step.source));
    canvas.dot(x + 4, y - 4, if step.hook { "hook" } else { "object" });
    canvas.text_with_tip((x + DOT, y), "name", &shortened(&whole, layout::characters(room)), &tip);
    let mut right = x + width;
    for Badge { letter, class, .. } in badges.iter().rev() {
        right -= BADGE;
        canvas.badge(right + 3, y - 11, letter, class);
    }
}

/// A letter beside a name, and what it means.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Badge {
    letter: &'static str,
    class: &'static str,
    meaning: &'static str,
}

const BADGES: [Badge; 6] = [
    Badge { letter: "B", class: "policy", meaning: "deleted before it is created anew (BeforeHookCreation)" },
    Badge { letter: "S", class: "policy", meaning: "deleted once the sync has succeeded (HookSucceeded)" },
    Badge { letter: "F", class: "policy", meaning: "deleted once the sync has failed (HookFailed)" },
    Badge { letter: "K", class: "policy", meaning: "sync options keep it (Delete=, Prune=)" },
    Badge {
        letter: "^",
        class: "policy",
        meaning: "moved ahead of its own place, as something there needs it",
    },
    Badge { letter: "!", class: "warn", meaning: "see the warnings below" },
];

fn badges(planned: &Planned, step: &Step) -> Vec<Badge> {
    let has = |policy| step.policies.contains(&policy);
    let shown = [
        has(DeletePolicy::BeforeHookCreation),
        has(DeletePolicy::HookSucceeded),
        has(DeletePolicy::HookFailed),
        !step.kept.is_empty(),
        step.moved,
        planned.warnings.iter().any(|warning| warning.placed == Some(step.placed)),
    ];
    BADGES.into_iter().zip(shown).filter(|(_, shown)| *shown).map(|(badge, _)| badge).collect()
}

/// What the signs in this picture mean; where the next thing goes.
fn legend(canvas: &mut Canvas, planned: &Planned, mut y: u32) -> u32 {
    let steps = &planned.plan.steps;
    let mut x = MARGIN;
    let mut place = |canvas: &mut Canvas, meaning: &str| {
        let width = 24 + CHAR.sans(meaning) + 18;
        if x + width > canvas.width - MARGIN && x > MARGIN {
            x = MARGIN;
            y += 22;
        }
        canvas.text(x + 20, y + 14, "legend", meaning);
        let at = (x, y);
        x += width;
        at
    };
    if steps.iter().any(|step| step.hook) {
        let (x, y) = place(canvas, "a hook");
        canvas.dot(x + 8, y + 10, "hook");
    }
    if steps.iter().any(|step| !step.hook) {
        let (x, y) = place(canvas, "an object");
        canvas.dot(x + 8, y + 10, "object");
    }
    let used: Vec<Badge> = steps.iter().flat_map(|step| badges(planned, step)).collect();
    for badge in BADGES.into_iter().filter(|badge| used.contains(badge)) {
        let (x, y) = place(canvas, badge.meaning);
        canvas.badge(x, y + 3, badge.letter, badge.class);
    }
    if !steps.is_empty() {
        let (x, y) = place(canvas, "Argo CD goes on once everything before is healthy");
        canvas.arrow(x, y + 10, 15, "step");
    }
    y + 38
}

/// What is not applied, and the warnings.
fn notes(canvas: &mut Canvas, planned: &Planned, mut y: u32) -> u32 {
    let most = layout::characters(canvas.width - 2 * MARGIN - 20);
    let mut say = |canvas: &mut Canvas, class: &str, indent: u32, text: &str| {
        for part in wrapped(text, most) {
            canvas.text(MARGIN + indent, y + 12, class, &shortened(&part, most));
            y += 18;
        }
    };
    let idle: Vec<&Idle> = planned.plan.idle.iter().filter(|idle| !idle.never_runs()).collect();
    if !idle.is_empty() {
        say(canvas, "section", 0, "Not applied");
        for idle in idle.iter().take(WARNINGS) {
            let line = format!("{}/{} ({})", clean(&idle.kind), clean(&idle.name), clean(&idle.hook));
            say(canvas, "mono", 0, &line);
        }
        more(canvas, &mut say, idle.len());
        say(canvas, "mono", 0, "");
    }
    if !planned.warnings.is_empty() {
        say(canvas, "section", 0, &count(planned.warnings.len(), "warning"));
        for warning in planned.warnings.iter().take(WARNINGS) {
            say(canvas, "place", 0, &format!("{}:{}", clean(&warning.file), warning.line));
            say(canvas, "mono", 16, &clean(&warning.message));
        }
        more(canvas, &mut say, planned.warnings.len());
    }
    y
}

/// Says how many notes there was no room for.
fn more(canvas: &mut Canvas, say: &mut impl FnMut(&mut Canvas, &str, u32, &str), all: usize) {
    if all > WARNINGS {
        say(
            canvas,
            "mono",
            0,
            &format!("and {} more: tiphys plan without -o svg lists them", all - WARNINGS),
        );
    }
}
