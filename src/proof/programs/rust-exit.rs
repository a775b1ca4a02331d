// What main returns becomes the exit code, and what is dropped on the way is dropped.
struct Noisy(&'static str);

impl Drop for Noisy {
    fn drop(&mut self) {
        println!("dropped {}", self.0);
    }
}

fn fail(deep: u32) -> Result<u32, std::num::ParseIntError> {
    let _guard = Noisy("a guard");
    if deep == 0 { "12a".parse::<u32>() } else { fail(deep - 1) }
}

fn main() -> Result<(), String> {
    let _first = Noisy("the first");
    println!("parsed {:?}", "12".parse::<u32>());
    fail(1).map_err(|error| error.to_string())?;
    println!("never printed");
    Ok(())
}
