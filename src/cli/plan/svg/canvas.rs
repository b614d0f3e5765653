//! Shapes and texts of an SVG. Every text is escaped here, and nowhere else.

use crate::cli::plan::text::{clean, width};

/// The styles: dark text on a light ground of its own.
const STYLE: &str = "text{font-family:Inter,'Segoe UI',Roboto,'Helvetica Neue',Arial,'DejaVu Sans',sans-serif;fill:#1f2937}\
.title{font-size:22px;font-weight:700}.note{font-size:13px;fill:#4b5563}\
.section{font-size:14px;font-weight:700}\
.phase{font-size:15px;font-weight:700}.caption{font-size:11px;fill:#4b5563}\
.wave{font-size:11px;font-weight:700;fill:#374151}.kind{font-size:11px;font-weight:600;fill:#6b7280}\
.legend{font-size:11px;fill:#4b5563}\
.name,.mono,.place{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:12px}\
.place{fill:#9a3412}.ground{fill:#f8fafc;stroke:#d1d5db}\
.band{stroke-width:1.2}.block{fill:#ffffff;stroke:#e2e8f0}\
rect.pre{fill:#e6f0fb;stroke:#93bdec}text.pre{fill:#1d4f91}\
rect.sync{fill:#e7f5ec;stroke:#94d0ab}text.sync{fill:#1b6b3a}\
rect.post{fill:#f0eafa;stroke:#bda6e6}text.post{fill:#5b34a3}\
rect.fail{fill:#fdecec;stroke:#f0a9a9}text.fail{fill:#a32121}\
rect.del{fill:#eef0f3;stroke:#b8c0cc}text.del{fill:#3d4654}\
.hook{fill:#2563eb}.object{fill:none;stroke:#94a3b8;stroke-width:1.4}\
.arrow{stroke:#64748b;stroke-width:2.2;fill:none}.step{stroke:#94a3b8;stroke-width:1.6;fill:none}\
rect.policy{fill:#e2e8f0}rect.warn{fill:#f59e0b}\
.letter{font-size:10px;font-weight:700;text-anchor:middle;fill:#334155}.letter.warn{fill:#ffffff}";

/// How wide texts are, at the least favourable of the fonts.
#[derive(Debug, Clone, Copy)]
pub struct Char;

/// The widths of texts.
pub const CHAR: Char = Char;

impl Char {
    /// A text of 11 pixels without serifs.
    pub fn sans(self, text: &str) -> u32 {
        u32::try_from(width(text)).unwrap_or(u32::MAX).saturating_mul(65) / 10
    }
}

/// A picture being drawn.
#[derive(Debug)]
pub struct Canvas {
    /// Its width.
    pub width: u32,
    body: String,
}

impl Canvas {
    /// An empty picture.
    pub fn new(width: u32) -> Canvas {
        Canvas { width, body: String::new() }
    }

    /// The picture, so many pixels high.
    pub fn finish(self, height: u32) -> String {
        let Canvas { width, body } = self;
        let (inner, low) = (width - 2, height - 2);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
             role=\"img\">\n<title>What Argo CD applies, in its order</title>\n<style>{STYLE}</style>\n\
             <rect class=\"ground\" x=\"1\" y=\"1\" width=\"{inner}\" height=\"{low}\" rx=\"12\"/>\n{body}</svg>\n"
        )
    }

    /// A rectangle with round corners.
    pub fn rect(&mut self, (x, y): (u32, u32), (width, height): (u32, u32), radius: u32, class: &str) {
        self.body.push_str(&format!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{radius}\"/>\n"
        ));
    }

    /// A text from its left end on.
    pub fn text(&mut self, x: u32, y: u32, class: &str, text: &str) {
        if !text.is_empty() {
            let text = escaped(text);
            self.body.push_str(&format!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{text}</text>\n"));
        }
    }

    /// A text that says more when pointed at.
    pub fn text_with_tip(&mut self, (x, y): (u32, u32), class: &str, text: &str, tip: &str) {
        let (text, tip) = (escaped(text), escaped(tip));
        self.body.push_str(&format!(
            "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{text}<title>{tip}</title></text>\n"
        ));
    }

    /// A dot before a name.
    pub fn dot(&mut self, x: u32, y: u32, class: &str) {
        self.body.push_str(&format!("<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"3.5\"/>\n"));
    }

    /// A letter in a box.
    pub fn badge(&mut self, x: u32, y: u32, letter: &str, class: &str) {
        self.rect((x, y), (14, 14), 3, class);
        self.text(x + 7, y + 11, &format!("letter {class}"), letter);
    }

    /// An arrow to the right.
    pub fn arrow(&mut self, x: u32, y: u32, length: u32, class: &str) {
        let end = x + length;
        let (back, up, down) = (end.saturating_sub(5), y - 5, y + 5);
        self.body.push_str(&format!(
            "<path class=\"{class}\" d=\"M{x} {y}H{end}M{back} {up}L{end} {y}L{back} {down}\"/>\n"
        ));
    }
}

/// A text as XML says it.
fn escaped(text: &str) -> String {
    clean(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
