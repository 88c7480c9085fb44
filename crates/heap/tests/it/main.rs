//! Tests of the heap through its public interface.
//!
//!   kit      layouts for tests, a small embedder            model    random operations against a simple model
//!   memory   blocks, runs, limits, purging                  gc       minors, majors, pacing
//!   death    order, finalizers, depth                       faults   every allocation fails once
mod cycle;
mod death;
mod faults;
mod gc;
mod kit;
mod memory;
mod model;
