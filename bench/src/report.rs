//! The measurements as a Markdown report.

mod machine;

pub use machine::Machine;

use std::fmt::{self, Display, Formatter};

const ABOUT: &str = "Written by `make bench`; run it to have these figures of your own machine. A bare server that does only \
    the part in question is measured in the same run, in turn with Lair Chat: the ratios say more than the figures. \
    Every receiver checks that it got every message of its room once and in order; a run where one did not fails. Lair Chat uses jemalloc; the bare servers use \
    the system's allocator and do nothing else that they need not.";

/// A target of the project, and the measured value.
pub struct Target {
    what: String,
    wanted: String,
    got: String,
    reached: bool,
}

impl Target {
    /// A value that must not be larger.
    pub fn at_most(what: &str, limit: f64, got: f64, unit: &str) -> Self {
        Self::new(what, "at most", limit, got, unit, got <= limit)
    }

    /// A value that must not be smaller.
    pub fn at_least(what: &str, limit: f64, got: f64, unit: &str) -> Self {
        Self::new(what, "at least", limit, got, unit, got >= limit)
    }

    fn new(what: &str, bound: &str, limit: f64, got: f64, unit: &str, reached: bool) -> Self {
        Self {
            what: what.into(),
            wanted: format!("{bound} {limit}{unit}"),
            got: format!("{}{unit}", figure(got)),
            reached,
        }
    }
}

/// One table, how it was measured, and its targets.
pub struct Section {
    title: &'static str,
    how: String,
    rows: Vec<Vec<String>>,
    targets: Vec<Target>,
}

impl Section {
    /// Creates a table with these columns.
    pub fn new(title: &'static str, how: impl Into<String>, columns: &[&str]) -> Self {
        Self {
            title,
            how: how.into(),
            rows: vec![columns.iter().map(ToString::to_string).collect()],
            targets: Vec::new(),
        }
    }

    /// Adds a row of values.
    pub fn row(&mut self, what: &str, figures: &[f64]) {
        self.rows.push(std::iter::once(what.to_owned()).chain(figures.iter().map(|f| figure(*f))).collect());
    }

    /// Adds a row with the value of lair, the value of the baseline, and their ratio.
    pub fn compare(&mut self, what: &str, server: f64, baseline: f64) {
        self.row(what, &[server, baseline, server / baseline]);
    }

    /// Adds a target.
    pub fn target(&mut self, target: Target) {
        self.targets.push(target);
    }
}

impl Display for Section {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "## {}\n\n{}\n", self.title, self.how)?;
        for (number, row) in self.rows.iter().enumerate() {
            writeln!(f, "| {} |", row.join(" | "))?;
            if number == 0 {
                writeln!(f, "|---|{}", "---:|".repeat(row.len() - 1))?;
            }
        }
        Ok(())
    }
}

/// The whole report.
pub struct Report<'a> {
    /// The machine that was measured.
    pub machine: &'a Machine,
    /// The measurements.
    pub sections: &'a [Section],
}

impl Display for Report<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "# Performance\n\n{ABOUT}\n\n{}", self.machine)?;
        writeln!(f, "## What it must reach\n\n| | wanted | measured | |\n|---|---|---|---|")?;
        for Target { what, wanted, got, reached } in self.sections.iter().flat_map(|section| &section.targets) {
            let verdict = if *reached { "reached" } else { "**not reached**" };
            writeln!(f, "| {what} | {wanted} | {got} | {verdict} |")?;
        }
        self.sections.iter().try_for_each(|section| write!(f, "\n{section}"))
    }
}

/// A value with as many digits as are significant.
fn figure(value: f64) -> String {
    let digits = match value.abs() {
        size if !size.is_finite() => return "–".into(),
        size if size >= 1_000.0 => return thousands(value),
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    format!("{value:.digits$}")
}

fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_only_significant_digits() {
        let formatted = [0.0734, 1.5, 26.44, 262.4, 1_234_567.8, f64::NAN].map(figure);
        assert_eq!(formatted, ["0.073", "1.50", "26.4", "262", "1,234,568", "–"]);
    }

    #[test]
    fn a_missing_value_reaches_no_target() {
        assert!(!Target::at_most("x", 1.0, f64::NAN, "").reached);
        assert!(!Target::at_least("x", 1.0, f64::NAN, "").reached);
    }
}
