//! One small program for each mechanism of the cycle model, with what hardware does and who says so.
//!
//! Figures are cycles for one round of a loop, everything warm. Names of sources are those of the core files.

use rcsim_go::run::CodeChoice;
use rcsim_tests::timing::calls::{repeated, workload};
use rcsim_tests::timing::{Bench, DATA, core};
use rcsim_timing::Parts;
use rcsim_uop::Epoch;

/// Cycles for a round of a loop on amd64 that `r8` counts.
fn amd64(name: &str, body: &str, registers: &[(&str, u64)]) -> f64 {
    let text = format!("again:\n{body}\ndec %r8\njne again\n");
    Bench::new("amd64", &core(name), Parts::ALL, &text).per_round("r8", 2000, registers)
}

/// The same on arm64, counted by `x8`.
fn arm64(name: &str, body: &str, registers: &[(&str, u64)]) -> f64 {
    let text = format!("again:\n{body}\nsubs x8, x8, #1\nb.ne again\n");
    Bench::new("arm64", &core(name), Parts::ALL, &text).per_round("x8", 2000, registers)
}

fn assert_near(found: f64, expected: f64, what: &str) {
    assert!(
        (found - expected).abs() <= 0.02 * expected + 0.02,
        "{what}: {found} cycles a round, not {expected}"
    );
}

fn lines(line: &str, count: usize) -> String {
    vec![line; count].join("\n")
}

#[test]
fn a_chain_of_products_takes_three_cycles_each() {
    // uops.info: IMUL r64, r64, latency 3 on each.
    for name in ["golden-cove", "skylake", "zen4"] {
        assert_near(amd64(name, &lines("imul %rax, %rax", 20), &[]), 60.0, name);
    }
}

#[test]
fn independent_products_take_one_port() {
    // uops.info: IMUL r64, r64, one a cycle (p1; ALU1).
    let body =
        "imul %rax, %rbx\nimul %rax, %rcx\nimul %rax, %rdx\nimul %rax, %rsi\nimul %rax, %rdi\nimul %rax, %r9";
    for name in ["golden-cove", "skylake", "zen4"] {
        assert_near(amd64(name, body, &[]), 6.0, name);
    }
}

#[test]
fn a_chain_of_loads_takes_the_latency_of_the_first_level() {
    // Intel and AMD optimisation guides: 5 cycles from load to use on Golden Cove, 4 on Zen 4. The cell holds its own address.
    for (name, latency) in [("golden-cove", 5.0), ("zen4", 4.0), ("skylake", 5.0)] {
        let body = format!("mov %rax, (%rax)\nmfence\n{}", lines("mov (%rax), %rax", 40));
        let longer = format!("mov %rax, (%rax)\nmfence\n{}", lines("mov (%rax), %rax", 80));
        let at = [("rax", DATA)];
        let found = (amd64(name, &longer, &at) - amd64(name, &body, &at)) / 40.0;
        assert_near(found, latency, name);
    }
}

#[test]
fn a_load_takes_what_was_just_stored() {
    // uops.info on Golden Cove (memory renaming aside), Chips and Cheese on Zen 4: store and load of the same eight bytes.
    for (name, latency) in [("golden-cove", 5.0), ("zen4", 7.0)] {
        let found = amd64(name, "mov %rax, (%rsi)\nmov (%rsi), %rax\nimul %rax, %rax", &[("rsi", DATA)]);
        // The product, the store's data, and the forwarding.
        assert_near(found, latency + 3.0 + 1.0, name);
    }
}

#[test]
fn a_load_of_more_than_was_stored_waits_for_the_cache() {
    // Agner Fog, microarchitecture: failed forwarding costs 11 to 14 cycles more than forwarding.
    for name in ["golden-cove", "skylake", "zen4"] {
        let fits = amd64(name, "mov %eax, (%rsi)\nmov (%rsi), %eax\nimul %eax, %eax", &[("rsi", DATA)]);
        let fails = amd64(name, "mov %eax, (%rsi)\nmov (%rsi), %rax\nimul %eax, %eax", &[("rsi", DATA)]);
        assert!((8.0..25.0).contains(&(fails - fits)), "{name}: {fits} and {fails}");
    }
}

