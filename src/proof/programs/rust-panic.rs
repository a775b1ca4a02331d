// A panic: the hook is called with its place and message, nothing is unwound, and the program traps.
struct Noisy;

impl Drop for Noisy {
    fn drop(&mut self) {
        println!("never printed: wasm32 does not unwind");
    }
}

fn main() {
    std::panic::set_hook(Box::new(|info| {
        let message = info.payload().downcast_ref::<String>().map(String::as_str).unwrap_or("(no message)");
        let place = info.location().unwrap();
        eprintln!("panicked at {}:{}: {}", place.file(), place.line(), message);
    }));
    let _noisy = Noisy;
    let numbers = vec![1, 2, 3];
    println!("before");
    let index = std::env::args().count() + 9;
    println!("{}", numbers[index]);
    println!("never printed");
}
