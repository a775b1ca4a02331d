use std::{env, fs, process::exit};

fn main() {
    let mut faults = 0;
    for name in env::args().skip(1) {
        match fs::read(&name) {
            Ok(bytes) => println!("{:08x}  {name}", checksum::checksum(&bytes)),
            Err(error) => {
                eprintln!("{name}: {error}");
                faults += 1;
            }
        }
    }
    exit(faults);
}
