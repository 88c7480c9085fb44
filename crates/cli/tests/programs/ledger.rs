//! The failure ledger, `tests/failures.txt`: programs that are known to fail, each with its reason.
//!
//! ```text
//! basic/loops   # for-else after a break inside try
//! ```
//! Invariant: the ledger is exact. A listed program that passes fails the test, so no entry outlives its reason.

use std::collections::BTreeMap;

/// Program name → reason.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ledger(BTreeMap<String, String>);

impl Ledger {
    /// Reads the text of a ledger; the second half are the complaints about its lines.
    pub fn parse(text: &str) -> (Ledger, Vec<String>) {
        let mut ledger = Ledger::default();
        let mut complaints = Vec::new();
        for (i, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, reason) = line.split_once('#').map_or((line, ""), |(n, r)| (n.trim(), r.trim()));
            let name = name.strip_suffix(".py").unwrap_or(name).to_owned();
            if reason.is_empty() {
                complaints.push(format!("failures.txt:{}: {name} has no reason (write it after `#`)", i + 1));
            }
            if ledger.0.insert(name.clone(), reason.to_owned()).is_some() {
                complaints.push(format!("failures.txt:{}: {name} is listed twice", i + 1));
            }
        }
        (ledger, complaints)
    }

    /// Why a program is expected to fail, `None` when it is not.
    pub fn reason(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The listed names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
