fn main() {
    println!("First wasi in Rust...");
}
