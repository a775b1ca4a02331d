// Clocks that go forward, and random keys that differ.
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash, Hasher};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

fn hash(state: &RandomState, value: &str) -> u64 {
    let mut hasher = state.build_hasher();
    value.hash(&mut hasher);
    hasher.finish()
}

fn main() {
    let start = Instant::now();
    std::thread::sleep(Duration::from_millis(3));
    println!("slept: {}", start.elapsed() >= Duration::from_millis(3));
    println!("after 2020: {}", SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() > 1_577_836_800);
    let (one, other) = (RandomState::new(), RandomState::new());
    println!("same key: {}", hash(&one, "a") == hash(&one, "a"));
    println!("other key: {}", hash(&one, "a") != hash(&other, "a"));
    println!("{:?} {:?}", Duration::from_millis(1_234_567), Duration::from_nanos(1_500));
}
