// Collections, iterators, strings, traits, closures and shared ownership.
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, VecDeque};
use std::fmt;
use std::rc::{Rc, Weak};

trait Shape {
    fn area(&self) -> f64;
    fn name(&self) -> String { String::from("shape") }
}
struct Square(f64);
struct Circle { radius: f64 }
impl Shape for Square {
    fn area(&self) -> f64 { self.0 * self.0 }
    fn name(&self) -> String { format!("square of {}", self.0) }
}
impl Shape for Circle {
    fn area(&self) -> f64 { std::f64::consts::PI * self.radius.powi(2) }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Token { Number(i64), Word(String), End }

impl fmt::Display for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Token::Number(value) => write!(out, "#{}", value),
            Token::Word(word) => write!(out, "<{:>6}>", word),
            Token::End => out.write_str("."),
        }
    }
}

struct Node { name: &'static str, parent: RefCell<Weak<Node>>, children: RefCell<Vec<Rc<Node>>> }

fn compose<A, B, C>(first: impl Fn(A) -> B, second: impl Fn(B) -> C) -> impl Fn(A) -> C {
    move |value| second(first(value))
}

fn main() {
    let text = "the quick brown fox jumps over the lazy dog the end";
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for word in text.split(' ') { *counts.entry(word).or_default() += 1; }
    let mut sorted: Vec<_> = counts.iter().collect();
    sorted.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    println!("{:?}", &sorted[..3]);

    let many: HashMap<u64, u64> = (0..20_000).map(|n: u64| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15), n)).collect();
    println!("{} {}", many.len(), many.values().sum::<u64>());
    println!("{:?}", (1..=30).filter(|n| n % 3 == 0).map(|n| n * n).take_while(|n| *n < 500).collect::<BTreeSet<_>>());
    println!("{:?}", text.chars().rev().filter(|c| !c.is_whitespace()).step_by(7).collect::<String>());
    println!("{:?}", [3, 1, 2].iter().zip("abc".chars()).fold(String::new(), |all, (n, c)| all + &c.to_string().repeat(*n)));

    let mut heap: BinaryHeap<Token> = vec![Token::Word("b".into()), Token::Number(7), Token::End, Token::Number(-1)].into();
    while let Some(token) = heap.pop() { print!("{} ", token); }
    println!();
    let mut queue: VecDeque<i32> = (0..5).collect();
    queue.rotate_left(2);
    queue.push_front(9);
    println!("{:?} {:?}", queue, queue.iter().max());
    let map: BTreeMap<_, _> = [("b", 2), ("a", 1), ("c", 3)].into_iter().collect();
    println!("{:?} {:?}", map, map.range("b"..).next_back());

    let shapes: Vec<Box<dyn Shape>> = vec![Box::new(Square(1.5)), Box::new(Circle { radius: 2.0 })];
    for shape in &shapes { println!("{}: {:.4}", shape.name(), shape.area()); }

    let root = Rc::new(Node { name: "root", parent: RefCell::default(), children: RefCell::default() });
    let leaf = Rc::new(Node { name: "leaf", parent: RefCell::new(Rc::downgrade(&root)), children: RefCell::default() });
    root.children.borrow_mut().push(Rc::clone(&leaf));
    println!("{} {} {} {}", leaf.parent.borrow().upgrade().map_or("none", |node| node.name), Rc::strong_count(&leaf), root.children.borrow().len(), leaf.children.borrow().len());
    drop(root);
    println!("{}", leaf.parent.borrow().upgrade().is_none());

    let mut calls = 0;
    let mut count = || { calls += 1; calls };
    count();
    println!("{} {}", count(), compose(|n: i32| n + 1, |n| format!("<{}>", n))(41));
    let unique: HashSet<char> = "mississippi".chars().collect();
    println!("{} {:?}", unique.len(), "Straße ǅ".to_uppercase());
    println!("{:?}", "a=1;b=;=3".split(';').map(|pair| pair.split_once('=')).collect::<Vec<_>>());
    let mut words: Vec<&str> = text.split(' ').collect();
    words.sort_unstable();
    words.dedup();
    println!("{:?}", words.binary_search(&"fox"));
    println!("{:?}", String::from_utf8(vec![0x66, 0xff]).map_err(|error| error.utf8_error().valid_up_to()));
}
