//! Where everything stands: steps in columns, columns in a wave's block, blocks in a
//! phase's band, bands in rows. What is too wide goes on in the next row.

use crate::cli::plan::text::{name, width};
use crate::hooks::{Phase, Step};

/// The widest row.
const MOST: u32 = 1640;
/// The widest wave: others of its row have room beside it.
const WIDEST: u32 = 1300;
/// A line of a name.
pub const LINE: u32 = 18;
/// A section's title.
pub const SECTION: u32 = 28;
/// A band's head.
pub const HEAD: u32 = 52;
/// Inside a band, around its blocks.
pub const PADDING: u32 = 14;
/// Inside a block, around its columns.
pub const INSIDE: u32 = 12;
/// A block's head.
pub const WAVE: u32 = 28;
/// Between columns, blocks and bands.
pub const BETWEEN_COLUMNS: u32 = 22;
#[allow(missing_docs, reason = "as above")]
pub const BETWEEN_BLOCKS: u32 = 26;
#[allow(missing_docs, reason = "as above")]
pub const BETWEEN_BANDS: u32 = 38;
/// Lines of a column before another one is begun.
const TALL: usize = 22;
/// The room for a name: at least, and at most; at most in a wave of many columns.
const NAME: (u32, u32, u32) = (110, 320, 280);
/// A name's dot.
pub const DOT: u32 = 12;
/// Each of a name's badges.
pub const BADGE: u32 = 17;

/// Bands that belong together.
#[derive(Debug)]
pub struct Section<'a> {
    /// What it is about; nothing for the sync itself.
    pub title: &'static str,
    /// Its rows.
    pub rows: Vec<Row<'a>>,
}

/// Bands side by side.
#[derive(Debug, Default)]
pub struct Row<'a> {
    /// From left to right.
    pub bands: Vec<Band<'a>>,
    /// How wide it is.
    pub width: u32,
    /// How high its highest band is.
    pub height: u32,
    /// Whether another row follows.
    pub goes_on: bool,
}

/// A phase, or a part of it.
#[derive(Debug)]
pub struct Band<'a> {
    /// The phase.
    pub phase: Phase,
    /// Its waves.
    pub blocks: Vec<Block<'a>>,
    /// Whether the phase began in the row above.
    pub continued: bool,
    /// How wide it is.
    pub width: u32,
    /// How high it is.
    pub height: u32,
}

/// A wave.
#[derive(Debug)]
pub struct Block<'a> {
    /// Its number.
    pub wave: Option<i64>,
    /// Its lines, in columns.
    pub columns: Vec<Vec<Line<'a>>>,
    /// How wide each column is.
    pub column_width: u32,
    /// How wide it is.
    pub width: u32,
    /// How high it is.
    pub height: u32,
}

/// A line of a column.
#[derive(Debug)]
pub enum Line<'a> {
    /// A kind, and how many there are of it; none where it goes on from another column.
    Kind(&'a str, Option<usize>),
    /// One of them.
    Step(&'a Step),
}

/// How many characters of a monospaced text fit.
pub fn characters(width: u32) -> usize {
    usize::try_from(width * 10 / 73).unwrap_or(0)
}

/// Everything, in the order in which it is read.
///
/// `badges` says how many badges a step has.
pub fn sections<'a>(steps: &'a [Step], badges: &dyn Fn(&Step) -> usize) -> Vec<Section<'a>> {
    let parts: [(&'static str, &[Phase]); 3] = [
        ("", &[Phase::PreSync, Phase::Sync, Phase::PostSync]),
        ("When a sync fails", &[Phase::SyncFail]),
        ("When the application is deleted", &[Phase::PreDelete, Phase::PostDelete]),
    ];
    let section = |(title, phases): (&'static str, &[Phase])| {
        let blocks = phases.iter().flat_map(|phase| blocks(steps, *phase, badges)).collect::<Vec<_>>();
        (!blocks.is_empty()).then(|| Section { title, rows: rows(blocks) })
    };
    parts.into_iter().filter_map(section).collect()
}

/// The waves of a phase.
fn blocks<'a>(steps: &'a [Step], phase: Phase, badges: &dyn Fn(&Step) -> usize) -> Vec<(Phase, Block<'a>)> {
    let steps: Vec<&Step> = steps.iter().filter(|step| step.phase == phase).collect();
    steps.chunk_by(|a, b| a.wave == b.wave).map(|wave| (phase, block(wave, badges))).collect()
}