#[test]
fn stores_reach_the_cache_one_a_cycle() {
    // Optimisation guides: one store a cycle to memory that the first level holds, on Skylake.
    let body: String = (0..16).map(|n| format!("mov %rax, {}(%rsi)\n", 8 * n)).collect();
    assert_near(amd64("skylake", body.trim(), &[("rsi", DATA)]), 16.0, "skylake");
}

#[test]
fn loads_take_as_many_ports_as_there_are() {
    // Two load ports on Skylake, three on Golden Cove and Zen 4.
    let body: String = (0..30).map(|n| format!("mov {}(%rsi), %rax\n", 8 * n)).collect();
    for (name, cycles) in [("skylake", 15.0), ("golden-cove", 10.0), ("zen4", 10.0)] {
        assert_near(amd64(name, body.trim(), &[("rsi", DATA)]), cycles, name);
    }
}

#[test]
fn the_window_is_as_wide_as_it_is() {
    // Four, six and six operations a cycle; the loop's own pair is one of them.
    for (name, width) in [("skylake", 4.0), ("golden-cove", 6.0), ("zen4", 6.0)] {
        assert_near(amd64(name, &lines("nop", 23), &[]), 24.0 / width, name);
    }
}

#[test]
fn a_comparison_and_its_branch_are_one_operation() {
    // Six never-taken pairs, and the loop's own: seven operations where pairs fuse, fourteen where they do not.
    let body = lines("cmp %rax, %rax\njne again", 11);
    assert_near(amd64("golden-cove", &body, &[]), 6.0, "two branch ports for twelve branches");
    let unfused = lines("cmp x1, x1\nb.ne again", 7);
    assert_near(arm64("neoverse-n1", &unfused, &[]), 8.0, "one branch port for eight branches");
}

#[test]
fn moves_take_no_time_where_they_are_eliminated() {
    // Optimisation guides: MOV r64, r64 is performed at rename.
    let body = lines("mov %rax, %rbx\nmov %rbx, %rax", 5) + "\nimul %rax, %rax";
    for name in ["golden-cove", "skylake", "zen4"] {
        assert_near(amd64(name, &body, &[]), 3.0, name);
    }
    // Neoverse N1 moves in one cycle each.
    let body = lines("mov x2, x1\nmov x1, x2", 5) + "\nmul x1, x1, x1";
    assert_near(arm64("neoverse-n1", &body, &[]), 13.0, "neoverse-n1");
}

#[test]
fn an_in_order_core_starts_two_at_a_time_and_waits_for_operands() {
    // Cortex-A53: two simple operations a cycle, one load a cycle.
    // Fetching eight bytes a cycle, and the cycle that the taken branch leaves unused, are the limit of the pairs.
    assert_near(arm64("cortex-a53", &lines("add x1, x2, #1\nadd x3, x4, #1", 8), &[]), 10.0, "pairs");
    assert_near(arm64("cortex-a53", &lines("add x1, x1, #1", 16), &[]), 16.0, "a chain");
    assert_near(arm64("cortex-a53", &lines("ldr x1, [x2]", 16), &[("x2", DATA)]), 16.0, "loads");
}

#[test]
fn a_branch_that_nothing_predicts_costs_the_refill() {
    // A linear congruential generator decides; half of the branches are mispredicted. Agner Fog and the guides: about 13 to
    // 20 cycles each.
    let step = "imul $1103515245, %rax, %rax\nadd $12345, %rax\nmov %rax, %rbx\nshr $33, %rbx\n";
    let rare = format!("{step}test $0, %rbx\njne 1f\nnop\n1:");
    let random = format!("{step}test $1, %rbx\njne 1f\nnop\n1:");
    for name in ["golden-cove", "skylake", "zen4"] {
        let costs = 2.0 * (amd64(name, &random, &[("rax", 1)]) - amd64(name, &rare, &[("rax", 1)]));
        assert!((10.0..26.0).contains(&costs), "{name}: {costs} cycles a misprediction");
    }
}

