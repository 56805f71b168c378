//! Functions written byte by byte, planned and lifted.

use rcsim_uop::isa::{CodeView, Isa, LiftError};
use rcsim_uop::op::{Edge, Op, Pred, Stop, Width};
use rcsim_uop::reg::Reg;
use rcsim_uop::{Block, Port, build_block};

use super::encode::bytes::unsigned;
use super::isa::WasmIsa;
use super::plan::{Flow, PlanError};
use super::regs::{SP, WINDOW, WINDOW_SLOTS, window};

const BASE: u64 = 0x10_0000_0000;

/// Code without hooks; the instruction set has the bytes itself.
struct NoHooks;

impl CodeView for NoHooks {
    fn fetch(&self, _: u64, _: &mut [u8]) -> usize {
        0
    }

    fn hook(&self, _: u64) -> Option<u32> {
        None
    }
}

/// A module of one function from `i32` to `i32`, with one global, and with `i64` locals.
fn module(locals: u32, code: &[u8]) -> WasmIsa {
    let mut body = vec![1];
    unsigned(&mut body, u64::from(locals));
    body.push(0x7e);
    body.extend_from_slice(code);
    let mut section = vec![1];
    unsigned(&mut section, body.len() as u64);
    section.extend(body);
    let mut file = b"\0asm\x01\0\0\0\x01\x06\x01\x60\x01\x7f\x01\x7f\x03\x02\x01\0\x06\x06\x01\x7f\x01\x41\0\x0b\x0a".to_vec();
    unsigned(&mut file, section.len() as u64);
    file.extend(section);
    WasmIsa::new(BASE, &file).expect("the module is well-formed")
}

/// Address of a byte of the function's code.
fn at(isa: &WasmIsa, byte: u32) -> u64 {
    isa.space().file(isa.module().functions[0].entry + byte)
}

fn lift(isa: &WasmIsa, byte: u32) -> Block {
    build_block(isa, &NoHooks, at(isa, byte), usize::MAX).expect("the code can be lifted")
}

fn refused(isa: &WasmIsa) -> PlanError {
    isa.plan(&isa.module().functions[0]).expect_err("the function has no plan").clone()
}

fn slot(place: u16) -> Reg {
    window(place)
}

#[test]
fn operands_follow_the_locals() {
    // local.get 0; i32.const 5; i32.add; end, with one local beside the parameter.
    let block = lift(&module(1, &[0x20, 0, 0x41, 5, 0x6a, 0x0b]), 2);
    let expected = [
        Op::Const { dst: slot(3), value: 5 },
        Op::Add { width: Width::W32, dst: slot(2), a: slot(2), b: slot(3) },
        Op::WindowPop { src: slot(2) },
    ];
    assert_eq!(*block.ops, expected);
}

#[test]
fn the_first_operator_clears_the_declared_locals_and_no_other_does() {
    let isa = module(3, &[0x20, 0, 0x0b]);
    assert_eq!(lift(&isa, 0).ops[0], Op::VecZero { words: 3, dst: slot(1) });
    let loops = module(3, &[0x03, 0x40, 0x0c, 0, 0x0b, 0x20, 0, 0x0b]);
    assert_eq!(lift(&loops, 2).exits[0], at(&loops, 2), "a branch to a loop goes to what follows it");
}

#[test]
fn a_negative_i32_is_kept_zero_extended() {
    let block = lift(&module(0, &[0x41, 0x7f, 0x0b]), 0);
    assert_eq!(block.ops[0], Op::Const { dst: slot(1), value: 0xffff_ffff });
}

#[test]
fn if_without_else_goes_past_its_end() {
    // local.get 0; if; nop; end; local.get 0; end
    let isa = module(0, &[0x20, 0, 0x04, 0x40, 0x01, 0x0b, 0x20, 0, 0x0b]);
    let block = lift(&isa, 2);
    assert_eq!(block.ops[0], Op::BranchCmpImm { pred: Pred::Ne, width: Width::W32, a: slot(1), imm: 0 });
    assert_eq!(*block.exits, [at(&isa, 4), at(&isa, 6)]);
}

#[test]
fn a_branch_carries_its_value_down_to_where_its_target_wants_it() {
    // block (result i32); i32.const 1; i32.const 2; br 0; end; end: the 2 moves over the 1.
    let isa = module(0, &[0x02, 0x7f, 0x41, 1, 0x41, 2, 0x0c, 0, 0x0b, 0x0b]);
    let block = lift(&isa, 6);
    assert_eq!(*block.ops, [Op::Copy { dst: slot(1), src: slot(2) }, Op::Goto { edge: Edge::Jump }]);
    assert_eq!(*block.exits, [at(&isa, 9)]);
}

