//! The tuple that `isocalendar` gives.

use super::text::number_tuple;
use crate::prelude::{NativeDef, Owned, PyResult, Slots, TupleRef, TypeDef, TypeRef, Vm, base_value, none};
use hognose_vm::Layout;
use hognose_vm::structseq::{self, StructSeqDef};

static DEF: StructSeqDef = StructSeqDef {
    class: TypeDef {
        name: "datetime.IsoCalendarDate",
        layout: Layout::Wrapped,
        doc: "The result of date.isocalendar() or datetime.isocalendar()\n\nThis object may be accessed either as a tuple of\n  ((year, week, weekday))\nor via the object attributes as named in the above tuple.",
        slots: Slots {
            new: Some(|vm, a| {
                let bound = vm.bind(a, "IsoCalendarDate", "year, week, weekday")?;
                let items: Vec<Owned> = bound.pos.iter().flatten().map(|r| r.owned()).collect();
                let class = class(vm)?;
                structseq::make(vm, class, &DEF, items)
            }),
            repr: Some(|vm, r| structseq::repr(vm, r, &DEF)),
            ..Slots::NONE
        },
        // The class has no public name: pickles see a tuple.
        methods: &[NativeDef::method("__reduce__", "$self, /", |vm, a| {
            let Some(t) = TupleRef::new(base_value(a.get(0))) else { return Ok(none()) };
            let plain = vm.new_tuple(t.items().iter().map(|x| x.owned()).collect())?;
            let args = vm.new_tuple(vec![plain])?;
            let class = vm.types().tuple.owned();
            vm.new_pair(class, args)
        })],
        getset: &[
            structseq::field::<0, 3>("year"),
            structseq::field::<1, 3>("week"),
            structseq::field::<2, 3>("weekday"),
        ],
        ..TypeDef::EMPTY
    },
    fields: &["year", "week", "weekday"],
    visible: 3,
};

/// The class, made with the module; built-in classes live as long as the machine.
#[derive(Default)]
struct Class(Option<TypeRef<'static>>);

fn class(vm: &mut Vm) -> PyResult<TypeRef<'static>> {
    if let Some(class) = vm.state::<Class>().0 {
        return Ok(class);
    }
    let class = structseq::make_class(vm, &DEF)?;
    vm.state::<Class>().0 = Some(class);
    Ok(class)
}

/// Year, week and day of the week.
pub(super) fn make(vm: &mut Vm, parts: [i64; 3]) -> PyResult {
    let items = number_tuple(vm, &parts)?;
    let items = vm.items_of(items.as_ref());
    let class = class(vm)?;
    structseq::make(vm, class, &DEF, items)
}
