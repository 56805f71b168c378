//! The services: functions outside the image's own code that rcsim performs itself.
//!
//! Each works on the guest's own memory, step by step, each step named. What a service does is what Go's function of that
//! name does as far as the machinery can tell; the Go-level code of `reflect` is here because its types live in the
//! workload.

mod barrier;
mod callee;
mod cgo_callback;
mod convert;
mod deferred;
mod finalizer;
mod made_results;
mod make_func;
mod marshal;
mod method_value;
pub(crate) mod objects;
mod reflectcall;
mod runtime;
mod stack_left;
mod stub_args;
mod value_call;

use rcsim_machine::Shadow;
use rcsim_uop::{Epoch, Guest};
use rcsim_workloads::gotype::TypeId;
use rcsim_workloads::value::Value;
use rcsim_workloads::{RuntimeCaller, Workload};

use crate::abi::CallAbi;
use crate::code::Source;
use crate::failure::Failure;
use crate::rules::ServiceFact;
use crate::world::{Hook, World};

pub use cgo_callback::call_from_c;
pub use deferred::run_deferred;
pub use finalizer::run_finalizer;
pub use make_func::call_made_func;
pub use marshal::{Target, Val, is_direct};
pub use method_value::call_method_value;
pub use objects::{descriptor, func_value};
pub use reflectcall::{bare_reflectcall, reserve_absent_in};
pub use value_call::value_call;

/// What a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// The return address of calls that services make: nothing runs there.
    HostReturn,
    /// The workload's callee.
    Callee,
    /// The function without parameters and results that a callee calls back.
    CalledBack,
    /// `reflect.Value.call`, called by a compiled callee.
    ValueCall,
    /// `reflect.callReflect`.
    CallReflect,
    /// `reflect.callMethod`.
    CallMethod,
    /// `runtime.reflectcallmove`.
    Reflectcallmove,
    /// `runtime.callwritebarrier`.
    Callwritebarrier,
    /// `reflect.moveMakeFuncArgPtrs`.
    MoveMakeFuncArgPtrs,
    /// `runtime.morestack` and its kin.
    Morestack,
    /// `runtime.mallocgc`.
    Mallocgc,
    /// `runtime.newobject`.
    Newobject,
    /// `runtime.makeslice`.
    Makeslice,
    /// `runtime.bulkBarrierPreWrite` and its kin: the collector's side of a bulk barrier.
    BulkBarrier,
    /// `runtime.wbBufFlush`: the collector's side of the barrier buffer.
    WbBufFlush,
    /// `runtime.GC`.
    Gc,
    /// `runtime.badreflectcall`: no trampoline is large enough.
    BadReflectcall,
    /// A function that starts a panic or a fatal error.
    Panic,
}

/// How a service's arguments come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookAbi {
    /// On the stack.
    Stack,
    /// In registers, where the epoch has them.
    Registers,
}

/// Why an epoch's runtime makes no such calls through `reflectcall`.
#[must_use]
pub fn absent_in(caller: RuntimeCaller, epoch: Epoch) -> Option<&'static str> {
    match caller {
        RuntimeCaller::Finalizer => None,
        RuntimeCaller::Defer => deferred::absent_in(epoch),
        RuntimeCaller::CgoCallback => cgo_callback::absent_in(epoch),
    }
}

/// How a service ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// As a function returns.
    Return,
    /// The prologue that called it runs again.
    Restart,
}

/// What the services need to know of the workload.
pub struct Plan<'w> {
    /// The workload.
    pub workload: &'w Workload,
    /// How compiled code passes the callee's arguments; with the receiver, for methods.
    pub callee_abi: CallAbi,
    /// How `reflect` of the epoch thinks that it does.
    pub reflect_abi: CallAbi,
    /// How compiled code calls a made function or method value: without a receiver.
    pub value_abi: CallAbi,
    /// How `reflect` of the epoch thinks that it does.
    pub reflect_value_abi: CallAbi,
    /// The image's compiled function that calls made functions and method values, with how its arguments go: the function
    /// value first.
    pub caller: Option<(u64, CallAbi)>,
    /// The function value that a callee calls back.
    pub callback_func: u64,
    /// The function value of the method behind a method value.
    pub method_func: u64,
    /// The receiver word of a method.
    pub receiver: u64,
    /// Bytes of the copy that it points to, when the receiver is no single pointer.
    pub receiver_copy_bytes: u64,
    /// What a made function returns, when it returns values of its own.
    pub returned: Vec<Value>,
    /// Type and address of each argument that the callee got, when nobody looks at its results.
    pub received: Vec<(TypeId, u64)>,
    /// Services that ran, in order of first use.
    pub used: Vec<Service>,
}

