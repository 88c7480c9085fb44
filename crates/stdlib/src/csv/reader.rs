//! Reading: a machine that sees one character after the other, and the end of each line.

use super::dialect::{self, Dialect, NONE, NONNUMERIC, NOTNULL, STRINGS};
use super::{Limit, error, first};
use crate::prelude::{
    Args, GetSetDef, ListRef, Owned, PyResult, Ref, Slots, TypeDef, TypeFlags, Vm, as_str, none, payload,
    trace_fields,
};
use hognose_vm::TextBuf;
use std::cell::Cell;

/// Payload of `_csv.reader`.
struct Reader {
    lines: Owned,
    dialect: Owned,
    line_num: Cell<u64>,
}
trace_fields!(Reader { lines, dialect });

static TYPE: TypeDef = TypeDef {
    name: "_csv.reader",
    doc: "CSV reader",
    flags: TypeFlags::DISALLOW_INSTANTIATION,
    slots: Slots { iter: Some(|_, r| Ok(r.owned())), next: Some(next), ..Slots::NONE },
    getset: &[
        GetSetDef::read("dialect", |vm, r| match payload::<Reader>(r) {
            Some(x) => Ok(x.dialect.clone()),
            None => Ok(vm.none()),
        }),
        GetSetDef::read("line_num", |vm, r| {
            let n = payload::<Reader>(r).map_or(0, |x| x.line_num.get());
            vm.new_int(n as i64)
        }),
    ],
    ..TypeDef::EMPTY
};

pub(super) fn register(vm: &mut Vm, module: Ref<'_>) -> PyResult<()> {
    let class = vm.add_native_type::<Reader>(&TYPE)?;
    vm.module_set(module, "Reader", class.owned())
}

/// `_csv.reader(iterable, /, dialect="excel", **fmtparams)`
pub(super) fn make(vm: &mut Vm, a: &Args<'_>) -> PyResult {
    let lines = first(vm, a.pos, "reader")?;
    let lines = vm.iter(lines)?;
    let dialect = dialect::get(vm, a.pos.get(1).copied(), a.kwnames, a.kwvalues)?;
    vm.new_native(Reader { lines, dialect, line_num: Cell::new(0) })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    StartRecord,
    StartField,
    Escaped,
    AfterEscapedLineEnd,
    InField,
    InQuoted,
    EscapedInQuoted,
    QuoteInQuoted,
    EatLineEnd,
}

/// The end of a line.
const EOL: u32 = u32::MAX;

struct Machine<'a> {
    d: &'a Dialect,
    state: State,
    field: TextBuf,
    chars: isize,
    limit: isize,
    unquoted: bool,
    row: Owned,
}

fn next(vm: &mut Vm, r: Ref<'_>) -> PyResult<Option<Owned>> {
    let Some(reader) = payload::<Reader>(r) else { return Ok(None) };
    let d = dialect::this(vm, reader.dialect.as_ref())?;
    let limit = vm.state::<Limit>().0;
    let row = vm.new_list(Vec::new())?;
    let mut m =
        Machine { d, state: State::StartRecord, field: TextBuf::new(), chars: 0, limit, unquoted: true, row };
    loop {
        let Some(line) = vm.next(reader.lines.as_ref())? else {
            if m.chars != 0 || m.state == State::InQuoted {
                if d.strict {
                    return Err(error(vm, "unexpected end of data"));
                }
                m.save(vm)?;
                break;
            }
            return Ok(None);
        };
        let Some(text) = as_str(line.as_ref()) else {
            let class = vm.type_name(line.as_ref());
            let message = format!(
                "iterator should return strings, not {class} (the file should be opened in text mode)"
            );
            return Err(error(vm, &message));
        };
        reader.line_num.set(reader.line_num.get() + 1);
        for c in text.chars() {
            m.step(vm, c)?;
        }
        m.step(vm, EOL)?;
        if m.state == State::StartRecord {
            break;
        }
    }
    Ok(Some(m.row))
}