fn block<'a>(steps: &[&'a Step], badges: &dyn Fn(&Step) -> usize) -> Block<'a> {
    let lines = steps.len() + steps.chunk_by(|a, b| a.kind == b.kind).count();
    let longest = steps.iter().map(|step| width(&name(step)).max(width(&step.kind) + 4)).max().unwrap_or(0);
    let longest = u32::try_from(longest).unwrap_or(u32::MAX).saturating_mul(73) / 10 + 4;
    let most_badges = steps.iter().map(|step| badges(step)).max().unwrap_or(0);
    let widest_name = if lines > 3 * TALL { NAME.2 } else { NAME.1 };
    let column_width =
        longest.clamp(NAME.0, widest_name) + DOT + BADGE * u32::try_from(most_badges).unwrap_or(0);
    let inner = WIDEST - 2 * PADDING - 2 * INSIDE;
    let most = (inner + BETWEEN_COLUMNS) / (column_width + BETWEEN_COLUMNS);
    let wanted = lines.div_ceil(TALL).clamp(1, usize::try_from(most).unwrap_or(1).max(1));
    let tall = lines.div_ceil(wanted) + usize::from(wanted > 1);
    let columns = columns(steps, tall);
    let count = u32::try_from(columns.len()).unwrap_or(1);
    let highest = columns.iter().map(Vec::len).max().unwrap_or(0);
    Block {
        wave: steps.first().and_then(|step| step.wave),
        column_width,
        width: count * (column_width + BETWEEN_COLUMNS) - BETWEEN_COLUMNS + 2 * INSIDE,
        height: WAVE + LINE * u32::try_from(highest).unwrap_or(u32::MAX / LINE / 2) + INSIDE,
        columns,
    }
}

/// The lines of a wave in columns of that many; a kind that goes on in the next
/// column is named there again.
fn columns<'a>(steps: &[&'a Step], tall: usize) -> Vec<Vec<Line<'a>>> {
    let mut columns: Vec<Vec<Line<'a>>> = vec![Vec::new()];
    for kind in steps.chunk_by(|a, b| a.kind == b.kind) {
        let mut named = false;
        let mut count = Some(kind.len());
        for step in kind {
            let used = columns.last().map_or(0, Vec::len);
            if used + 1 + usize::from(!named) > tall && used > 0 {
                columns.push(Vec::new());
                named = false;
            }
            if let Some(column) = columns.last_mut() {
                if !named {
                    column.push(Line::Kind(&step.kind, count.take()));
                    named = true;
                }
                column.push(Line::Step(step));
            }
        }
    }
    columns
}

/// Blocks in rows, neighbours of one phase in one band.
fn rows(blocks: Vec<(Phase, Block<'_>)>) -> Vec<Row<'_>> {
    let whole = |phase: Phase| -> u32 {
        let own = blocks.iter().filter(|(of, _)| *of == phase);
        own.map(|(_, block)| block.width + BETWEEN_BLOCKS).sum::<u32>() + 2 * PADDING
    };
    let wholes: Vec<(Phase, u32)> = Phase::ALL.map(|phase| (phase, whole(phase))).into();
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut previous = None;
    for (phase, block) in blocks {
        let continued = previous.replace(phase) == Some(phase);
        // A phase that fits into a row of its own is not torn apart.
        let whole = wholes.iter().find(|(of, width)| *of == phase && *width <= MOST && !continued);
        let more = match continued {
            true => BETWEEN_BLOCKS + block.width,
            false => BETWEEN_BANDS + whole.map_or(block.width + 2 * PADDING, |(_, width)| *width),
        };
        let fits = |row: &Row<'_>| row.width + more <= MOST;
        match rows.last_mut() {
            Some(row) if fits(row) => row.add(phase, block, continued),
            last => {
                if let Some(row) = last {
                    row.goes_on = true;
                    row.width += BETWEEN_BANDS;
                }
                let mut row = Row::default();
                row.add_band(phase, block, continued);
                rows.push(row);
            }
        }
    }
    rows
}

impl<'a> Row<'a> {
    /// Adds a wave: to the last band where it goes on, else in a band of its own.
    fn add(&mut self, phase: Phase, block: Block<'a>, continued: bool) {
        match self.bands.last_mut().filter(|_| continued) {
            Some(band) => {
                band.blocks.push(block);
                band.measure();
                self.measure();
            }
            None => self.add_band(phase, block, false),
        }
    }

    fn add_band(&mut self, phase: Phase, block: Block<'a>, continued: bool) {
        let mut band = Band { phase, blocks: vec![block], continued, width: 0, height: 0 };
        band.measure();
        self.bands.push(band);
        self.measure();
    }

    fn measure(&mut self) {
        let bands: u32 = self.bands.iter().map(|band| band.width + BETWEEN_BANDS).sum();
        self.width = bands.saturating_sub(BETWEEN_BANDS);
        self.height = self.bands.iter().map(|band| band.height).max().unwrap_or(0);
    }
}

impl Band<'_> {
    /// A band is as wide as its blocks, and as its head.
    fn measure(&mut self) {
        let blocks: u32 = self.blocks.iter().map(|block| block.width + BETWEEN_BLOCKS).sum();
        let head = if self.continued { 190 } else { 160 };
        self.width = blocks.saturating_sub(BETWEEN_BLOCKS).max(head) + 2 * PADDING;
        self.height = HEAD + self.blocks.iter().map(|block| block.height).max().unwrap_or(0) + PADDING;
    }
}
