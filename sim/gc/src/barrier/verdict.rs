//! Whether a lacking barrier can be seen, and what hides it otherwise.

use super::history::{Happening, History};
use super::judge::{Judged, Lack};
use super::report::story;
use super::search::Found;
use crate::heap::ShadowHeap;

/// What the search says, in words.
pub(super) fn notes(
    judged: &Judged,
    fates: &[(usize, Found)],
    heap: &ShadowHeap,
    history: &History,
) -> Vec<String> {
    let mut notes: Vec<String> =
        fates.iter().map(|(object, found)| fate(judged, *object, found, heap, history)).collect();
    if fates.is_empty() {
        notes.push(nothing_to_lose(judged, heap));
    }
    if judged.lack == Lack::AfterStop {
        notes.push(format!("GC point {} is between the store and its barrier", judged.after + 1));
    }
    notes
}

fn nothing_to_lose(judged: &Judged, heap: &ShadowHeap) -> String {
    match heap.find(judged.net.change.old) {
        None => "masked: the word held no pointer before, so nothing was lost from sight".to_owned(),
        Some(old) => format!(
            "masked: #{} was in the word before, and was shaded by other barriers or made since the last point",
            heap.objects()[old].number
        ),
    }
}

fn fate(judged: &Judged, object: usize, found: &Found, heap: &ShadowHeap, history: &History) -> String {
    let number = heap.objects()[object].number;
    match found {
        Found::Lost(schedule) => {
            format!(
                "observable: {}; #{number} is not found although it is reachable then, and is freed",
                story(schedule)
            )
        }
        Found::Kept => {
            format!("masked: no schedule loses #{number}; {}", mask(judged, object as u32, heap, history))
        }
        Found::Unknown => {
            format!("no schedule that loses #{number} was found near by; the run is too long to try them all")
        }
    }
}

/// What else shows an object to the collector.
fn mask(judged: &Judged, object: u32, heap: &ShadowHeap, history: &History) -> String {
    let next = judged.after + 1;
    let Some(stop) = history.stops().get(next as usize) else {
        return "the collector cannot stop the goroutine before the run ends".to_owned();
    };
    let rooted = |stop: &super::history::StopPoint| stop.roots.iter().any(|(_, root)| *root == object);
    if rooted(stop) {
        let last = history
            .stops()
            .iter()
            .enumerate()
            .skip(next as usize)
            .take_while(|(_, stop)| rooted(stop))
            .last();
        let last = last.map_or(next as usize, |(number, _)| number);
        return format!("a root holds it too, from GC point {next} to {last}");
    }
    match holder(history, stop.at, object, judged.net.change.slot as u32) {
        Some(holder) => format!("#{} holds it too", heap.objects()[holder as usize].number),
        None => "nothing that is reachable holds it afterwards".to_owned(),
    }
}

/// An object that holds another in a word other than this one, after so many events.
fn holder(history: &History, events: usize, object: u32, except: u32) -> Option<u32> {
    let mut words = std::collections::BTreeMap::new();
    for happening in &history.events()[..events] {
        if let Happening::Stored { object: holder, slot, new } = *happening {
            words.insert(slot, (holder, new));
        }
    }
    let holds = words.iter().find(|(slot, (_, new))| **slot != except && *new == Some(object));
    holds.map(|(_, (holder, _))| *holder)
}
