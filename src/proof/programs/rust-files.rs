// std::fs in the one directory the program was given, and errors by their kind.
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

fn main() -> io::Result<()> {
    let scratch = PathBuf::from(std::env::args().nth(1).expect("a directory"));
    let file = scratch.join("ünï.txt");
    fs::write(&file, "one\ntwo\nthree\n")?;
    println!("{} bytes, file {}", fs::metadata(&file)?.len(), fs::metadata(&file)?.is_file());
    OpenOptions::new().append(true).open(&file)?.write_all(b"four\n")?;
    for line in BufReader::new(File::open(&file)?).lines() {
        println!("line {}", line?);
    }

    let mut open = OpenOptions::new().read(true).write(true).open(&file)?;
    open.seek(SeekFrom::Start(4))?;
    open.write_all(b"TWO")?;
    println!("at {}", open.stream_position()?);
    open.seek(SeekFrom::End(-5))?;
    let mut rest = String::new();
    open.read_to_string(&mut rest)?;
    println!("rest {:?}", rest);
    open.set_len(7)?;
    println!("cut {:?}", fs::read_to_string(&file)?);

    fs::create_dir_all(scratch.join("deep/er/est"))?;
    fs::rename(&file, scratch.join("deep/moved.txt"))?;
    fs::copy(scratch.join("deep/moved.txt"), scratch.join("deep/copy.txt"))?;
    let mut names: Vec<String> = fs::read_dir(scratch.join("deep"))?
        .map(|entry| entry.map(|each| format!("{}{}", each.file_name().to_string_lossy(), if each.path().is_dir() { "/" } else { "" })))
        .collect::<Result<_, _>>()?;
    names.sort();
    println!("{:?}", names);

    println!("absent: {:?}", File::open(&file).map(|_| ()).map_err(|error| error.kind()));
    println!("there already: {:?}", OpenOptions::new().write(true).create_new(true).open(scratch.join("deep/copy.txt")).map(|_| ()).map_err(|error| error.kind()));
    println!("outside: {}", File::open("/etc/passwd").is_err() && File::open(scratch.join("../outside")).is_err());
    fs::remove_dir_all(scratch.join("deep"))?;
    println!("left: {}", fs::read_dir(&scratch)?.count());
    Ok(())
}
