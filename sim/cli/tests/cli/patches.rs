//! What a workload changes in the machinery is changed, or it is said why not.

use crate::cases;

#[test]
fn patches() {
    cases::check("patches.txt", |_| {}, cases::messages_only);
}
