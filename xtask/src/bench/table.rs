//! From runs to figures: medians, ratios, geometric means; as text and as JSON.
//!
//! The first interpreter is the one in question, the second is the reference: ratios are first divided by second,
//! so below 1 means less time or memory.
//! Invariant: rows with a problem show it and stay out of every mean.

use super::process::Run;
use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;
use std::fmt::Write as _;

/// The figures of some runs.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Measurement {
    /// Median wall time.
    pub seconds: f64,
    /// Shortest wall time.
    pub seconds_min: f64,
    /// Highest peak of any run: a reading can only be too low.
    pub rss_kib_max: u64,
}

impl Measurement {
    /// Sums up runs, of which there is at least one.
    pub fn of(runs: &[Run]) -> Measurement {
        let mut seconds: Vec<f64> = runs.iter().map(|r| r.seconds).collect();
        seconds.sort_by(f64::total_cmp);
        Measurement {
            seconds: median(&seconds),
            seconds_min: seconds.first().copied().unwrap_or(f64::NAN),
            rss_kib_max: runs.iter().map(|r| r.rss_kib_max).max().unwrap_or(0),
        }
    }
}

fn median(sorted: &[f64]) -> f64 {
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[n / 2],
        n => f64::midpoint(sorted[n / 2 - 1], sorted[n / 2]),
    }
}

fn geometric_mean(ratios: &[f64]) -> Option<f64> {
    if ratios.is_empty() {
        return None;
    }
    let logs: f64 = ratios.iter().map(|r| r.ln()).sum();
    #[allow(clippy::cast_precision_loss, reason = "a handful of programs")]
    Some((logs / ratios.len() as f64).exp())
}

/// One program.
#[derive(Serialize)]
pub struct Row {
    /// The program.
    pub name: String,
    /// One measurement per interpreter, none where it failed.
    pub measured: Vec<Option<Measurement>>,
    /// Why the row does not count.
    pub problem: Option<String>,
}

/// All figures.
#[derive(Serialize)]
pub struct Report<'a> {
    /// The interpreters.
    pub names: &'a [&'a str],
    /// Their start-up.
    pub startup: &'a [Measurement],
    /// The programs.
    pub rows: &'a [Row],
}

impl Report<'_> {
    /// Seconds, their ratio, and peak memory.
    pub fn time_text(&self) -> String {
        let mut table = Table::new();
        let unit = |what: &str| self.names.iter().map(move |n| format!("{n} {what}")).collect::<Vec<_>>();
        let mut head = vec!["program".to_owned()];
        head.extend(unit("s"));
        head.push("ratio".to_owned());
        head.extend(unit("MiB"));
        table.set_header(head);
        let startup: Vec<_> = self.startup.iter().copied().map(Some).collect();
        table.add_row(time_row("(start-up)", &startup));
        for row in self.rows {
            table.add_row(time_row(&row.name, &row.measured));
        }
        let mean = self.mean(|m, _| m.seconds);
        self.finish(table, &[("geometric mean of the time ratios", mean)])
    }

    /// Peak memory, whole and without start-up, with both ratios.
    pub fn memory_text(&self) -> String {
        let mut table = Table::new();
        let mut head = vec!["program".to_owned()];
        head.extend(self.names.iter().map(|n| format!("{n} MiB")));
        head.push("ratio".to_owned());
        head.extend(self.names.iter().map(|n| format!("{n} net MiB")));
        head.push("net ratio".to_owned());
        table.set_header(head);
        let mut cells = vec!["(start-up)".to_owned()];
        cells.extend(self.startup.iter().map(|m| mib(kib(m))));
        table.add_row(cells);
        for row in self.rows {
            let whole: Vec<_> = row.measured.iter().map(|m| m.as_ref().map(kib)).collect();
            let net: Vec<_> = row
                .measured
                .iter()
                .zip(self.startup)
                .map(|(m, s)| m.as_ref().map(|m| net_kib(m, s)))
                .collect();
            let mut cells = vec![row.name.clone()];
            for figures in [whole, net] {
                cells.extend(figures.iter().map(|f| f.map_or_else(dash, mib)));
                cells.push(ratio(&figures).map_or_else(dash, |r| format!("{r:.3}")));
            }
            table.add_row(cells);
        }
        let means = [
            ("geometric mean of the ratios", self.mean(|m, _| kib(m))),
            ("geometric mean of the net ratios", self.mean(net_kib)),
        ];
        self.finish(table, &means)
    }

    /// Everything, for other programs to read.
    pub fn json(&self) -> String {
        let mean = self.mean(|m, _| m.seconds);
        let value = serde_json::json!({
            "interpreters": self.names,
            "startup": self.startup,
            "programs": self.rows,
            "time_ratio_geomean": mean,
        });
        format!("{value:#}\n")
    }

    fn mean(&self, figure: impl Fn(&Measurement, &Measurement) -> f64) -> Option<f64> {
        let ratios: Vec<f64> = self
            .rows
            .iter()
            .filter(|row| row.problem.is_none())
            .filter_map(|row| {
                let figures: Vec<_> = row
                    .measured
                    .iter()
                    .zip(self.startup)
                    .map(|(m, s)| m.as_ref().map(|m| figure(m, s)))
                    .collect();
                ratio(&figures)
            })
            .collect();
        geometric_mean(&ratios)
    }

    fn finish(&self, mut table: Table, means: &[(&str, Option<f64>)]) -> String {
        table.load_preset(presets::NOTHING);
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        let mut text = format!("{}\n", table.trim_fmt());
        for row in self.rows {
            if let Some(problem) = &row.problem {
                _ = writeln!(text, "{}: {problem}", row.name);
            }
        }
        for (what, mean) in means {
            if let (Some(mean), [first, second, ..]) = (mean, self.names) {
                _ = writeln!(text, "{what}, {first} / {second}: {mean:.3}");
            }
        }
        text
    }
}

