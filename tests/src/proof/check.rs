//! One run of the checker on a real program's code.

use rcsim_diag::Code;
use rcsim_gc::{Checker, Finding, Mode};
use rcsim_go::run::run_with;
use rcsim_go::world::World;
use rcsim_workloads::Workload;
use rcsim_workloads::defects::Defects;

use super::GoProgram;
use super::judge::request;

/// What the checker finds when a workload runs on the program's own code, one line a finding; `known` defects are left
/// aside.
pub fn checked(program: &GoProgram, workload: &Workload, known: &Defects) -> Vec<String> {
    let place = format!("{} {}", program.label(), workload.name.value);
    let checker = Checker::new(Mode::AllPoints, u64::from(program.port().word().bytes));
    let (arch, epoch) = (program.port().goarch(), program.toolchain().release());
    let codes: Vec<u16> = known.codes(workload.call.word(), arch, epoch).map(Code::number).collect();
    match run_with(&request(program, workload), checker, |world| lines(world, &codes)) {
        Ok((report, lines)) => {
            let broken = (!report.passed).then(|| format!("ends otherwise: {:?}", report.end));
            lines.into_iter().chain(broken).map(|line| format!("{place}: {line}")).collect()
        }
        Err(error) => vec![format!("{place}: does not start: {error:?}")],
    }
}

fn lines(world: &World<'_, Checker>, known: &[u16]) -> Vec<String> {
    let findings = world.core.shadow.findings().into_iter();
    let news = findings.filter(|finding| !known.contains(&finding.rule.number()));
    news.map(|finding| line(world, &finding)).collect()
}

fn line(world: &World<'_, Checker>, finding: &Finding) -> String {
    let site = finding.site.pc.map_or_else(|| finding.site.place.clone(), |pc| world.code.place(pc));
    format!("RC{:04} {} ({site})", finding.rule.number(), finding.message)
}
