//! The two renderings of one diagnostic, as whole texts.

use rcsim_diag::{Class, Code, Colour, Diagnostic, Diagnostics, Source, Span, Whose};

fn finding() -> Diagnostic {
    Diagnostic::finding(Code::new(101), "hidden pointer: object #12 is freed while the callee still reads it")
        .with_place("aggregate.toml, arm64, epoch 2020-e021531")
        .with_line("0x1040  ldr x3, [x1, #8]", "callee reads #12 at offset 8")
        .with_event("object #12 was allocated here", "step 14   workload: argument 0")
        .with_event("its last visible reference died here", "step 203  reflect.Value.call")
        .with_note("neither is a root")
        .with_whose(Whose::Image(Some("Go issue 49363".into())))
        .with_help("rcsim explain RC0101")
        .with_replay("rcsim run --arch arm64 --gc-at 57 aggregate.toml")
}

fn input_error() -> Diagnostic {
    let source = Source::new("w.toml", "name = \"x\"\ncal = \"make-func\"\n");
    Diagnostic::input("unknown key `cal`")
        .with_primary(&Span::new(&source, 11..14), "not a key of a workload")
        .with_secondary(&Span::new(&source, 7..10), "in this workload")
        .with_help("did you mean `call`?")
}

#[test]
fn a_finding_reads_as_a_history() {
    let expected = "\
error[RC0101]: hidden pointer: object #12 is freed while the callee still reads it
  --> aggregate.toml, arm64, epoch 2020-e021531
   |
   |  0x1040  ldr x3, [x1, #8]    callee reads #12 at offset 8
   |
note: object #12 was allocated here           step 14   workload: argument 0
note: its last visible reference died here    step 203  reflect.Value.call
note: neither is a root
  = whose: image (Go issue 49363)
  = help: rcsim explain RC0101
  = replay: rcsim run --arch arm64 --gc-at 57 aggregate.toml
";
    assert_eq!(finding().render(Colour::Never), expected);
}

#[test]
fn an_input_error_shows_the_place() {
    let expected = "\
error: unknown key `cal`
 --> w.toml:2:1
  |
1 | name = \"x\"
  |        --- in this workload
2 | cal = \"make-func\"
  | ^^^ not a key of a workload
  = help: did you mean `call`?
";
    assert_eq!(input_error().render(Colour::Never), expected);
}

#[test]
fn colour_appears_only_when_asked() {
    assert!(!finding().render(Colour::Never).contains('\u{1b}'));
    assert!(finding().render(Colour::Always).contains("\u{1b}["));
}

#[test]
fn control_characters_of_the_input_do_not_reach_the_terminal() {
    let source = Source::new("w.toml", "a = \"\u{1b}[2J\"\n");
    let text = Diagnostic::input("bad \u{1b}[2J")
        .with_primary(&Span::new(&source, 4..9), "\u{1b}[2J")
        .with_help("\u{7}")
        .render(Colour::Never);
    assert!(!text.contains(['\u{1b}', '\u{7}']), "{text:?}");
}

#[test]
fn json_says_the_same() {
    let json = serde_json::to_value(input_error()).expect("plain data");
    assert_eq!(json["class"], "input");
    assert_eq!(json["labels"][0]["file"], "w.toml");
    assert_eq!(json["labels"][0]["line"], 2);
    assert_eq!(json["labels"][0]["column"], 1);
    assert_eq!(json["help"][0], "did you mean `call`?");
    let json = serde_json::to_value(finding()).expect("plain data");
    assert_eq!(json["code"], "RC0101");
    assert_eq!(json["whose"]["image"], "Go issue 49363");
    assert_eq!(json["notes"][0]["at"], "step 14   workload: argument 0");
}

#[test]
fn a_list_is_an_error_only_when_it_holds_one() {
    assert_eq!(Diagnostics::new().into_result(7), Ok(7));
    let mut list = Diagnostics::from(input_error());
    list.push(Diagnostic::unsupported("generics"));
    assert_eq!(list.class(), Some(Class::Unsupported));
    assert_eq!(list.into_result(7).map_err(|errors| errors.len()), Err(2));
}