fn time_row(name: &str, measured: &[Option<Measurement>]) -> Vec<String> {
    let seconds: Vec<_> = measured.iter().map(|m| m.map(|m| m.seconds)).collect();
    let mut cells = vec![name.to_owned()];
    cells.extend(seconds.iter().map(|s| s.map_or_else(dash, |s| format!("{s:.3}"))));
    cells.push(ratio(&seconds).map_or_else(dash, |r| format!("{r:.3}")));
    cells.extend(measured.iter().map(|m| m.as_ref().map_or_else(dash, |m| mib(kib(m)))));
    cells
}

/// First divided by second.
fn ratio(figures: &[Option<f64>]) -> Option<f64> {
    match figures {
        [Some(first), Some(second), ..] if *first > 0.0 && *second > 0.0 => Some(first / second),
        _ => None,
    }
}

#[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
fn kib(m: &Measurement) -> f64 {
    m.rss_kib_max as f64
}

fn net_kib(m: &Measurement, startup: &Measurement) -> f64 {
    kib(m) - kib(startup)
}

fn mib(kib: f64) -> String {
    format!("{:.1}", kib / 1024.0)
}

fn dash() -> String {
    "–".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measurement(seconds: f64, rss_kib_max: u64) -> Measurement {
        Measurement { seconds, seconds_min: seconds, rss_kib_max }
    }

    fn row(name: &str, ours: f64, theirs: f64, problem: Option<&str>) -> Row {
        let measured = vec![Some(measurement(ours, 2048)), Some(measurement(theirs, 9216))];
        Row { name: name.into(), measured, problem: problem.map(str::to_owned) }
    }

    #[test]
    fn medians() {
        assert!((median(&[1.0, 2.0, 9.0]) - 2.0).abs() < 1e-9);
        assert!((median(&[1.0, 2.0]) - 1.5).abs() < 1e-9);
    }

    #[test]
    fn time_table_shows_ratios_and_their_mean() {
        let rows =
            [row("a", 0.5, 1.0, None), row("b", 2.0, 1.0, None), row("c", 9.0, 1.0, Some("outputs differ"))];
        let startup = [measurement(0.01, 1024), measurement(0.01, 1024)];
        let report = Report { names: &["hognose", "python"], startup: &startup, rows: &rows };
        let text = report.time_text();
        assert!(text.contains("geometric mean of the time ratios, hognose / python: 1.000"), "{text}");
        assert!(text.contains("c: outputs differ"), "{text}");
        assert!(report.json().contains("\"time_ratio_geomean\": 1.0"), "{}", report.json());
    }

    #[test]
    fn memory_table_takes_start_up_away() {
        let rows = [row("a", 0.5, 1.0, None)];
        let startup = [measurement(0.01, 1024), measurement(0.01, 1024)];
        let report = Report { names: &["hognose", "python"], startup: &startup, rows: &rows };
        let text = report.memory_text();
        assert!(text.contains("net ratios, hognose / python: 0.125"), "{text}");
    }

    #[test]
    fn one_interpreter_has_no_ratio() {
        assert_eq!(ratio(&[Some(1.0)]), None);
        assert_eq!(ratio(&[None, Some(1.0)]), None);
    }
}
