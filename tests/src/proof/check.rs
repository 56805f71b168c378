//! One run of the checker on a real program's code.

use rcsim_gc::{Checker, Finding, Mode};
use rcsim_go::run::run_with;
use rcsim_go::world::World;
use rcsim_workloads::Workload;

use super::GoProgram;
use super::judge::request;

/// What the checker finds when a workload runs on the program's own code, one line a finding.
pub fn checked(program: &GoProgram, workload: &Workload) -> Vec<String> {
    let place = format!("{} {}", program.label(), workload.name.value);
    let checker = Checker::new(Mode::AllPoints, u64::from(program.port().word().bytes));
    match run_with(&request(program, workload), checker, lines) {
        Ok((report, lines)) => {
            let broken = (!report.passed).then(|| format!("ends otherwise: {:?}", report.end));
            lines.into_iter().chain(broken).map(|line| format!("{place}: {line}")).collect()
        }
        Err(error) => vec![format!("{place}: does not start: {error:?}")],
    }
}

fn lines(world: &World<'_, Checker>) -> Vec<String> {
    world.core.shadow.findings().iter().map(|finding| line(world, finding)).collect()
}

fn line(world: &World<'_, Checker>, finding: &Finding) -> String {
    let site = finding.site.pc.map_or_else(|| finding.site.place.clone(), |pc| world.code.place(pc));
    format!("RC{:04} {} ({site})", finding.rule.number(), finding.message)
}
