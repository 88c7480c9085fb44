//! Python source to [`Code`]: ruff's parser, symbol tables, register code.
//!
//! ```text
//! source ─► scan (nesting) ─► ruff AST ─► symtable (scopes) ─► codegen (one Unit per scope) ─► Code
//!                     refused └─► diagnose (what is wrong)          warn (SyntaxWarnings)
//!                                  └─► tree (what `ast` shows) ─► text ─► compiled as any source
//! ```
//! Allocates no guest objects and never panics: whatever is wrong with the source is a [`CompileError`].

mod codegen;
mod diagnose;
mod error;
mod parse_error;
mod scan;
mod symtable;
pub mod tokens;
pub mod tree;
mod warn;

pub use error::{CompileError, ErrorKind};
use hognose_bytecode::Code;
use ruff_python_ast::Mod;
use ruff_python_parser::{Mode as ParseMode, ParseOptions, parse};
use std::rc::Rc;
use std::sync::Arc;
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
    /// For source written from a tree: the places its parts come from. Empty for all other source.
    pub marks: Arc<[tree::Mark]>,
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
    let depth = if options.marks.is_empty() { scan::check(source) } else { scan::depth(source) }?;
    with_stack(depth, || compile_here(source, options))
}

/// Why a tree does not compile.
#[derive(Clone, Debug)]
pub enum TreeError {
    /// It says what no source can: the text of a ValueError.
    Value(String),
    /// The compiler refuses it.
    Compile(CompileError),
}

/// Compiles a tree.
///
/// # Errors
/// See [`TreeError`].
pub fn compile_tree(tree: &tree::Tree, options: &Options) -> Result<Compiled, TreeError> {
    let written = tree::write(tree).map_err(TreeError::Value)?;
    let mut marks = written.marks;
    if marks.is_empty() {
        marks.push(tree::Mark { at: 0, line: 1, col: 0 });
    }
    let options = Options { marks: marks.into(), ..options.clone() };
    let lines = codegen::Lines::new(&written.text, &options.marks);
    compile_with_warnings(&written.text, &options).map_err(|mut e| {
        (e.line, e.col) = lines.original(e.line, e.col);
        (e.end_line, e.end_col) = (e.line, e.col as i32);
        e.text = None;
        TreeError::Compile(e)
    })
}

/// Parses a source; the tree is handed over on a stack that is deep enough for it.
fn with_parsed<T>(source: &str, options: &Options, f: impl FnOnce(&Mod) -> T) -> Result<T, CompileError> {
    if source.contains('\0') {
        return Err(CompileError::new(ErrorKind::Syntax, "source code string cannot contain null bytes"));
    }
    let depth = scan::check(source)?;
    with_stack(depth, || parse_here(source, options).map(|parsed| f(&parsed)))
}

/// Runs `f` here, or for deep sources on a stack of its own (taken only as far as it is used): the parser recurses.
fn with_stack<T>(depth: usize, f: impl FnOnce() -> Result<T, CompileError>) -> Result<T, CompileError> {
    if depth < scan::SHALLOW {
        return f();
    }
    let task = Sendable(f);
    std::thread::scope(|s| {
        let run = || {
            let task = task;
            let Sendable(f) = task;
            Sendable(f())
        };
        let stack = (2 << 20) + depth * STACK_PER_LEVEL;
        let spawned = std::thread::Builder::new().stack_size(stack).spawn_scoped(s, run);
        match spawned.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(Sendable(result))) => result,
            _ => Err(CompileError::new(ErrorKind::Memory, "source is too deep to compile")),
        }
    })
}

/// A task or its result on its way between threads, of which only one runs.
struct Sendable<T>(T);
#[allow(unsafe_code, reason = "moves a whole tree of Rc between threads")]
// SAFETY: the sending thread keeps no pointer into it: it waits, or has ended.
unsafe impl<T> Send for Sendable<T> {}

fn parse_here(source: &str, options: &Options) -> Result<Mod, CompileError> {
    let mode = if options.mode == Mode::Eval { ParseMode::Expression } else { ParseMode::Module };
    let parsed = parse(source, ParseOptions::from(mode)).map_err(|e| {
        diagnose::find(source, options.mode).unwrap_or_else(|| parse_error::from_parser(source, &e))
    })?;
    Ok(parsed.into_syntax())
}

fn compile_here(source: &str, options: &Options) -> Result<Compiled, CompileError> {
    let parsed = parse_here(source, options)?;
    let warner = warn::Warner::new(source, &options.filename);
    let (result, warnings) = match parsed {
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
