//! RC0001 to RC0004 in words.

use super::event::Fault;
use super::history::History;
use super::judge::{Judged, Lack};
use super::protocol::Protocol;
use super::schedule::{Schedule, When};
use super::search::{Found, search};
use super::{BarrierFinding, verdict};
use crate::finding::{Event, Finding, Rule, Site};
use crate::heap::ShadowHeap;

/// Events that the search for schedules may look at in one run.
const SEARCH_BUDGET: u64 = 50_000_000;

/// A judged store with what the search says of it.
struct Searched<'a> {
    judged: &'a Judged,
    /// The objects that lack shading, and what becomes of each.
    fates: Vec<(usize, Found)>,
}

impl Searched<'_> {
    fn schedule(&self) -> Option<&Schedule> {
        self.fates.iter().find_map(|(_, found)| match found {
            Found::Lost(schedule) => Some(schedule),
            Found::Kept | Found::Unknown => None,
        })
    }
}

/// The findings about stores: one for each place, about the store that can do most harm.
pub(super) fn of_stores(
    judged: &[Judged],
    heap: &ShadowHeap,
    protocol: Protocol,
    history: &History,
) -> Vec<BarrierFinding> {
    let mut budget = SEARCH_BUDGET;
    let mut groups: Vec<Vec<Searched<'_>>> = Vec::new();
    for one in judged {
        let objects = one.old.into_iter().chain(one.new);
        let mut fate = |object| (object, search(history, protocol, object as u32, one.after, &mut budget));
        let searched = Searched { judged: one, fates: objects.map(&mut fate).collect() };
        match groups.iter_mut().find(|group| same_place(group[0].judged, one)) {
            Some(group) => group.push(searched),
            None => groups.push(vec![searched]),
        }
    }
    groups.iter().map(|group| of_group(group, heap, protocol, history)).collect()
}

fn same_place(one: &Judged, other: &Judged) -> bool {
    let site = |judged: &Judged| (judged.net.site.pc, judged.net.site.place.clone());
    rule(one.lack) == rule(other.lack) && site(one) == site(other)
}

const fn rule(lack: Lack) -> Rule {
    match lack {
        Lack::Missing => Rule::MissingBarrier,
        Lack::After | Lack::AfterStop => Rule::LateBarrier,
    }
}

