//! Reading workloads: what is understood, and how mistakes are reported.

use rcsim_diag::{Colour, Source};
use rcsim_workloads::{ExpectedText, Workload};

fn read(text: &str) -> Workload {
    match Workload::parse(&Source::new("w.toml", text)) {
        Ok(workload) => workload,
        Err(errors) => panic!("{}", errors.render(Colour::Never)),
    }
}

#[test]
fn the_quickstart_comes_back_as_it_went_in() {
    let workload = read(include_str!("../quickstart.toml"));
    let arguments = workload.arguments(8).expect("small values");
    let text = "{next:#1=&{next:#2=&{next:#3=&{next:nil id:-2152535657050944081} id:7960286522194355700} \
                id:487617019471545679} id:-537132696929009172} #4=&{next:#5=&{next:#6=&{next:nil \
                id:1961750202426094747} id:6038094601263162090} id:3207296026000306913}";
    assert_eq!(workload.expected(&arguments), Ok(ExpectedText::AfterArguments(text.into())));
}
