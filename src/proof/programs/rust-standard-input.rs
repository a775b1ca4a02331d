// Standard input by line, by word, to its end.
use std::io::{self, BufRead, Read};

fn main() -> io::Result<()> {
    let stdin = io::stdin();
    let mut first = String::new();
    println!("{} bytes", stdin.lock().read_line(&mut first)?);
    println!("{:?}", first);
    let numbers: Vec<i64> = stdin.lock().lines().next().unwrap()?.split_whitespace().map(|word| word.parse().unwrap()).collect();
    println!("{:?} sum {}", numbers, numbers.iter().sum::<i64>());
    let mut rest = Vec::new();
    stdin.lock().read_to_end(&mut rest)?;
    println!("{:?}", String::from_utf8_lossy(&rest));
    println!("at the end: {}", stdin.lock().read(&mut [0; 8])?);
    Ok(())
}
