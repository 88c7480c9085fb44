//! Texts for people: sizes, shares, and tables that fit the terminal.
//!
//! Invariant: no line of a table is wider than [`View::width`] unless it was asked not to be cut.

use serde_json::Value as Json;

/// How to show results.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// Columns of the terminal.
    pub width: usize,
    /// Most rows of a table.
    pub rows: usize,
    /// JSON instead of text.
    pub json: bool,
}

impl Default for View {
    fn default() -> View {
        View { width: 100, rows: 12, json: false }
    }
}

/// A size: `311 MiB`, `4.2 KiB`, `96 B`.
pub fn bytes_text(n: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let (mut x, mut unit) = (n as f64, 0);
    while x >= 999.5 && unit + 1 < UNITS.len() {
        x /= 1024.0;
        unit += 1;
    }
    match x {
        _ if unit == 0 => format!("{n} B"),
        x if x < 99.95 => format!("{x:.1} {}", UNITS[unit]),
        x => format!("{x:.0} {}", UNITS[unit]),
    }
}

/// A number with its thousands apart.
pub(crate) fn count_text(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// `part` of `whole` in percent.
pub(crate) fn share(part: u64, whole: u64) -> String {
    if whole == 0 { "–".into() } else { format!("{:.0}%", part as f64 * 100.0 / whole as f64) }
}

/// The text cut to `width` columns.
pub(crate) fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_string();
    }
    let mut out: String = text.chars().take(width.saturating_sub(1)).collect();
    out.push('…');
    out
}

/// Rows under headings; the last column is on the left and takes what room there is.
pub(crate) struct Table {
    headings: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(headings: &[&'static str]) -> Table {
        Table { headings: headings.to_vec(), rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    pub(crate) fn text(&self, view: &View) -> String {
        let columns = self.headings.len();
        let width_of = |i: usize| {
            let cells = self.rows.iter().map(|r| r[i].chars().count());
            cells.chain([self.headings[i].chars().count()]).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width_of).collect();
        let mut out = String::new();
        let head: Vec<String> = self.headings.iter().map(|h| (*h).to_string()).collect();
        for row in std::iter::once(&head).chain(self.rows.iter().take(view.rows)) {
            let mut line = String::new();
            for (i, cell) in row.iter().enumerate() {
                if i + 1 == columns {
                    line.push_str(cell);
                } else {
                    let pad = widths[i].saturating_sub(cell.chars().count());
                    line.extend(std::iter::repeat_n(' ', pad));
                    line.push_str(cell);
                    line.push_str("  ");
                }
            }
            out.push_str(cut(line.trim_end(), view.width).as_str());
            out.push('\n');
        }
        if self.rows.len() > view.rows {
            out.push_str(&format!("  … {} more\n", self.rows.len() - view.rows));
        }
        out
    }
}

/// JSON as text.
pub(crate) fn json_text(value: &Json) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let texts: Vec<String> = [0, 999, 1000, 1 << 20, 326 << 20, 3 << 30].map(bytes_text).to_vec();
        assert_eq!(texts, ["0 B", "999 B", "1.0 KiB", "1.0 MiB", "326 MiB", "3.0 GiB"]);
        assert_eq!(count_text(22_005_014), "22,005,014");
    }

    #[test]
    fn tables_fit() {
        let mut t = Table::new(&["size", "what"]);
        t.row(vec!["1".into(), "x".repeat(200)]);
        let view = View { width: 40, ..View::default() };
        assert!(t.text(&view).lines().all(|l| l.chars().count() <= 40));
    }
}