impl Service {
    /// The service for a symbol that a built-in image refers to.
    #[must_use]
    pub fn for_symbol(symbol: &str) -> Option<Self> {
        Some(match symbol {
            "runtime.reflectcallmove" => Self::Reflectcallmove,
            "runtime.callwritebarrier" => Self::Callwritebarrier,
            "reflect.moveMakeFuncArgPtrs" => Self::MoveMakeFuncArgPtrs,
            _ => return Self::replacing(symbol),
        })
    }

    /// The service that takes the place of a function of a file, if one does.
    #[must_use]
    pub fn replacing(name: &str) -> Option<Self> {
        Some(match name {
            "reflect.Value.call" => Self::ValueCall,
            "runtime.GC" => Self::Gc,
            "reflect.callReflect" => Self::CallReflect,
            "reflect.callMethod" => Self::CallMethod,
            "runtime.morestack" | "runtime.morestack_noctxt" | "runtime.morestackc" => Self::Morestack,
            "runtime.mallocgc" => Self::Mallocgc,
            "runtime.newobject" => Self::Newobject,
            "runtime.makeslice" => Self::Makeslice,
            "runtime.bulkBarrierPreWrite" | "runtime.bulkBarrierPreWriteSrcOnly" => Self::BulkBarrier,
            "runtime.wbBufFlush" => Self::WbBufFlush,
            "runtime.gopanic" | "runtime.throw" | "runtime.fatal" | "runtime.sigpanic" | "runtime.abort" => {
                Self::Panic
            }
            "runtime.badreflectcall" => Self::BadReflectcall,
            _ if is_sized_malloc(name) => Self::Mallocgc,
            _ if name.starts_with("runtime.panic") || name.starts_with("runtime.goPanic") => Self::Panic,
            _ => return None,
        })
    }

    /// Its name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HostReturn => "host return",
            Self::Callee => "callee",
            Self::CalledBack => "called back",
            Self::ValueCall => "reflect.Value.call",
            Self::CallReflect => "reflect.callReflect",
            Self::CallMethod => "reflect.callMethod",
            Self::Reflectcallmove => "runtime.reflectcallmove",
            Self::Callwritebarrier => "runtime.callwritebarrier",
            Self::MoveMakeFuncArgPtrs => "reflect.moveMakeFuncArgPtrs",
            Self::Morestack => "runtime.morestack",
            Self::Mallocgc => "runtime.mallocgc",
            Self::Newobject => "runtime.newobject",
            Self::Makeslice => "runtime.makeslice",
            Self::BulkBarrier => "runtime.bulkBarrierPreWrite",
            Self::WbBufFlush => "runtime.wbBufFlush",
            Self::Gc => "runtime.GC",
            Self::BadReflectcall => "runtime.badreflectcall",
            Self::Panic => "runtime.gopanic",
        }
    }
}

impl Service {
    /// Whether it is Go code that trampolines and stubs call with all arguments on the stack: no register survives it, and what
    /// a simulator leaves in them by chance must help nobody.
    const fn is_called_by_machinery(self) -> bool {
        matches!(
            self,
            Self::CallReflect
                | Self::CallMethod
                | Self::Reflectcallmove
                | Self::Callwritebarrier
                | Self::MoveMakeFuncArgPtrs
        )
    }
}

/// What the rules about frames must know of the service at a hook.
#[must_use]
pub fn fact<S: Shadow>(world: &World<'_, S>, hook: Hook) -> ServiceFact {
    let name = hook.service.name();
    let words = match hook.service {
        Service::Callee => {
            let abi = &world.plan.callee_abi;
            // What it was said to need, it may use.
            let room_bytes = abi.reserved_bytes().max(reflectcall::reserved_at_least(world));
            return ServiceFact { name, room_bytes, args_bytes: abi.stack_args_bytes };
        }
        Service::CallReflect | Service::CallMethod => stub_args::StubArgs::count(world.core.epoch),
        Service::Reflectcallmove => runtime::reflectcallmove_args(world.core.epoch),
        Service::MoveMakeFuncArgPtrs => 2,
        _ => 0,
    };
    let bytes = words * world.core.word_bytes();
    ServiceFact { name, room_bytes: bytes, args_bytes: bytes }
}

