//! Types of native objects: which Rust payload goes with which definition.

use crate::{PyResult, Vm};

/// Makes them all. Those a program can name are added to `builtins`.
pub(super) fn register(vm: &mut Vm) -> PyResult<()> {
    macro_rules! native {
        ($($payload:ty => $def:expr;)*) => { $( vm.add_native_type::<$payload>(&$def)?; )* };
    }
    use super::*;
    native! {
        iterators::ListReverseIter => iterators::LIST_REVERSE_ITER;
        iterators::TupleIter => iterators::TUPLE_ITER;
        iterators::SequenceIter => iterators::SEQUENCE_ITER;
        iterators::CallableIter => iterators::CALLABLE_ITER;
        iterators::LongRangeIter => iterators::LONG_RANGE_ITER;
        set::SetIter => set::SET_ITER;
        dict::views::KeysView => dict::views::KEYS;
        dict::views::ValuesView => dict::views::VALUES;
        dict::views::ItemsView => dict::views::ITEMS;
        dict::iterators::DictIter<0> => dict::iterators::KEY_ITER;
        dict::iterators::DictIter<1> => dict::iterators::VALUE_ITER;
        dict::iterators::DictIter<2> => dict::iterators::ITEM_ITER;
        dict::iterators::DictIter<4> => dict::iterators::REVERSE_KEY_ITER;
        dict::iterators::DictIter<5> => dict::iterators::REVERSE_VALUE_ITER;
        dict::iterators::DictIter<6> => dict::iterators::REVERSE_ITEM_ITER;
        bytes::BytesIter => bytes::BYTES_ITER;
        bytes::ArrayIter => bytes::ARRAY_ITER;
        str::StrIter => str::ITER;
        str::AsciiIter => str::ASCII_ITER;
        typevars::TypeVar => typevars::TYPE_VAR;
        typevars::ParamSpec => typevars::PARAM_SPEC;
        typevars::TypeVarTuple => typevars::TYPE_VAR_TUPLE;
        template::Interpolation => template::INTERPOLATION;
        template::Template => template::TEMPLATE;
        template::TemplateIter => template::ITER_TYPE;
        alias::GenericAlias => alias::TYPE;
        alias::GenericAliasIter => alias::ITER_TYPE;
        alias::union::UnionType => alias::union::TYPE;
        typevars::TypeAliasType => typevars::TYPE_ALIAS_TYPE;
        typevars::ParamSpecArgs => typevars::ARGS_TYPE;
        typevars::ParamSpecKwargs => typevars::KWARGS_TYPE;
        typevars::NoDefault => typevars::NO_DEFAULT_TYPE;
        typevars::ConstEvaluator => typevars::CONST_EVALUATOR;
        locals_proxy::FrameLocalsProxy => locals_proxy::TYPE;
        crate::async_gen::AgenState => crate::async_gen::STATE_TYPE;
        crate::async_gen::ASend => crate::async_gen::ASEND_TYPE;
        crate::async_gen::AThrow => crate::async_gen::ATHROW_TYPE;
        crate::async_gen::CoroWrapper => crate::async_gen::COROUTINE_WRAPPER;
        crate::async_gen::AsyncGenValue => crate::async_gen::WRAPPED_TYPE;
        crate::builtins::AnextAwaitable => crate::builtins::ANEXT_TYPE;
    }
    if let Some(class) = vm.native_class::<template::Interpolation>() {
        template::finish_interpolation(vm, class)?;
    }
    vm.add_native_module("_typing", typevars::typing_module);
    vm.types.namespace = namespace::make_class(vm)?;
    vm.types.memoryview = vm.add_native_type::<memoryview::MemoryView>(&memoryview::TYPE)?;
    vm.types.mappingproxy = vm.add_native_type::<mappingproxy::MappingProxy>(&mappingproxy::TYPE)?;
    let exported = [
        vm.types.memoryview,
        vm.add_native_type::<iterators::Enumerate>(&iterators::ENUMERATE)?,
        vm.add_native_type::<iterators::Zip>(&iterators::ZIP)?,
        vm.add_native_type::<iterators::Map>(&iterators::MAP)?,
        vm.add_native_type::<iterators::Filter>(&iterators::FILTER)?,
        vm.add_native_type::<iterators::Reversed>(&iterators::REVERSED)?,
    ];
    for class in exported {
        vm.export(class)?;
    }
    Ok(())
}