#[test]
fn a_line_from_further_away_takes_longer() {
    // One load of each line over a range; each address depends on the value before, which is zero. Latencies of the levels
    // as the core files state them.
    let chase = "mov (%rsi,%rax), %rax\nadd $64, %rsi\nand $MASK, %rsi\nor $BASE, %rsi";
    let over = |bytes: u64| {
        let body = chase.replace("MASK", &format!("{:#x}", bytes - 1)).replace("BASE", &format!("{DATA:#x}"));
        amd64("skylake", &body, &[("rsi", DATA), ("rax", 0)])
    };
    let (first, second, third) = (over(16 << 10), over(128 << 10), over(4 << 20));
    assert!(first <= 6.0, "{first}");
    assert!(second > first && third > second, "{first}, {second}, {third}");
}

#[test]
fn a_count_of_zero_still_runs_microcode() {
    // The hardware of the project's own measurements: REP MOVSB with a count of zero takes tens of cycles.
    for name in ["golden-cove", "skylake", "zen4"] {
        let zero = amd64(name, "xor %ecx, %ecx\nrep movsb", &[("rsi", DATA), ("rdi", DATA + 65536)]);
        assert!((15.0..60.0).contains(&zero), "{name}: {zero}");
    }
}

#[test]
fn a_long_copy_runs_at_the_rate_of_the_fast_path() {
    let copy = |name: &str, bytes: u64| {
        let body = format!("mov $DATA, %esi\nmov ${:#x}, %edi\nmov ${bytes}, %ecx\nrep movsb", DATA + 65536)
            .replace("DATA", &format!("{DATA:#x}"));
        let text = format!("again:\n{body}\ndec %r8\njne again\n");
        Bench::new("amd64", &core(name), Parts::ALL, &text).per_round("r8", 10, &[])
    };
    for name in ["golden-cove", "skylake", "zen4"] {
        let per_byte = (copy(name, 8192) - copy(name, 4096)) / 4096.0;
        assert!((1.0 / 80.0..1.0 / 16.0).contains(&per_byte), "{name}: {per_byte}");
    }
}

#[test]
fn causes_sum_up_to_all_cycles_and_runs_repeat_to_the_cycle() {
    let text =
        "again:\nmov (%rsi), %rax\nimul %rax, %rbx\nmov %rbx, 8(%rsi)\nadd $72, %rsi\ndec %r8\njne again\n";
    let once = || {
        let mut bench = Bench::new("amd64", &core("zen4"), Parts::ALL, text);
        [1000, 1000].map(|rounds| bench.run(&[("rsi", DATA), ("r8", rounds)]))
    };
    let outcomes = once();
    for outcome in &outcomes {
        assert_eq!(outcome.tags.iter().map(|tag| tag.stack.total()).sum::<u64>(), outcome.cycles);
        assert_eq!(outcome.insns.iter().map(|insn| insn.cycles).sum::<u64>(), outcome.cycles);
    }
    assert_eq!(outcomes, once());
}

#[test]
fn a_load_at_the_offset_of_a_store_in_another_page_is_late() {
    // Intel's optimisation manual, 4-KByte aliasing: the load is issued again, about five cycles; Chips and Cheese: one on
    // Zen 4. The loads are a chain through a value that is zero.
    let body = |offset: u64| format!("mov %rbx, 64(%rsi)\nmov {offset}(%rsi,%rax), %rax");
    let round = |name: &str, offset| amd64(name, &body(offset), &[("rsi", DATA), ("rax", 0), ("rbx", 0)]);
    for (name, late) in [("skylake", 5.0), ("golden-cove", 5.0), ("zen4", 1.0)] {
        let found = round(name, 4096 + 64) - round(name, 4096 + 128);
        assert_near(found, late, name);
    }
}

#[test]
fn a_copy_takes_what_its_size_takes_on_the_hardware() {
    // Measured on an EPYC 9004 by itself, a chain through the count: all sizes below 128 bytes take the same, then 9 cycles more
    // and 32 bytes in each.
    let copy = |bytes: u64| {
        let body = format!("mov $DATA, %esi\nmov ${:#x}, %edi\nmov ${bytes}, %ecx\nrep movsb", DATA + 65536);
        let text = format!("again:\n{body}\ndec %r8\njne again\n").replace("DATA", &format!("{DATA:#x}"));
        Bench::new("amd64", &core("zen4"), Parts::ALL, &text).per_round("r8", 20, &[])
    };
    let small = copy(16);
    for (bytes, more) in
        [(1, 0.0), (127, 0.0), (128, 9.0 + 4.0), (256, 9.0 + 8.0), (1024, 9.0 + 32.0), (4096, 9.0 + 128.0)]
    {
        let found = copy(bytes) - small;
        assert!((found - more).abs() < 0.51, "{bytes} bytes: {found} cycles more than 16 bytes, not {more}");
    }
}

