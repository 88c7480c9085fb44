//! What is known of a program as a whole: runs of literals joined, the bytes a part can begin with, the literal a match
//! begins with.
//!
//! Everything here only saves time: a filter that accepts too much is as right as the exact one.

use super::program::{ALL, At, Filter, Inst, Program, accepts};
use hognose_vm::heap::{Heap, HeapVec, OutOfMemory};

/// How far a filter looks through instructions.
const DEPTH: usize = 40;

/// Completes a program.
pub(super) fn link(p: &mut Program, heap: &Heap) -> Result<(), OutOfMemory> {
    join_literals(p, heap)?;
    for i in 0..p.loops.len() {
        let l = p.loops[i];
        // What follows: for general loops whatever comes after the end.
        let simple = l.until == 0;
        let after = if simple { l.body } else { l.until + 1 };
        let mut next = [0; 4];
        if first(p, after as usize, &mut next, DEPTH) {
            let test = if simple { p.tests[l.what as usize].first } else { ALL };
            p.loops[i].next = add_filter(p, heap, next)?;
            p.loops[i].disjoint = test.iter().zip(&next).all(|(a, b)| a & b == 0);
        }
    }
    for i in 0..p.loops.len() {
        let (l, mut f) = (p.loops[i], [0; 4]);
        if l.until != 0 && first(p, l.body as usize, &mut f, DEPTH) {
            p.loops[i].enter = add_filter(p, heap, f)?;
        }
    }
    for i in 0..p.branches.len() {
        let mut f = [0; 4];
        if first(p, p.branches[i].0 as usize, &mut f, DEPTH) {
            p.branches[i].1 = add_filter(p, heap, f)?;
        }
    }
    let mut f = [0; 4];
    if first(p, 0, &mut f, DEPTH) {
        p.first = add_filter(p, heap, f)?;
    }
    let mut pc = 0;
    while let Inst::Mark(_) = p.insts[pc] {
        pc += 1;
    }
    match p.insts[pc] {
        Inst::Bytes(from, to) => p.prefix = (from, to),
        Inst::At(At::Beginning) => p.anchored = true,
        _ => {}
    }
    Ok(())
}

fn add_filter(p: &mut Program, heap: &Heap, f: Filter) -> Result<u32, OutOfMemory> {
    if let Some(i) = p.filters.iter().rev().take(8).position(|g| *g == f) {
        return Ok((p.filters.len() - 1 - i) as u32);
    }
    p.filters.push(heap, f)?;
    Ok(p.filters.len() as u32 - 1)
}

/// Neighbouring literals become one; nobody may jump into the middle.
fn join_literals(p: &mut Program, heap: &Heap) -> Result<(), OutOfMemory> {
    let n = p.insts.len();
    let mut target: HeapVec<bool> = HeapVec::new();
    for _ in 0..=n {
        target.push(heap, false)?;
    }
    let mut mark = |i: u32| target[i as usize] = true;
    for i in p.insts.iter() {
        match *i {
            Inst::Jump(t) | Inst::GroupExists(_, t) => mark(t),
            _ => {}
        }
    }
    p.loops.iter().for_each(|l| mark(l.body));
    p.branches.iter().for_each(|b| mark(b.0));
    p.nots.iter().for_each(|x| mark(x.next));
    // The last of a run takes the whole text; those before become jumps to it, which costs nothing when they are rare.
    let mut i = 0;
    while i < n {
        let Inst::Bytes(from, mut to) = p.insts[i] else {
            i += 1;
            continue;
        };
        let mut j = i + 1;
        while j < n
            && !target[j]
            && let Inst::Bytes(f, t) = p.insts[j]
            && f == to
        {
            to = t;
            j += 1;
        }
        p.insts[i] = match to - from {
            1 => Inst::Byte(p.text[from as usize]),
            _ => Inst::Bytes(from, to),
        };
        if j > i + 1 {
            // What was joined is stepped over.
            p.insts[i + 1] = Inst::Jump(j as u32);
        }
        i = j;
    }
    Ok(())
}

/// Adds the bytes with which a match from `pc` on can begin; `false`: it may match nothing, or cannot be told.
fn first(p: &Program, mut pc: usize, out: &mut Filter, depth: usize) -> bool {
    if depth == 0 {
        return false;
    }
    for _ in 0..DEPTH {
        match p.insts[pc] {
            Inst::Fail => return true,
            Inst::Byte(b) => {
                add(out, b);
                return true;
            }
            Inst::Bytes(from, _) => {
                add(out, p.text[from as usize]);
                return true;
            }
            Inst::Test(t) => {
                join(out, &p.tests[t as usize].first);
                return true;
            }
            // Beyond the end of an atomic group nothing may influence what is chosen inside.
            Inst::Mark(_) | Inst::AtomicStart(_) => pc += 1,
            Inst::At(at) if at != At::End && at != At::EndLine && at != At::EndString => pc += 1,
            Inst::Jump(t) => pc = t as usize,
            Inst::Branch(from, to) => {
                return (from..to).all(|b| first(p, p.branches[b as usize].0 as usize, out, depth / 2));
            }
            Inst::GroupExists(_, no) => {
                return first(p, pc + 1, out, depth / 2) && first(p, no as usize, out, depth / 2);
            }
            Inst::Greedy(n) | Inst::Lazy(n) | Inst::Possessive(n) => {
                let l = &p.loops[n as usize];
                join(out, &p.tests[l.what as usize].first);
                if l.min > 0 {
                    return true;
                }
                pc = l.body as usize;
            }
            Inst::Repeat(n) => {
                let l = &p.loops[n as usize];
                if l.min > 0 {
                    pc = l.body as usize;
                    continue;
                }
                return first(p, l.body as usize, out, depth / 2)
                    && first(p, l.until as usize + 1, out, depth / 2);
            }
            Inst::NotStart(n) => pc = p.nots[n as usize].next as usize,
            _ => return false,
        }
    }
    false
}

fn add(out: &mut Filter, b: u8) {
    out[usize::from(b >> 6)] |= 1 << (b & 63);
}

fn join(out: &mut Filter, f: &Filter) {
    out.iter_mut().zip(f).for_each(|(a, b)| *a |= b);
}

/// The bytes of a filter, if they are few.
pub(super) fn few(f: &Filter) -> Option<Vec<u8>> {
    let n: u32 = f.iter().map(|w| w.count_ones()).sum();
    (n <= 3).then(|| (0..=255).filter(|&b| accepts(f, b)).collect())
}