/// Run the service at a hook.
///
/// # Errors
/// Whatever ends the run in it.
pub fn dispatch<S: Shadow>(world: &mut World<'_, S>, hook: Hook) -> Result<After, Failure> {
    if !world.plan.used.contains(&hook.service) {
        world.plan.used.push(hook.service);
    }
    match hook.service {
        Service::HostReturn | Service::CalledBack => {}
        Service::Callee => callee::callee(world)?,
        Service::ValueCall => value_call::call_of_image(world, hook.abi)?,
        Service::CallReflect => make_func::call_reflect(world, hook.abi)?,
        Service::CallMethod => method_value::call_method(world, hook.abi)?,
        Service::Reflectcallmove => runtime::reflectcallmove(world, hook.abi)?,
        Service::Callwritebarrier => runtime::callwritebarrier(world, hook.abi)?,
        Service::MoveMakeFuncArgPtrs => runtime::move_make_func_arg_ptrs(world, hook.abi)?,
        Service::Morestack => {
            world.grow_for_prologue()?;
            return Ok(After::Restart);
        }
        Service::Mallocgc => runtime::mallocgc(world, hook.abi)?,
        Service::Newobject => runtime::newobject(world, hook.abi)?,
        Service::Makeslice => runtime::makeslice(world, hook.abi)?,
        // The collector is not marking, so there is nothing to shade.
        Service::BulkBarrier => barrier::pre_write(world, hook.abi)?,
        Service::WbBufFlush => world.flush_barrier_buffer()?,
        Service::Gc => world.core.act("runtime.GC"),
        Service::BadReflectcall => return Err(Failure::Panic { text: runtime::TOO_LARGE.to_owned() }),
        Service::Panic => return Err(runtime::panic(world, hook.abi)),
    }
    let built_in = matches!(world.code.source(), Source::BuiltIn { .. });
    if built_in && hook.abi == HookAbi::Stack && hook.service.is_called_by_machinery() {
        callee::clobber_registers(world);
    }
    Ok(After::Return)
}

/// Whether a function is `mallocgc` for one size class, such as `runtime.mallocgcTinySC2`: Go 1.26 and later call them
/// directly, with the same arguments.
fn is_sized_malloc(name: &str) -> bool {
    let class = name.strip_prefix("runtime.mallocgc").and_then(|rest| rest.rsplit_once("SC"));
    class.is_some_and(|(_, number)| !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit()))
}

/// Argument number `n` of a service all of whose arguments are words.
fn word_arg<S: Shadow>(world: &mut World<'_, S>, abi: HookAbi, n: usize) -> Result<u64, Failure> {
    match (abi, world.core.registers.ints.get(n)) {
        (HookAbi::Registers, Some(reg)) => Ok(world.core.cpu.reg(*reg)),
        _ => {
            let at = world.core.args_base_at_entry() + n as u64 * world.core.word_bytes();
            world.core.reads_argument_word(at);
            world.core.load_word(at)
        }
    }
}

/// Return one word from a service that has `args` words of arguments.
fn word_result<S: Shadow>(
    world: &mut World<'_, S>,
    abi: HookAbi,
    args: usize,
    value: u64,
) -> Result<(), Failure> {
    word_result_at(world, abi, args, 0, value)
}

/// Result number `n` of a service that has `args` words of arguments and whose results are all words.
fn word_result_at<S: Shadow>(
    world: &mut World<'_, S>,
    abi: HookAbi,
    args: usize,
    n: usize,
    value: u64,
) -> Result<(), Failure> {
    match (abi, world.core.registers.ints.get(n).copied()) {
        (HookAbi::Registers, Some(reg)) => {
            world.core.guest().set_reg(reg, value);
            Ok(())
        }
        _ => {
            let at = world.core.args_base_at_entry() + (args + n) as u64 * world.core.word_bytes();
            world.core.store_word(at, value)
        }
    }
}
