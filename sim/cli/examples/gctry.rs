use rcsim_gc::{Checker, Mode};
fn main() {
    let mut args = std::env::args().skip(1);
    let arch = args.next().unwrap();
    let epoch = rcsim_uop::Epoch::by_name(&args.next().unwrap()).unwrap();
    let image = args.next().unwrap();
    let bytes = (image != "-").then(|| std::fs::read(&image).unwrap());
    let port = rcsim_isa::port(&arch).unwrap();
    let brute = std::env::var("BRUTE").is_ok();
    let (mut clean, mut found, mut points, mut agree, mut differ) = (0, 0, 0, 0, 0);
    for path in args {
        let text = std::fs::read_to_string(&path).unwrap();
        let source = rcsim_diag::Source::new(&path, text);
        let workload = rcsim_workloads::Workload::parse(&source).unwrap();
        let code = match &bytes { Some(b) => rcsim_go::run::CodeChoice::File(b), None => rcsim_go::run::CodeChoice::BuiltIn };
        let request = rcsim_go::run::Request { workload: &workload, port, epoch, code, features: &[], move_stacks: std::env::var("MOVE").is_ok() };
        let word = u64::from(port.word().bytes);
        let (report, checker) = rcsim_go::run::run_with(&request, Checker::new(Mode::AllPoints, word)).unwrap();
        points += checker.points();
        let hidden: Vec<_> = checker.hidden().collect();
        if !report.passed { println!("NOT PASSED {path} {:?}", report.end); }
        if hidden.is_empty() { clean += 1 } else { found += 1;
            println!("{path}: {} points", checker.points());
            for (o, c, u) in hidden.iter().take(3) { println!("   #{} {} ({} bytes, at {}) condemned at point {} {} (scanned {:?}) holders {:?}; used by {} at pc {:?} offset {}", o.number, o.what, o.bytes, o.place, c.point, c.place, c.scanned, c.holders, u.place, u.pc, u.offset); } }
        if brute {
            for n in 0..checker.points() {
                let (r2, _) = rcsim_go::run::run_with(&request, Checker::new(Mode::CollectAt(n), word)).unwrap();
                // object unreachable at n and used later <=> condemned.point <= n (as first) ; brute tells broken result
                let fast = checker.frees_too_early_at(n);
                if fast == (r2.end != report.end) { agree += 1 } else { differ += 1; println!("   differs {path} point {n}: fast {fast}, brute {:?}", r2.end); }
            }
        }
    }
    println!("{clean} clean, {found} with findings, {points} points; brute agree {agree} differ {differ}");
}