#[test]
fn a_branch_to_the_outermost_label_is_a_return() {
    let isa = module(0, &[0x41, 1, 0x0c, 0, 0x0b]);
    let block = lift(&isa, 2);
    assert_eq!(*block.exits, [at(&isa, 4)]);
    assert_eq!(*lift(&isa, 4).ops, [Op::WindowPop { src: slot(1) }]);
}

#[test]
fn a_call_saves_what_the_caller_still_needs() {
    // i32.const 7; local.get 0; call 0; i32.add; end
    let isa = module(0, &[0x41, 7, 0x20, 0, 0x10, 0, 0x6a, 0x0b]);
    let block = lift(&isa, 4);
    let push = Op::WindowPush { first: WINDOW, count: 3, args_first: slot(2), args: 1, result: slot(2) };
    assert_eq!(*block.ops, [push, Op::Goto { edge: Edge::Call }]);
    assert_eq!(*block.exits, [at(&isa, 0), at(&isa, 6)], "the callee, and where it returns to");
}

#[test]
fn unreachable_stops_the_guest_where_it_stands() {
    let isa = module(0, &[0x00, 0x0b]);
    let block = lift(&isa, 0);
    assert_eq!((block.ops[0], block.exits[0]), (Op::Stop { why: Stop::Undefined, code: 0 }, at(&isa, 0)));
}

#[test]
fn code_that_no_path_reaches_has_no_height() {
    // unreachable; i32.add; end: validation lets it be, for nothing runs it.
    let isa = module(0, &[0x00, 0x6a, 0x0b]);
    let plan = isa.plan(&isa.module().functions[0]).expect("the function is valid");
    assert_eq!(plan.steps.iter().map(|step| step.height).collect::<Vec<_>>(), [Some(0), None, Some(1)]);
    assert_eq!(plan.steps[2].flow, Flow::Leave);
}

#[test]
fn an_operand_that_is_not_there_makes_a_function_invalid() {
    for code in [&[0x6a, 0x0b][..], &[0x0f, 0x0b], &[0x20, 9, 0x0b], &[0x23, 3, 0x0b], &[0x0c, 4, 0x0b], &[0x10, 2, 0x0b]]
    {
        assert!(matches!(refused(&module(0, code)), PlanError::Invalid { .. }), "{code:02x?}");
    }
}

#[test]
fn a_function_with_more_locals_than_slots_is_named_as_unsupported() {
    let isa = module(u32::from(WINDOW_SLOTS), &[0x20, 0, 0x0b]);
    assert!(matches!(refused(&isa), PlanError::Unsupported { .. }));
    match build_block(&isa, &NoHooks, at(&isa, 0), 1) {
        Err(LiftError::Unsupported { text, .. }) => assert!(text.contains("function 0"), "{text}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_declaration_of_billions_of_locals_takes_no_memory() {
    assert!(matches!(refused(&module(u32::MAX, &[0x20, 0, 0x0b])), PlanError::Unsupported { .. }));
}

#[test]
fn an_operator_beyond_go_is_named() {
    // memory.init
    let isa = module(0, &[0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 8, 0, 0, 0x20, 0, 0x0b]);
    match build_block(&isa, &NoHooks, at(&isa, 6), 1) {
        Err(LiftError::Unsupported { text, .. }) => assert_eq!(text, "memory.init"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn services_stand_where_go_pc_and_address_are_equal() {
    let (port, isa) = (&super::port::Wasm, module(0, &[0x20, 0, 0x0b]));
    let services: Vec<u64> = (0..4095).map_while(|number| port.service_address(number)).collect();
    assert_eq!(services.len(), 4095);
    assert!(services.iter().all(|at| port.go_pc(&isa, *at) == Some(*at) && port.machine_pc(&isa, *at) == Some(*at)));
    assert_eq!(port.service_address(4095), None);
}

#[test]
fn the_stack_pointer_is_the_first_global() {
    let block = lift(&module(0, &[0x23, 0, 0x0b]), 0);
    assert_eq!(block.ops[0], Op::Copy { dst: slot(1), src: SP });
    assert_eq!(module(0, &[0x0b]).regs().name(SP), "sp");
}
