//! `OSError`: the constructor picks the subclass that stands for the error number.

use super::{base, fields};
use crate::args::{Args, NativeDef};
use crate::class::TypeRef;
use crate::define::TypeDef;
use crate::exceptions::Exc;
use crate::type_slots::Slots;
use crate::{PyResult, Vm};
use hognose_object::tuple::TupleRef;
use hognose_object::{Layout, Ref, ValueExt, int, none};

/// `OSError`
pub static OS_ERROR: TypeDef = TypeDef {
    name: "OSError",
    layout: Layout::Exception,
    doc: "Base class for I/O related errors.",
    slots: Slots { new: Some(new), init: Some(init), str: Some(str), ..Slots::NONE },
    methods: &[NativeDef::method("__reduce__", "$self, /", reduce)],
    ..TypeDef::EMPTY
};

/// The class for an error number.
pub fn class_of_errno(errno: i32) -> Exc {
    match errno {
        libc::EAGAIN | libc::EALREADY | libc::EINPROGRESS => Exc::BlockingIOError,
        libc::EPIPE | libc::ESHUTDOWN => Exc::BrokenPipeError,
        libc::ECHILD => Exc::ChildProcessError,
        libc::ECONNABORTED => Exc::ConnectionAbortedError,
        libc::ECONNREFUSED => Exc::ConnectionRefusedError,
        libc::ECONNRESET => Exc::ConnectionResetError,
        libc::EEXIST => Exc::FileExistsError,
        libc::ENOENT => Exc::FileNotFoundError,
        libc::EISDIR => Exc::IsADirectoryError,
        libc::ENOTDIR => Exc::NotADirectoryError,
        libc::EINTR => Exc::InterruptedError,
        libc::EACCES | libc::EPERM => Exc::PermissionError,
        libc::ESRCH => Exc::ProcessLookupError,
        libc::ETIMEDOUT => Exc::TimeoutError,
        _ => Exc::OSError,
    }
}

/// Does `__init__` do the work? So it is when a subclass has its own `__init__` but not its own `__new__`.
fn uses_init(class: TypeRef<'_>) -> bool {
    let slots = class.slots();
    let own_init =
        slots.init.is_none_or(|f| !std::ptr::fn_addr_eq(f, init as fn(&mut Vm, &Args<'_>) -> PyResult<()>));
    let our_new =
        slots.new.is_some_and(|f| std::ptr::fn_addr_eq(f, new as fn(&mut Vm, &Args<'_>) -> PyResult));
    own_init && our_new
}

fn new(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let Some(class) = args.opt(0).and_then(TypeRef::new).filter(|c| c.layout() == Layout::Exception) else {
        return Err(vm.type_error("OSError.__new__(X): X is not a subtype of OSError"));
    };
    if uses_init(class) {
        return fields::alloc(vm, class).inspect(|exc| {
            fields::set(exc.as_ref(), fields::Field::Args, Some(vm.empty_tuple().owned()));
        });
    }
    base::no_keywords(vm, args)?;
    let rest = args.rest(1);
    let mut chosen = class;
    if class == vm.exc_class(Exc::OSError)
        && (2..=5).contains(&rest.len())
        && let Some(errno) = int::small_int_of(rest[0])
    {
        chosen = vm.exc_class(class_of_errno(i32::try_from(errno).unwrap_or(0)));
    }
    let exc = fields::alloc(vm, chosen)?;
    fill(vm, exc.as_ref(), rest)?;
    Ok(exc)
}

fn init(vm: &mut Vm, args: &Args<'_>) -> PyResult<()> {
    let class = vm.class_of(args.get(0));
    if !uses_init(class) {
        return Ok(());
    }
    base::no_keywords(vm, args)?;
    fill(vm, args.get(0), args.rest(1))
}

fn fill(vm: &mut Vm, exc: Ref<'_>, args: &[Ref<'_>]) -> PyResult<()> {
    let mut kept = args;
    if (2..=5).contains(&args.len()) {
        fields::store(vm, exc, "errno", args[0])?;
        fields::store(vm, exc, "strerror", args[1])?;
        if let Some(&filename) = args.get(2).filter(|f| !f.is_none()) {
            let blocking = vm.class_of(exc) == vm.exc_class(Exc::BlockingIOError);
            if blocking && vm.class_of(filename).slots().index.is_some() {
                let n = vm.index(filename)?;
                fields::store(vm, exc, "characters_written", n.as_ref())?;
            } else {
                fields::store(vm, exc, "filename", filename)?;
                if let Some(&second) = args.get(4).filter(|f| !f.is_none()) {
                    fields::store(vm, exc, "filename2", second)?;
                }
                kept = &args[..2];
            }
        }
    }
    fields::set_args(vm, exc, kept)
}

fn str(vm: &mut Vm, r: Ref<'_>) -> PyResult {
    let errno = fields::load(vm, r, "errno")?;
    let strerror = fields::load(vm, r, "strerror")?;
    let filename = fields::load(vm, r, "filename")?;
    if filename.is_none() && (errno.is_none() || strerror.is_none()) {
        return base::str(vm, r);
    }
    let (errno, strerror) = (errno.unwrap_or_else(none), strerror.unwrap_or_else(none));
    let mut out = b"[Errno ".to_vec();
    let text = vm.str(errno.as_ref())?;
    out.extend_from_slice(crate::text::str_bytes(text.as_ref()));
    out.extend_from_slice(b"] ");
    let text = vm.str(strerror.as_ref())?;
    out.extend_from_slice(crate::text::str_bytes(text.as_ref()));
    if let Some(filename) = filename {
        out.extend_from_slice(b": ");
        let text = vm.repr(filename.as_ref())?;
        out.extend_from_slice(crate::text::str_bytes(text.as_ref()));
        if let Some(second) = fields::load(vm, r, "filename2")? {
            out.extend_from_slice(b" -> ");
            let text = vm.repr(second.as_ref())?;
            out.extend_from_slice(crate::text::str_bytes(text.as_ref()));
        }
    }
    vm.new_str_bytes(&out)
}

fn reduce(vm: &mut Vm, args: &Args<'_>) -> PyResult {
    let exc = args.get(0);
    let mut exc_args = fields::args(vm, exc);
    let items = TupleRef::new(exc_args.as_ref())
        .map_or_else(Vec::new, |t| t.items().iter().map(|i| i.owned()).collect());
    if items.len() == 2
        && let Some(filename) = fields::load(vm, exc, "filename")?
    {
        let mut items = items;
        items.push(filename);
        if let Some(second) = fields::load(vm, exc, "filename2")? {
            items.push(none());
            items.push(second);
        }
        exc_args = vm.new_tuple(items)?;
    }
    base::reduce_with(vm, exc, exc_args, &[])
}
