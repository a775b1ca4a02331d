// The smallest Rust program: two output streams that do not mix, and text beyond ASCII.
fn main() {
    println!("hello from Rust");
    eprintln!("and hello from stderr");
    print!("naïve café, ");
    println!("日本語 {}", '🦊');
}