fn of_group(
    group: &[Searched<'_>],
    heap: &ShadowHeap,
    protocol: Protocol,
    history: &History,
) -> BarrierFinding {
    let worst = group.iter().find(|one| one.schedule().is_some()).unwrap_or(&group[0]);
    let mut finding = of_store(worst, heap, protocol, history);
    if group.len() > 1 {
        let observable = group.iter().filter(|one| one.schedule().is_some()).count();
        let more = format!("{} stores here lack it, {observable} of them observably", group.len());
        finding.finding.notes.push(more);
    }
    finding
}

fn of_store(
    searched: &Searched<'_>,
    heap: &ShadowHeap,
    protocol: Protocol,
    history: &History,
) -> BarrierFinding {
    let Judged { lack, net, after, old, new } = searched.judged;
    let number = |index: usize| heap.objects()[index].number;
    let holder = number(net.change.object);
    let target = heap.find(net.change.new).map(number);
    let message = match (lack, new, old) {
        (Lack::After, ..) => format!("late write barrier: it runs after the store into #{holder}"),
        (Lack::AfterStop, ..) => {
            format!("late write barrier: the collector may run between the store into #{holder} and it")
        }
        (Lack::Missing, Some(new), _) => {
            format!("missing write barrier: #{} is stored into #{holder} unshaded", number(*new))
        }
        (Lack::Missing, None, Some(old)) => {
            format!("missing write barrier: #{} is overwritten in #{holder} unshaded", number(*old))
        }
        (Lack::Missing, None, None) => format!("missing write barrier: the store into #{holder}"),
    };
    let what = target.map_or("what is no object".to_owned(), |target| format!("#{target}"));
    let mut notes = vec![wants(protocol, *after)];
    notes.extend(verdict::notes(searched.judged, &searched.fates, heap, history));
    BarrierFinding {
        finding: Finding {
            rule: rule(*lack),
            message,
            site: net.site.clone(),
            remark: format!("stores {what} at offset {} of #{holder}", net.change.offset),
            events: births(heap, [Some(net.change.object), *old, *new]),
            notes,
            point: None,
        },
        schedule: searched.schedule().cloned(),
        objects: old.iter().chain(new).map(|index| number(*index)).collect(),
    }
}

/// What the protocol asks for.
fn wants(protocol: Protocol, after: u32) -> String {
    let what = match protocol {
        Protocol::None => "nothing",
        Protocol::Dijkstra => "the stored pointer shaded",
        Protocol::Hybrid => "the overwritten and the stored pointer shaded, before the store",
    };
    let next = after + 1;
    format!(
        "the {} barrier wants {what}, with no stop between; it is between GC points {after} and {next}",
        protocol.name()
    )
}

/// Where objects were made.
fn births(heap: &ShadowHeap, objects: [Option<usize>; 3]) -> Vec<Event> {
    let mut objects: Vec<usize> = objects.into_iter().flatten().collect();
    objects.sort_unstable();
    objects.dedup();
    let birth = |index: usize| {
        let object = &heap.objects()[index];
        Event {
            label: format!("#{} ({} bytes, {}) was allocated here", object.number, object.bytes, object.what),
            site: Site { pc: None, place: object.place.to_string(), step: object.step },
        }
    };
    objects.into_iter().map(birth).collect()
}

/// A schedule in words.
pub(super) fn story(schedule: &Schedule) -> String {
    let mut text = format!(
        "marking begins at GC point {}, the roots are scanned at point {}",
        schedule.start, schedule.roots
    );
    for scan in &schedule.scans {
        text += &match scan.when {
            When::Grey => format!(", #{} is scanned as soon as it is found", scan.object),
            When::After(events) => format!(", #{} is scanned after {events} heap events", scan.object),
        };
    }
    text + &format!(", marking ends at point {}", schedule.end)
}

/// A barrier that is wrong in itself.
pub(super) fn wrong_barrier(fault: &Fault, site: Site) -> BarrierFinding {
    let (rule, message, remark, note) = match fault {
        Fault::NotHeap { dst, bytes, undefined } => (
            Rule::MisplacedBarrier,
            match undefined {
                true => "write barrier on undefined memory that is no heap".to_owned(),
                false => "write barrier on memory that is no heap".to_owned(),
            },
            format!("a barrier over {bytes} bytes at {dst:#x}"),
            match undefined {
                true => "the collector is handed as an old pointer what nobody has ever written there".to_owned(),
                false => "words of the stack take no barriers: the collector scans them, and before the first store they may \
                          hold anything"
                    .to_owned(),
            },
        ),
        Fault::Beyond { object, offset, bytes, size } => (
            Rule::WrongBarrierRange,
            format!("write barrier range leaves object #{object}"),
            format!("a barrier over {bytes} bytes from offset {offset} of #{object}, which has {size} bytes"),
            "behind an object the heap's bitmap is that of another".to_owned(),
        ),
        Fault::Bitmap { object, offset, says_pointer } => (
            Rule::WrongBarrierRange,
            format!("write barrier with a bitmap that is not that of object #{object}"),
            format!("the word at offset {offset} of #{object}"),
            match says_pointer {
                true => "the barrier takes that word for a pointer, the object does not".to_owned(),
                false => "the object has a pointer in that word, and the barrier passes it over".to_owned(),
            },
        ),
        Fault::BitmapElsewhere { object, offset, of } => (
            Rule::WrongBarrierRange,
            format!("write barrier with the bitmap of another place than object #{object}"),
            format!("a barrier from offset {offset} of #{object} with the bitmap of {of:#x}"),
            "source and destination need not have the same pointer words".to_owned(),
        ),
    };
    let finding = Finding { rule, message, site, remark, events: Vec::new(), notes: vec![note], point: None };
    BarrierFinding { finding, schedule: None, objects: Vec::new() }
}
