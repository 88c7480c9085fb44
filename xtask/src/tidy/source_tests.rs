//! Tests of the checks on one Rust file, each on a snippet.

use super::*;

fn complaints(text: &str) -> Vec<String> {
    let text = format!("//! Doc.\n#![allow(unsafe_code, reason = \"r\")]\n{text}");
    check("x.rs", &text).findings.iter().map(ToString::to_string).collect()
}

fn note_missing(line: usize) -> Vec<String> {
    vec![format!("x.rs:{line}: unsafe without a `// SAFETY:` note before or in it")]
}

#[test]
fn module_docs_are_wanted() {
    let findings = check("x.rs", "fn f() {}\n").findings;
    assert_eq!(findings[0].to_string(), "x.rs:1: opens without `//!`: structure, picture, invariant");
    assert!(check("x.rs", "//! Doc.\nfn f() {}\n").findings.is_empty());
}

#[test]
fn a_file_that_does_not_parse_is_a_finding() {
    assert!(complaints("fn f( {}\n")[0].contains("does not parse"));
    assert!(complaints("fn f() { let }\n")[0].contains("does not parse"));
}

#[test]
fn unsafe_blocks_want_a_note() {
    assert_eq!(complaints("fn f() {\n    unsafe { g() };\n}\n"), note_missing(4));
    assert!(complaints("fn f() {\n    // SAFETY: fine.\n    unsafe { g() };\n}\n").is_empty());
    assert!(
        complaints("fn f() {\n    unsafe {\n        // SAFETY: fine.\n        g()\n    };\n}\n").is_empty()
    );
    assert!(complaints("fn f() {\n    unsafe { g() } // SAFETY: fine.\n}\n").is_empty());
}

#[test]
fn notes_belong_to_the_statement_they_precede() {
    assert!(
        complaints("fn f() {\n    // SAFETY: a\n    // long one.\n    let x =\n        unsafe { g() };\n}\n")
            .is_empty()
    );
    assert!(complaints("fn f() {\n    // SAFETY: ok.\n    h(1, i(unsafe { g() }));\n}\n").is_empty());
    assert_eq!(
        complaints("fn f() {\n    // SAFETY: ok.\n    h();\n    unsafe { g() };\n}\n"),
        note_missing(6)
    );
    assert_eq!(complaints("// SAFETY: ok.\nfn f() {\n    unsafe { g() };\n}\n"), note_missing(5));
    assert!(
        complaints(
            "fn f() {\n    match x {\n        // SAFETY: ok.\n        1 => unsafe { g() },\n    }\n}\n"
        )
        .is_empty()
    );
}

#[test]
fn one_note_covers_several_only_when_it_says_so() {
    let lines = |note: &str| {
        format!(
            "const V: V = V {{\n    // {note}\n    a: || unsafe {{ g() }},\n    b: || unsafe {{ g() }},\n}};\n"
        )
    };
    assert!(complaints(&lines("SAFETY (both): ok.")).is_empty());
    assert_eq!(complaints(&lines("SAFETY: ok.")), note_missing(6));
}

#[test]
fn macros_are_looked_into() {
    let text = "macro_rules! m {\n    () => {\n        unsafe { g() }\n    };\n}\n";
    assert_eq!(complaints(text), note_missing(5));
}

#[test]
fn unsafe_impls_want_a_note() {
    assert_eq!(complaints("unsafe impl Send for S {}\n"), note_missing(3));
    assert!(complaints("// SAFETY: no threads.\n#[cfg(unix)]\nunsafe impl Send for S {}\n").is_empty());
}

#[test]
fn public_unsafe_functions_want_a_section() {
    let found = complaints("/// Doc.\npub unsafe fn f() {}\n");
    assert_eq!(found, ["x.rs:4: `pub unsafe fn f` without a `# Safety` section"]);
    assert!(complaints("/// Doc.\n///\n/// # Safety\n/// Mind.\npub unsafe fn f() {}\n").is_empty());
    assert!(complaints("unsafe fn f() {}\npub fn g(h: unsafe fn()) {}\n").is_empty());
    assert_eq!(complaints("pub trait T {\n    unsafe fn f();\n}\n").len(), 1);
    assert_eq!(complaints("impl S {\n    pub const unsafe fn f() {}\n}\n").len(), 1);
}

#[test]
fn unsafe_code_is_opted_in_with_a_reason() {
    let text = "//! Doc.\nfn f() {\n    // SAFETY: ok.\n    unsafe { g() };\n}\n";
    assert!(check("x.rs", text).findings[0].what.starts_with("unsafe code without"));
    let text = "//! Doc.\n#![allow(unsafe_code)]\n";
    assert_eq!(check("x.rs", text).findings[0].what, "`allow(unsafe_code)` without a reason");
}

#[test]
fn unfinished_code_is_found() {
    assert_eq!(complaints("fn f() {\n    todo!()\n}\n"), ["x.rs:4: unfinished: todo!"]);
    assert_eq!(complaints("fn f() {\n    g(unimplemented!(\"x\"))\n}\n").len(), 1);
    assert!(complaints("fn f() {\n    g(\"todo!()\"); // todo!()\n}\n").is_empty());
}

#[test]
fn functions_are_measured_with_their_scope() {
    let report = check(
        "x.rs",
        "//! Doc.\nimpl<T> S<T> {\n    fn f(\n        &self,\n    ) {\n        g()\n    }\n}\n",
    );
    assert_eq!(report.measured[1], Measured::function("x.rs", "S::f", 3, 5));
    assert_eq!(report.measured[0], Measured::file("x.rs", 8));
}

#[test]
fn generated_files_are_not_measured() {
    assert!(check("x.rs", "//! Doc.\n// @generated\nfn f() {}\n").measured.is_empty());
}

#[test]
fn test_modules_are_known() {
    let report = check("x.rs", "//! Doc.\nfn f() {}\n#[cfg(test)]\nmod tests {\n}\n");
    assert_eq!(report.test_lines, [3..=5]);
}
