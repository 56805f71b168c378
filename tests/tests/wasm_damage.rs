//! Damaged WebAssembly modules are refused, or run into a trap; they never make rcsim panic, hang or take memory without
//! limit.

use rcsim_isa::wasm::{WasmIsa, go_pc, regs};
use rcsim_machine::{CodeCache, Cpu, Limits, Memory, NoObserver, NoShadow, Perms, run};
use rcsim_uop::port::Externs;
use rcsim_uop::{Epoch, build_block};

const BASE: u64 = 0x10_0000_0000;
const RETURN: u64 = 0x7000_0000_0000;
const SEED: u64 = 0x5eed_0fda_3a9e;
const DAMAGED: usize = 500;

struct Nowhere;

impl Externs for Nowhere {
    fn address(&mut self, _: &str) -> u64 {
        0x1_0000
    }
}

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

/// A built-in module, small and with everything that Go's modules have.
fn module() -> Vec<u8> {
    let port = rcsim_isa::port("wasm").expect("the port exists");
    port.builtin(Epoch::Go119, BASE, &mut Nowhere).expect("the epoch is described").bytes
}

/// Plan, lift and start every function.
fn exercise(file: &[u8]) {
    let Ok(isa) = WasmIsa::new(BASE, file) else { return };
    let mut mem = Memory::<NoShadow>::new(8, 1 << 22);
    mem.map(0, 1 << 20, Perms::DATA);
    mem.set_hook(RETURN, 0);
    for function in &isa.module().functions {
        let Ok(plan) = isa.plan(function) else { continue };
        for step in &plan.steps {
            let _ = build_block(&isa, &mem, isa.space().file(step.offset), 8);
        }
        let _ = go_pc::of(&isa, isa.space().file(plan.end - 1));
        let mut cpu = Cpu::at(isa.space().file(function.entry));
        cpu.push_window(regs::WINDOW, 3, &[(1, ()), (2, ()), (3, ())], regs::HOST_RESULT, RETURN);
        let limits = Limits { until_step: 2000 };
        run(&mut cpu, &mut mem, &mut CodeCache::new(), &isa, &mut NoShadow, &mut NoObserver, limits);
    }
}

#[test]
fn a_module_with_changed_bytes_does_no_harm() {
    println!("seed {SEED:#x}");
    let (module, mut numbers) = (module(), Numbers(SEED));
    for _ in 0..DAMAGED {
        let mut damaged = module.clone();
        for _ in 0..1 + numbers.below(4) {
            let at = numbers.below(damaged.len());
            damaged[at] = numbers.below(256) as u8;
        }
        exercise(&damaged);
    }
}

#[test]
fn a_module_that_is_cut_off_is_refused_or_does_no_harm() {
    let module = module();
    for len in (0..module.len()).step_by(31) {
        exercise(&module[..len]);
    }
}
