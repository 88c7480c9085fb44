//! The module `_ast`: syntax trees as objects.
//!
//!   source ─► compiler's Tree ─► build.rs ─► nodes        compile(…, ONLY_AST), ast.parse
//!   nodes ─► read.rs ─► Tree ─► compiler ─► code          compile(tree, …)
//!
//! The classes are made from the compiler's grammar when the module is imported (base.py): programs that do not look
//! at trees pay nothing.

mod build;
mod read;

pub(crate) use read::constant_of;

use crate::class::TypeRef;
use crate::exceptions::Exc;
use crate::{PyResult, Vm};
use hognose_compiler::tree::{self, Tree, grammar};
use hognose_compiler::{Mode, Options, TreeError};
use hognose_object::{Owned, Ref};

/// Makes the module.
pub fn make(vm: &mut Vm) -> PyResult {
    let module = vm.import_source("_ast", "<frozen _ast>", include_str!("base.py"))?;
    let mut rows = Vec::new();
    for (name, base, doc) in grammar::CLASSES {
        let row = vec![vm.new_str(name)?, vm.new_str(base)?, vm.new_str(doc)?];
        rows.push(vm.new_tuple(row)?);
    }
    let rows = vm.new_list(rows)?;
    vm.call_method(module.as_ref(), "_build", &[rows.as_ref()])?;
    Ok(module)
}

impl Vm {
    /// The namespace of `_ast`.
    fn ast_names(&mut self) -> PyResult {
        let module = self.import_dotted("_ast")?;
        match self.module_dict(module.as_ref()) {
            Some(dict) => Ok(dict),
            None => Err(self.type_error("_ast is not a module")),
        }
    }

    /// Is it a node of a syntax tree? (Nothing is before the module is imported.)
    pub(crate) fn is_ast_node(&mut self, r: Ref<'_>) -> PyResult<bool> {
        let modules = self.modules.clone();
        if self.dict_get_name(modules.as_ref(), "_ast")?.is_none() {
            return Ok(false);
        }
        let names = self.ast_names()?;
        let Some(class) = self.dict_get_name(names.as_ref(), "AST")? else { return Ok(false) };
        Ok(TypeRef::new(class.as_ref()).is_some_and(|c| self.is_instance(r, c)))
    }

    /// `compile(source, …, ONLY_AST)`: the tree.
    pub(crate) fn parse_to_nodes(&mut self, source: &str, options: &Options) -> PyResult {
        match tree::parse(source, options) {
            Ok(tree) => self.tree_to_nodes(&tree),
            Err(e) => Err(self.raise_compile_error(&e, &options.filename)),
        }
    }

    fn tree_to_nodes(&mut self, tree: &Tree) -> PyResult {
        let names = self.ast_names()?;
        build::Builder::new(self, names)?.object(self, tree)
    }

    /// The tree once more, as new nodes: what `compile` gives for a tree when it is asked for one.
    pub(crate) fn copy_nodes(&mut self, root: Ref<'_>, mode: Mode) -> PyResult {
        let names = self.ast_names()?;
        let tree = read::Reader::new(self, names)?.root(self, root, root_class(mode))?;
        self.tree_to_nodes(&tree)
    }

    /// Code of a tree made of nodes.
    pub(crate) fn compile_nodes(&mut self, root: Ref<'_>, options: &Options) -> PyResult {
        let names = self.ast_names()?;
        let tree = read::Reader::new(self, names)?.root(self, root, root_class(options.mode))?;
        match hognose_compiler::compile_tree(&tree, options) {
            Ok((code, warnings)) => self.load_compiled(&code, &warnings, &options.filename),
            Err(TreeError::Value(message)) => Err(self.raise(Exc::ValueError, &message)),
            Err(TreeError::Compile(e)) => Err(self.raise_compile_error(&e, &options.filename)),
        }
    }
}

fn root_class(mode: Mode) -> &'static str {
    match mode {
        Mode::Module => "Module",
        Mode::Eval => "Expression",
        Mode::Single => "Interactive",
    }
}

/// The class `name` of the module.
fn class_named(vm: &mut Vm, names: &Owned, name: &str) -> PyResult {
    match vm.dict_get_name(names.as_ref(), name)? {
        Some(class) => Ok(class),
        None => Err(vm.raise(Exc::AttributeError, &format!("module '_ast' has no attribute '{name}'"))),
    }
}
