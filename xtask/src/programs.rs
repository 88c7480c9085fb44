//! The programs of `tests/`: the test runner's own files, so the chores and the tests always agree.

#[path = "../../crates/cli/tests/programs/corpus.rs"]
pub mod corpus;
#[path = "../../crates/cli/tests/programs/ledger.rs"]
#[allow(dead_code, reason = "the test runner uses the rest")]
pub mod ledger;
#[path = "../../crates/cli/tests/programs/run.rs"]
pub mod run;