impl Machine<'_> {
    fn add(&mut self, vm: &mut Vm, c: u32) -> PyResult<()> {
        if self.chars >= self.limit {
            let limit = self.limit;
            return Err(error(vm, &format!("field larger than field limit ({limit})")));
        }
        self.chars += 1;
        self.field.push_char(vm, c)
    }

    fn save(&mut self, vm: &mut Vm) -> PyResult<()> {
        let quoting = self.d.quoting;
        let item = if self.unquoted && self.chars == 0 && (quoting == NOTNULL || quoting == STRINGS) {
            none()
        } else {
            let text = self.field.to_str(vm)?;
            if self.unquoted && self.chars != 0 && (quoting == NONNUMERIC || quoting == STRINGS) {
                let float = vm.types().float;
                vm.call(float.as_ref(), &[text.as_ref()])?
            } else {
                text
            }
        };
        self.field.truncate(0);
        self.chars = 0;
        if let Some(l) = ListRef::new(self.row.as_ref()) {
            l.push(vm.heap_mut(), item)?;
        }
        Ok(())
    }

    /// A field ends here, and the line with it.
    fn end_line(&mut self, vm: &mut Vm, c: u32) -> PyResult<()> {
        self.save(vm)?;
        self.state = if c == EOL { State::StartRecord } else { State::EatLineEnd };
        Ok(())
    }

    fn is_quote(&self, c: u32) -> bool {
        self.d.quote == Some(c) && self.d.quoting != NONE
    }

    fn step(&mut self, vm: &mut Vm, c: u32) -> PyResult<()> {
        let line_end = c == 10 || c == 13 || c == EOL;
        match self.state {
            State::StartRecord => {
                if c == EOL {
                    return Ok(());
                }
                if line_end {
                    self.state = State::EatLineEnd;
                    return Ok(());
                }
                self.state = State::StartField;
                self.start_field(vm, c)
            }
            State::StartField => self.start_field(vm, c),
            State::Escaped => {
                if c == 10 || c == 13 {
                    self.add(vm, c)?;
                    self.state = State::AfterEscapedLineEnd;
                    return Ok(());
                }
                self.add(vm, if c == EOL { 10 } else { c })?;
                self.state = State::InField;
                Ok(())
            }
            State::AfterEscapedLineEnd if c == EOL => Ok(()),
            State::AfterEscapedLineEnd | State::InField => self.in_field(vm, c),
            State::InQuoted => {
                if c == EOL {
                } else if Some(c) == self.d.escape {
                    self.state = State::EscapedInQuoted;
                } else if self.is_quote(c) {
                    self.state = if self.d.double_quote { State::QuoteInQuoted } else { State::InField };
                } else {
                    self.add(vm, c)?;
                }
                Ok(())
            }
            State::EscapedInQuoted => {
                self.add(vm, if c == EOL { 10 } else { c })?;
                self.state = State::InQuoted;
                Ok(())
            }
            State::QuoteInQuoted => self.after_quote(vm, c),
            State::EatLineEnd => {
                if c == EOL {
                    self.state = State::StartRecord;
                } else if !line_end {
                    return Err(error(
                        vm,
                        "new-line character seen in unquoted field - do you need to open the file with newline=''?",
                    ));
                }
                Ok(())
            }
        }
    }

    fn start_field(&mut self, vm: &mut Vm, c: u32) -> PyResult<()> {
        self.unquoted = true;
        if c == 10 || c == 13 || c == EOL {
            return self.end_line(vm, c);
        }
        if self.is_quote(c) {
            self.unquoted = false;
            self.state = State::InQuoted;
        } else if Some(c) == self.d.escape {
            self.state = State::Escaped;
        } else if c == 32 && self.d.skip_space {
        } else if c == self.d.delimiter {
            self.save(vm)?;
        } else {
            self.add(vm, c)?;
            self.state = State::InField;
        }
        Ok(())
    }

    fn in_field(&mut self, vm: &mut Vm, c: u32) -> PyResult<()> {
        self.state = State::InField;
        if c == 10 || c == 13 || c == EOL {
            return self.end_line(vm, c);
        }
        if Some(c) == self.d.escape {
            self.state = State::Escaped;
        } else if c == self.d.delimiter {
            self.save(vm)?;
            self.state = State::StartField;
        } else {
            self.add(vm, c)?;
        }
        Ok(())
    }

    fn after_quote(&mut self, vm: &mut Vm, c: u32) -> PyResult<()> {
        if self.is_quote(c) {
            self.add(vm, c)?;
            self.state = State::InQuoted;
        } else if c == self.d.delimiter {
            self.save(vm)?;
            self.state = State::StartField;
        } else if c == 10 || c == 13 || c == EOL {
            return self.end_line(vm, c);
        } else if !self.d.strict {
            self.add(vm, c)?;
            self.state = State::InField;
        } else {
            let shown = |c: u32| char::from_u32(c).unwrap_or('\u{fffd}');
            let (a, b) = (shown(self.d.delimiter), shown(self.d.quote.unwrap_or(34)));
            return Err(error(vm, &format!("'{a}' expected after '{b}'")));
        }
        Ok(())
    }
}
