//! The attribute `memo` of picklers and unpicklers: a view with `clear`, `copy` and `__reduce__`, to which another view or
//! a dict can be assigned.

use super::bad_memo;
use super::{pickler::Pickler, unpickler::Unpickler};
use crate::prelude::{
    Args, NativeDef, Owned, PyResult, Ref, Trace, TypeDef, TypeFlags, Vm, none, payload, trace_fields,
};
use hognose_vm::DictRef;
use std::cell::RefCell;

/// What has a memo: a pickler or an unpickler.
pub(super) trait Keeper: Trace + 'static {
    type Memo: Default;
    /// With its article, for messages.
    const NAME: &str;
    fn memo(&self) -> &RefCell<Self::Memo>;
    fn copy_memo(&self, vm: &mut Vm) -> PyResult<Self::Memo>;
    /// Puts the contents into an empty dict.
    fn show_memo(&self, vm: &mut Vm, into: Ref<'_>) -> PyResult<()>;
    /// The reverse.
    fn read_memo(vm: &mut Vm, dict: DictRef<'_>) -> PyResult<Self::Memo>;
}

/// The pickler or unpickler an object is.
pub(super) fn keeper<'a, K: Keeper>(vm: &mut Vm, r: Ref<'a>) -> PyResult<&'a K> {
    payload::<K>(r).ok_or_else(|| vm.type_error(&format!("{} is required", K::NAME)))
}

/// The view of a memo.
pub(super) trait Proxy: Trace + Sized + 'static {
    type Of: Keeper;
    /// With its article, for messages.
    const NAME: &str;
    const METHODS: &'static [NativeDef] = &[
        NativeDef::method("clear", "$self, /", |vm, a| {
            let owner = owner::<Self>(vm, a)?;
            drop(keeper::<Self::Of>(vm, owner.as_ref())?.memo().take());
            Ok(none())
        }),
        NativeDef::method("copy", "$self, /", copy::<Self>),
        NativeDef::method("__reduce__", "$self, /", |vm, a| {
            let copy = copy::<Self>(vm, a)?;
            let args = vm.new_tuple(vec![copy])?;
            let class = vm.types().dict.owned();
            vm.new_pair(class, args)
        }),
    ];
    fn owner(&self) -> &Owned;
}

macro_rules! proxies {
    ($($name:ident, $article:literal of $of:ty;)*) => { $(
        /// Payload.
        pub(super) struct $name {
            pub(super) owner: Owned,
        }
        trace_fields!($name { owner });
        impl Proxy for $name {
            type Of = $of;
            const NAME: &str = concat!($article, " ", stringify!($name));
            fn owner(&self) -> &Owned {
                &self.owner
            }
        }
        impl $name {
            const TYPE: &TypeDef = &TypeDef {
                name: concat!("_pickle.", stringify!($name)),
                flags: TypeFlags::DISALLOW_INSTANTIATION,
                methods: <$name as Proxy>::METHODS,
                ..TypeDef::EMPTY
            };
        }
    )* };
}
proxies! {
    PicklerMemoProxy, "a" of Pickler;
    UnpicklerMemoProxy, "an" of Unpickler;
}

pub(super) fn register(vm: &mut Vm) -> PyResult<()> {
    let first = vm.add_native_type::<PicklerMemoProxy>(PicklerMemoProxy::TYPE)?;
    let second = vm.add_native_type::<UnpicklerMemoProxy>(UnpicklerMemoProxy::TYPE)?;
    let key = vm.intern("__hash__")?;
    for class in [first, second] {
        class.dict().set_str(vm.heap_mut(), key.as_ref(), none())?;
    }
    Ok(())
}

fn owner<P: Proxy>(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    match payload::<P>(a.get(0)) {
        Some(p) => Ok(p.owner().clone()),
        None => Err(vm.type_error(&format!("{} is required", P::NAME))),
    }
}

fn copy<P: Proxy>(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let owner = owner::<P>(vm, a)?;
    let keeper = keeper::<P::Of>(vm, owner.as_ref())?;
    let made = vm.new_dict()?;
    keeper.show_memo(vm, made.as_ref())?;
    Ok(made)
}

/// Assigns to `memo`.
pub(super) fn set_memo<P: Proxy>(vm: &mut Vm, r: Ref<'_>, value: Option<Ref<'_>>) -> PyResult<()> {
    let dict = value.and_then(DictRef::new).filter(|d| !d.is_set());
    let new = match (value.and_then(payload::<P>), dict) {
        (Some(other), _) => keeper::<P::Of>(vm, other.owner().as_ref())?.copy_memo(vm)?,
        (None, Some(dict)) => P::Of::read_memo(vm, dict)?,
        (None, None) => return Err(bad_memo(vm, P::NAME, value)),
    };
    drop(keeper::<P::Of>(vm, r)?.memo().replace(new));
    Ok(())
}
