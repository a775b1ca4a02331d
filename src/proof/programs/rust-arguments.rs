// Arguments and environment, beyond ASCII.
use std::env;

fn main() {
    for (index, argument) in env::args().enumerate() {
        println!("argument {}: {:?}, {} bytes", index, argument, argument.len());
    }
    let mut variables: Vec<(String, String)> = env::vars().collect();
    variables.sort();
    for (name, value) in &variables {
        println!("{} = {:?}", name, value);
    }
    println!("absent: {:?}", env::var("ABSENT"));
    env::set_var("LATER", "set by the program");
    println!("later: {:?}", env::var("LATER"));
}
