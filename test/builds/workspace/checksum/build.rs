fn main() {
    cc_convention::compile("src/adler.c", "adler");
}
