//! What a workload changes in the machinery is changed, or it is said why not.

use std::fs;

use crate::cases;

#[test]
fn patches() {
    cases::check("patches.txt", |_| {}, cases::messages_only);
}

/// Runs a call of `func` that returns its arguments, with a patch; says how it ended and what was printed.
fn patched(title: &str, at: &str, func: &str, patch: &str) -> (Option<i32>, String) {
    let folder = cases::scratch(&format!("patched-{title}"));
    let types = "types = \"type Node struct { next *Node; id int }\"\n";
    let head = "name = \"x\"\ncall = \"value-call\"\ncallee = \"return-args\"\n";
    let text = format!("{head}{types}func = \"{func}\"\n[[patch]]\n{patch}\n");
    fs::write(folder.join("w.toml"), text).expect("a writable target folder");
    let (arch, epoch) = at.split_once(' ').expect("architecture and epoch");
    let words = ["run", "--arch", arch, "--epoch", epoch, "w.toml"];
    let output = cases::rcsim(&folder).args(words).output().expect("rcsim starts");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

fn is_found(code: &str, title: &str, at: &str, func: &str, patch: &str) {
    let (exit, text) = patched(title, at, func, patch);
    assert!(exit == Some(1) && text.contains(&format!("error[{code}]")), "{title}: {exit:?} {text}");
}

#[test]
fn a_copy_of_arguments_that_is_left_out_is_found() {
    let patch = "symbol = \"runtime.call32\"\nbytes = \"f3 a4\"\nwith = \"nop\"";
    is_found("RC0201", "copy", "amd64 go1.27", "func([2]int) [2]int", patch);
    let patch = patch.replace("nop", "skip");
    is_found("RC0201", "copy-skipped", "amd64 go1.27", "func([2]int) [2]int", &patch);
}

#[test]
fn a_changed_displacement_is_found_on_a_stack_machine() {
    let patch =
        "symbol = \"runtime.call32\"\ninstruction = \"i64.load32_u offset=64\"\nnth = 1\nwith = \"35 02 3c\"";
    is_found("RC0201", "wasm", "wasm go1.27", "func([2]int) [2]int", patch);
}

#[test]
fn a_step_that_is_left_out_is_found() {
    let patch = "step = \"reflect.Value.call: store an argument\"\nwith = \"skip\"";
    is_found("RC0201", "step", "amd64 go1.27", "func(int) int", patch);
}

#[test]
fn a_frame_pointer_that_is_not_set_is_found() {
    let patch = "symbol = \"runtime.call32\"\ninstruction = \"movq %rsp, %rbp\"\nwith = \"nop\"";
    is_found("RC0206", "chain", "amd64 go1.27", "func([2]int) [2]int", patch);
    // The same instruction, written otherwise, changes nothing.
    let same = "symbol = \"runtime.call32\"\ninstruction = \"movq %rsp, %rbp\"\nwith = \"48 8b ec\"";
    let (exit, text) = patched("chain-kept", "amd64 go1.27", "func([2]int) [2]int", same);
    assert_eq!(exit, Some(0), "{text}");
}

#[test]
fn a_table_that_states_another_frame_is_found() {
    let patch = "symbol = \"runtime.call32\"\nframe-bytes = 40";
    is_found("RC0206", "table", "arm64 go1.27", "func([2]int) [2]int", patch);
}

#[test]
fn a_deviation_is_found_where_the_epoch_is_free_of_it_and_a_fix_makes_it_silent() {
    let patch = "deviation = \"aggregate-arg-not-in-ptrs\"";
    is_found("RC0101", "deviation", "amd64 go1.27", "func(Node) Node", patch);
    let fix = "fix = \"aggregate-arg-not-in-ptrs\"";
    let (_, text) = patched("fix", "amd64 2020-e021531", "func(Node) Node", fix);
    assert!(!text.contains("RC0101"), "{text}");
}

/// A defect that is known and harmless does not explain that a run breaks off; one that is known to break runs off does.
#[test]
fn an_end_that_no_known_defect_explains_is_told() {
    let folder = cases::scratch("known-defect-and-no-end");
    let call =
        "name = \"x\"\ncall = \"value-call\"\nfunc = \"func([2]int) [2]int\"\ncallee = \"return-args\"\n";
    fs::write(folder.join("w.toml"), format!("{call}[limits]\nsteps = 30\n"))
        .expect("a writable target folder");
    let defect =
        "[[defect]]\ncode = \"RC0206\"\nepochs = [\"2018-e35a412\"]\nwhy = \"callN declares too little\"\n";
    let exit = |more: &str| {
        fs::write(folder.join("defects.toml"), format!("{defect}{more}")).expect("a writable target folder");
        let words = ["run", "--arch", "arm64", "--epoch", "2018-e35a412", "w.toml"];
        let output = cases::rcsim(&folder).args(words).output().expect("rcsim starts");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (unexplained, text) = exit("");
    assert!(unexplained == Some(1) && text.contains("30"), "{text}");
    let (explained, text) = exit("breaks-off = true\n");
    assert!(explained == Some(0) && text.contains("then the run broke off"), "{text}");
}
