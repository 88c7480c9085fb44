//! Syntax trees in the shape of the module `ast`: what programs see of source, and can compile.
//!
//!   source ─► ruff's tree ─► from_source (statements), expressions, patterns ─► Tree ─► objects
//!   objects ─► Tree ─► write ─► source text and the places its parts come from ─► compiler
//!
//! A tree is plain data. Compiling one goes by way of text, in which every expression has brackets of its own: so the
//! compiler knows one input only, and each range of that text belongs to one node.

mod expressions;
mod from_source;
pub mod grammar;
mod patterns;
mod write;

pub use from_source::parse;
use hognose_bytecode::Const;
pub use write::{Mark, Written, write};

/// Where a node lies: lines from 1, columns in bytes of UTF-8 from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Place {
    /// First line.
    pub line: u32,
    /// First column.
    pub col: u32,
    /// Last line.
    pub end_line: u32,
    /// Column after the last byte.
    pub end_col: u32,
}

/// A part of a syntax tree.
#[derive(Clone, Debug)]
pub enum Tree {
    /// An optional part that is not there.
    None,
    /// An instance of a class of [`grammar::CLASSES`].
    Node(Box<Node>),
    /// A list of parts.
    List(Vec<Tree>),
    /// An identifier.
    Name(String),
    /// A number that is no constant of the program.
    Int(i64),
    /// The value of a constant.
    Const(Const),
}

/// A node with its fields in the order of the grammar.
#[derive(Clone, Debug)]
pub struct Node {
    /// Name of its class.
    pub class: &'static str,
    /// Its place, for classes that have one.
    pub place: Option<Place>,
    /// Its fields.
    pub fields: Vec<Tree>,
}

impl Tree {
    /// The node it is.
    pub fn node(&self) -> Option<&Node> {
        if let Tree::Node(n) = self { Some(n) } else { None }
    }

    /// Its elements, when it is a list.
    pub fn items(&self) -> &[Tree] {
        if let Tree::List(items) = self { items } else { &[] }
    }
}
