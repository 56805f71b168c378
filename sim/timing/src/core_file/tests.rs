//! Mistakes in core files, each with its place.

use rcsim_diag::{Colour, Source};

use super::Core;

const COST_MODEL: &str = r#"name = "slow"
summary = "everything costs three cycles"
archs = ["abacus"]
kind = "cost-model"

[sources]
hand = "counted by hand"

[cost]
instruction = [1, "guess", "hand"]

[[op]]
CLASSES
latency = 3
trust = "measured"
source = "hand"
"#;

fn with_all_classes() -> String {
    let names: Vec<String> = crate::OpClass::ALL.iter().map(|class| format!("{:?}", class.name())).collect();
    COST_MODEL.replace("CLASSES", &format!("classes = [{}]", names.join(", ")))
}

fn mistakes(text: &str) -> String {
    match Core::parse(&Source::new("my.toml", text)) {
        Ok(core) => panic!("accepted: {core:?}"),
        Err(errors) => errors.render(Colour::Never),
    }
}

#[test]
fn a_small_core_is_read() {
    let core = Core::parse(&Source::new("my.toml", with_all_classes())).expect("no mistake");
    assert_eq!((core.name.as_str(), core.per_instruction), ("slow", 1));
    assert_eq!(core.cost(crate::OpClass::Load).latency, 3);
    assert_eq!(core.trust.of(super::Trust::Guess), 1);
    assert_eq!(core.trust.of(super::Trust::Measured), 1);
}

#[test]
fn a_class_without_a_cost_is_named() {
    let text = with_all_classes().replace(", \"fp-add\"", "");
    let report = mistakes(&text);
    assert!(
        report.contains("classes of operation without a cost") && report.contains("`fp-add`"),
        "{report}"
    );
}

#[test]
fn an_unknown_key_has_a_place_and_a_suggestion() {
    let report = mistakes(&with_all_classes().replace("summary", "sumary"));
    assert!(report.contains("my.toml:2:1") && report.contains("did you mean `summary`?"), "{report}");
}

#[test]
fn a_number_must_say_where_it_comes_from() {
    let report = mistakes(&with_all_classes().replace("[1, \"guess\", \"hand\"]", "1"));
    assert!(report.contains("my.toml:10:15") && report.contains("where its number comes from"), "{report}");
    let report = mistakes(&with_all_classes().replace("\"guess\", \"hand\"", "\"guess\", \"hnad\""));
    assert!(report.contains("unknown source `hnad`") && report.contains("did you mean `hand`?"), "{report}");
}

#[test]
fn a_class_has_one_cost() {
    let text = with_all_classes()
        + "\n[[op]]\nclasses = [\"alu\"]\nlatency = 1\ntrust = \"guess\"\nsource = \"hand\"\n";
    let report = mistakes(&text);
    assert!(report.contains("`alu` has two costs"), "{report}");
}

#[test]
fn a_processor_needs_ports_that_exist() {
    let text = with_all_classes().replace("cost-model", "in-order");
    assert!(mistakes(&text).contains("missing key `ports`"));
    let text = text
        .replace("kind =", "ports = [\"p0\", \"p1\"]\nkind =")
        .replace("latency = 3", "ports = \"p0 p2\"\nlatency = 3");
    let report = mistakes(&text);
    assert!(report.contains("unknown port `p2`") && report.contains("did you mean"), "{report}");
}

#[test]
fn text_that_is_no_toml_is_reported_in_its_place() {
    assert!(mistakes("name = \n").contains("my.toml:1:"));
}

#[test]
fn a_helper_may_move_bytes_and_an_operation_need_its_operands_late() {
    let helper = "\n[[op]]\nhelpers = [\"copy\"]\nlatency = 9\nbytes = 16\nlate = 2\ntrust = \"measured\"\nsource = \"hand\"\n";
    let core = Core::parse(&Source::new("my.toml", with_all_classes() + helper)).expect("no mistake");
    let (name, cost) = &core.helpers[0];
    assert_eq!((name.as_str(), cost.latency, cost.bytes, cost.late), ("copy", 9, 16, Some(2)));
    assert_eq!(core.cost(crate::OpClass::Alu).late, None);
    assert_eq!(core.trust.of(super::Trust::Measured), 4);
    let report = mistakes(&(with_all_classes() + &helper.replace("bytes = 16", "bytes = \"many\"")));
    assert!(report.contains("my.toml:") && report.contains("bytes"), "{report}");
}
