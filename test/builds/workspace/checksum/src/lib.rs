extern "C" {
    fn adler32(bytes: *const u8, count: usize) -> u32;
}

pub fn checksum(bytes: &[u8]) -> u32 {
    unsafe { adler32(bytes.as_ptr(), bytes.len()) }
}

#[cfg(test)]
mod tests {
    use super::checksum;

    #[test]
    fn of_nothing() {
        assert_eq!(checksum(b""), 1);
    }

    #[test]
    fn of_wikipedia() {
        assert_eq!(checksum(b"Wikipedia"), 0x11E60398);
    }

    #[test]
    fn of_this_file() {
        let text = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/src/lib.rs")).unwrap();
        assert_ne!(checksum(&text), checksum(&text[1..]));
    }
}
