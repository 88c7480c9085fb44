//! Python source to [`Code`]: ruff's parser, symbol tables, register code.
//!
//! ```text
//! source ─► scan (nesting) ─► ruff AST ─► symtable (scopes) ─► codegen (one Unit per scope) ─► Code
//!                     refused └─► diagnose (what is wrong)          warn (SyntaxWarnings)
//! ```
//! Allocates no guest objects and never panics: whatever is wrong with the source is a [`CompileError`].

mod codegen;
mod diagnose;
mod error;
mod parse_error;
mod scan;
mod symtable;
mod warn;

pub use error::{CompileError, ErrorKind};
use hognose_bytecode::Code;
use ruff_python_ast::Mod;
use ruff_python_parser::{Mode as ParseMode, ParseOptions, parse};
use std::rc::Rc;
pub use warn::CompileWarning;

/// Native stack that parser and compiler need for a level of the syntax tree, with a margin.
const STACK_PER_LEVEL: usize = 32 << 10;

/// What kind of source it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Mode {
    /// A module (`exec`).
    #[default]
    Module,
    /// One expression (`eval`).
    Eval,
    /// One interactive statement (`single`).
    Single,
}

/// How to compile.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `co_filename`.
    pub filename: String,
    /// What the source is.
    pub mode: Mode,
    /// 0 keeps asserts, 1 drops them, 2 drops docstrings, too.
    pub optimize: u8,
    /// Module-level names live in a namespace of their own: `exec` and `eval` where globals and locals differ.
    pub namespace: bool,
    /// As if the source began with `from __future__ import annotations` (inherited by `compile` and `exec`).
    pub future_annotations: bool,
}

/// Compiles source text.
///
/// # Errors
/// A [`CompileError`] that the machine turns into SyntaxError, IndentationError, MemoryError or RecursionError.
pub fn compile(source: &str, options: &Options) -> Result<Rc<Code>, CompileError> {
    compile_with_warnings(source, options).map(|(code, _)| code)
}

/// Code and the SyntaxWarnings about its source.
pub type Compiled = (Rc<Code>, Vec<CompileWarning>);

/// Compiles source text; also gives the SyntaxWarnings.
///
/// # Errors
/// As [`compile`].
pub fn compile_with_warnings(source: &str, options: &Options) -> Result<Compiled, CompileError> {
    if source.contains('\0') {
        return Err(CompileError::new(ErrorKind::Syntax, "source code string cannot contain null bytes"));
    }
    let depth = scan::check(source)?;
    if depth < scan::SHALLOW {
        return compile_here(source, options);
    }
    // Deep sources recurse deeply in the parser: give them a stack of their own (taken only as far as it is used).
    std::thread::scope(|s| {
        let run = || compile_here(source, options).map(|(c, w)| Sendable(Rc::unwrap_or_clone(c), w));
        let stack = (2 << 20) + depth * STACK_PER_LEVEL;
        let spawned = std::thread::Builder::new().stack_size(stack).spawn_scoped(s, run);
        match spawned.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(result)) => result.map(|Sendable(code, warnings)| (Rc::new(code), warnings)),
            _ => Err(CompileError::new(ErrorKind::Memory, "source is too deep to compile")),
        }
    })
}

/// A freshly compiled code tree on its way between threads.
struct Sendable(Code, Vec<CompileWarning>);
#[allow(unsafe_code, reason = "moves a whole tree of Rc between threads")]
// SAFETY: the tree was made by the sending thread, which keeps no pointer into it and ends.
unsafe impl Send for Sendable {}

fn compile_here(source: &str, options: &Options) -> Result<Compiled, CompileError> {
    let mode = if options.mode == Mode::Eval { ParseMode::Expression } else { ParseMode::Module };
    let parsed = parse(source, ParseOptions::from(mode)).map_err(|e| {
        diagnose::find(source, options.mode).unwrap_or_else(|| parse_error::from_parser(source, &e))
    })?;
    let warner = warn::Warner::new(source, &options.filename);
    let (result, warnings) = match parsed.into_syntax() {
        Mod::Module(m) => (codegen::module(source, options, &m.body), warner.body(&m.body)),
        Mod::Expression(e) => (codegen::eval(source, options, &e.body), warner.expression(&e.body)),
    };
    result.map(|code| (code, warnings)).map_err(|e| later_error(source, options, e))
}

/// An error found after parsing: the parser may have let pass what the reference's does not, and text comes from files only.
fn later_error(source: &str, options: &Options, mut e: CompileError) -> CompileError {
    if e.kind != ErrorKind::Syntax {
        return e;
    }
    if let Some(earlier) = diagnose::find(source, options.mode) {
        return earlier;
    }
    e.text = e.text.filter(|_| !options.filename.starts_with('<')).map(|t| t + "\n");
    e
}
