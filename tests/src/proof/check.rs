//! One run of the checker on a real program's code.

use rcsim_diag::Code;
use rcsim_gc::{Checker, Finding, Mode, Rule};
use rcsim_go::run::run_with;
use rcsim_go::world::World;
use rcsim_workloads::Workload;
use rcsim_workloads::defects::Defects;

use super::GoProgram;
use super::judge::request;

/// What the checker finds when a workload runs on the program's own code: one line for each thing that the workload does not
/// expect and that is no `known` defect, and the codes of the others.
pub fn checked(program: &GoProgram, workload: &Workload, known: &Defects) -> (Vec<String>, Vec<Rule>) {
    let place = format!("{} {}", program.label(), workload.name.value);
    let (arch, epoch) = (program.port().goarch(), program.toolchain().release());
    let wanted = workload.expect.findings.iter().filter(|finding| finding.applies(arch, epoch));
    let wanted = wanted.map(|finding| finding.code.value.number());
    let known = known.codes(workload.call.word(), arch, epoch).map(Code::number);
    let wanted: Vec<u16> = wanted.chain(known).collect();
    let checker = Checker::new(Mode::AllPoints, u64::from(program.port().word().bytes));
    match run_with(&request(program, workload), checker, found) {
        Ok((report, found)) => {
            let broken = (!report.passed).then(|| format!("ends otherwise: {:?}", report.end));
            let (known, new): (Vec<_>, Vec<_>) =
                found.into_iter().partition(|(rule, _)| wanted.contains(&rule.number()));
            let lines = new.into_iter().map(|(_, line)| line).chain(broken);
            let lines = lines.map(|line| format!("{place}: {line}")).collect();
            (lines, known.into_iter().map(|(rule, _)| rule).collect())
        }
        Err(error) => (vec![format!("{place}: does not start: {error:?}")], Vec::new()),
    }
}

fn found(world: &World<'_, Checker>) -> Vec<(Rule, String)> {
    world.core.shadow.findings().iter().map(|finding| (finding.rule, line(world, finding))).collect()
}

fn line(world: &World<'_, Checker>, finding: &Finding) -> String {
    let site = finding.site.pc.map_or_else(|| finding.site.place.clone(), |pc| world.code.place(pc));
    format!("RC{:04} {} ({site})", finding.rule.number(), finding.message)
}