#[test]
fn a_pattern_is_learned_by_histories_and_not_by_counters() {
    // Seznec and Michaud, JILP 2006: a history longer than the pattern predicts all of it. Two-bit counters see a branch that
    // is taken every other time as one that cannot be told (Agner Fog, microarchitecture, chapter 3).
    let every_other = "xor $1, %rax\njne 1f\nnop\n1:";
    let text = format!("again:\n{every_other}\ndec %r8\njne again\n");
    let mut bench = Bench::new("amd64", &core("zen4"), Parts::ALL, &text);
    bench.run(&[("r8", 2000)]);
    let learned = bench.run(&[("r8", 2000)]).events.mispredicted;
    assert!(learned <= 4, "{learned} mispredicted");
    let text = "again:\nxor $2, $2, 1\nbnez $2, 1f\nnop\nnop\n1:\naddiu $8, $8, -1\nbnez $8, again\nnop\n";
    let mut bench = Bench::new("mipsle", &core("mips-24kc"), Parts::ALL, text);
    bench.run(&[("r8", 2000)]);
    let counted = bench.run(&[("r8", 2000)]).events.mispredicted;
    assert!(counted >= 900, "{counted} mispredicted");
}

#[test]
fn returns_are_predicted_as_deep_as_the_stack_is() {
    // A function that calls itself so often and then returns as often: the innermost returns are known. Depths as the vendors
    // state them: 32 on Zen 4, 16 on Skylake.
    let wrong = |name: &str, depth: u64| {
        let text = format!(
            "jmp start\ndown: dec %r9\nje 1f\ncall down\n1: ret\nstart:\nagain: mov ${depth}, %r9\ncall down\ndec %r8\njne again\n"
        );
        let mut bench = Bench::new("amd64", &core(name), Parts::ALL, &text);
        bench.run(&[("r8", 50)]);
        bench.run(&[("r8", 50)]).events.mispredicted
    };
    for (name, depth) in [("zen4", 32), ("skylake", 16)] {
        let (within, beyond) = (wrong(name, depth - 2), wrong(name, depth + 10));
        assert!(within < 10 && beyond >= 50 * 9, "{name}: {within} and {beyond} mispredicted");
    }
}

#[test]
fn a_move_of_storage_costs_by_the_byte() {
    // GNU MP measured 0.62 cycles for eight bytes of copies by 256 bytes on a z15: twenty cycles for 256 bytes, and by the width
    // of the cache's port sixteen of them are for the bytes.
    let copy = |bytes: u32| {
        let text = format!("again:\nmvc 0({bytes},%r1),0(%r2)\nbrctg %r8, again\n");
        Bench::new("s390x", &core("z14"), Parts::ALL, &text).per_round(
            "r8",
            2000,
            &[("r1", DATA), ("r2", DATA + 8192)],
        )
    };
    assert_near(copy(256), 20.0, "MVC of 256 bytes");
    assert_near(copy(256) - copy(16), 15.0, "240 bytes more");
}

#[test]
fn a_copy_of_linear_memory_costs_by_the_byte() {
    // `memory.copy` is a call of memmove, which moves a vector of 32 bytes a cycle.
    let port = rcsim_isa::port("wasm").expect("a port");
    for name in ["baseline-compiler", "interpreter"] {
        let call = |frame: u64| {
            let text = format!(
                "name = \"copy\"\ncall = \"reflectcall\"\nframe-bytes = {frame}\nret-offset = {frame}\ncallee = \"drop-args\"\n"
            );
            let code = CodeChoice::BuiltIn;
            repeated(&workload(&text), port, Epoch::Go127, code, &core(name), 1).1.cycles as f64
        };
        // Both are calls through the same trampoline.
        assert_near(call(64 << 10) - call(40 << 10), f64::from(24 << 10) / 32.0, name);
    }
}
