fn main() {
    let mut args = std::env::args().skip(1);
    let arch = args.next().unwrap();
    let epoch = rcsim_uop::Epoch::by_name(&args.next().unwrap()).unwrap();
    let image = args.next().unwrap();
    let bytes = (image != "-").then(|| std::fs::read(&image).unwrap());
    let port = rcsim_isa::port(&arch).unwrap();
    let (mut ok, mut bad) = (0, 0);
    for path in args {
        let text = std::fs::read_to_string(&path).unwrap();
        let source = rcsim_diag::Source::new(&path, text);
        let workload = rcsim_workloads::Workload::parse(&source).unwrap();
        let code = match &bytes {
            Some(b) => rcsim_go::run::CodeChoice::File(b),
            None => rcsim_go::run::CodeChoice::BuiltIn,
        };
        let request = rcsim_go::run::Request { workload: &workload, port, epoch, code, features: &[], move_stacks: std::env::var("MOVE").is_ok() };
        match rcsim_go::run::run(&request) {
            Ok(report) if report.passed => {
                ok += 1;
                if std::env::var("V").is_ok() {
                    println!("ok {path} {report:#?}");
                }
            }
            Ok(report) => {
                bad += 1;
                println!("FAIL {path}\n  end {:?}\n  want {}", report.end, report.expected);
            }
            Err(error) => {
                bad += 1;
                println!("ERR {path}: {error:?}");
            }
        }
    }
    println!("{ok} ok, {bad} bad");
}
