//! `Pattern.sub` and `subn`.

use super::found;
use super::pattern::this;
use super::template;
use crate::prelude::{Args, Owned, PyResult, Ref, ValueExt, Vm, as_str, payload, str_bytes};
use hognose_vm::{TextBuf, buffer};

/// What a match is replaced by.
enum Filter {
    Call(Owned),
    Literal(Owned),
    Template(Owned),
}

/// The result and the number of replacements.
pub(super) fn sub(vm: &mut Vm, a: &Args<'_>) -> PyResult<(Owned, usize)> {
    let p = this(vm, a.get(0))?;
    let most = match a.opt(3) {
        Some(r) => vm.ssize_arg(r)?,
        None => 0,
    };
    let filter = filter_of(vm, a.get(0), a.get(1))?;
    let s = p.subject(vm, a.get(2))?;
    let len = s.bytes().len();
    let mut f = p.finder(vm, &s, len)?;
    let mut out = TextBuf::new();
    let (mut last, mut at, mut advance, mut n) = (0usize, 0, false, 0usize);
    let mut known = (0, 0);
    // Number of the item in the list that is joined in the end, for messages.
    let mut item = 0;
    while (most == 0 || (n as isize) < most) && f.search(vm, at, advance)? {
        let (from, to) = f.span;
        if last < from {
            out.push(vm, &s.bytes()[last..from])?;
            item += 1;
        }
        match &filter {
            Filter::Literal(text) => {
                check_item(vm, text.as_ref(), s.is_str, item)?;
                template::push_text(vm, &mut out, text.as_ref())?;
            }
            Filter::Template(t) => {
                template::expand_into(vm, &mut out, t.as_ref(), &s, &|g| f.group(g))?;
            }
            Filter::Call(callable) => {
                known = (from, s.index(from, known));
                let m = found::new(vm, a.get(0), &s, &f, (0, s.len()), known)?;
                let r = vm.call(callable.as_ref(), &[m.as_ref()])?;
                if !r.as_ref().is_none() {
                    check_item(vm, r.as_ref(), s.is_str, item)?;
                    template::push_text(vm, &mut out, r.as_ref())?;
                    item += 1;
                }
            }
        }
        if !matches!(filter, Filter::Call(_)) {
            item += 1;
        }
        n += 1;
        advance = from == to;
        at = to;
        last = to;
    }
    if n == 0 {
        let whole = found::part(vm, &s, Some((0, len)))?;
        return Ok((whole, 0));
    }
    out.push(vm, &s.bytes()[last..])?;
    let text = if s.is_str { out.to_str(vm)? } else { out.to_bytes(vm)? };
    Ok((text, n))
}

fn filter_of(vm: &mut Vm, pattern: Ref<'_>, repl: Ref<'_>) -> PyResult<Filter> {
    if vm.class_of(repl).slots().call.is_some() {
        return Ok(Filter::Call(repl.owned()));
    }
    let plain = match as_str(repl) {
        Some(_) => !str_bytes(repl).contains(&b'\\'),
        None => {
            let copy = buffer::copy_of(vm, repl)?;
            copy.is_some_and(|b| !buffer::exact(b.as_ref()).contains(&b'\\'))
        }
    };
    if plain {
        return Ok(Filter::Literal(repl.owned()));
    }
    let t = template::compile(vm, pattern, repl)?;
    Ok(match template::literal_of(t.as_ref()) {
        Some(literal) => Filter::Literal(literal),
        None if payload::<template::Template>(t.as_ref()).is_some() => Filter::Template(t),
        None => Filter::Literal(t),
    })
}

/// Pieces are joined in the end, which tells what cannot be joined.
fn check_item(vm: &mut Vm, r: Ref<'_>, is_str: bool, item: usize) -> PyResult<()> {
    if is_str {
        if as_str(r).is_none() {
            let class = vm.type_name(r);
            return Err(vm.type_error(&format!("sequence item {item}: expected str instance, {class} found")));
        }
    } else if as_str(r).is_some() || buffer::copy_of(vm, r)?.is_none() {
        let class = vm.type_name(r);
        return Err(
            vm.type_error(&format!("sequence item {item}: expected a bytes-like object, {class} found"))
        );
    }
    Ok(())
}
