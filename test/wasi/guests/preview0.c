// Writes an object file as a compiler of 2019 would: holes first, then back with `lseek` to fill in what is known only
// later, with sizes asked of `fstat`. Declares the functions and records of wasi_unstable itself.
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
#define WASI(name) __attribute__((import_module("wasi_unstable"), import_name(#name)))
WASI(path_open) int path_open(int fd, int follow, const char *path, int length, int oflags, u64 rights, u64 inheriting, int flags, int *opened);
WASI(fd_write) int fd_write(int fd, const void *list, int count, u32 *written);
WASI(fd_seek) int fd_seek(int fd, long long offset, int whence, u64 *position);
WASI(fd_filestat_get) int fd_filestat_get(int fd, void *filestat);
WASI(fd_close) int fd_close(int fd);
WASI(proc_exit) _Noreturn void proc_exit(int code);

enum whence { CURRENT, END, START };
enum { CREATE = 1, TRUNCATE = 8, READ = 2, SEEK = 4, WRITE = 64, STAT = 1 << 21 };

struct filestat {
  u64 dev, ino;
  u8 filetype;
  u32 nlink;
  u64 size, atim, mtim, ctim;
};
_Static_assert(sizeof(struct filestat) == 56, "the record of preview 0");

static void check(int fine, int code) { if (!fine) proc_exit(code); }

static void put(int fd, const void *bytes, u32 length) {
  struct { const void *at; u32 length; } list = {bytes, length};
  u32 written;
  check(fd_write(fd, &list, 1, &written) == 0 && written == length, 1);
}

static u32 seek(int fd, long long offset, enum whence whence) {
  u64 position;
  check(fd_seek(fd, offset, whence, &position) == 0, 2);
  return position;
}

void _start(void) {
  int fd;
  check(path_open(3, 0, "out.o", 5, CREATE | TRUNCATE, READ | SEEK | WRITE | STAT, 0, 0, &fd) == 0, 3);
  static u32 table[100];
  u8 section[37];
  // The header is left open: its fields are known at the end.
  check(seek(fd, 12, START) == 12, 4);
  for (int n = 0; n < 100; n++) {
    table[n] = seek(fd, 0, CURRENT);
    for (u32 at = 0; at < sizeof section; at++) section[at] = 0xee;
    put(fd, section, sizeof section);
    // Written again, in place, once its content is there.
    check(seek(fd, -(long long)sizeof section, CURRENT) == table[n], 5);
    for (u32 at = 0; at < sizeof section; at++) section[at] = n + 1;
    put(fd, section, sizeof section);
  }
  struct filestat about;
  check(fd_filestat_get(fd, &about) == 0 && about.filetype == 4 && about.nlink == 1, 6);
  u32 end = seek(fd, 0, END);
  check(about.size == end, 7);
  put(fd, table, sizeof table);
  check(fd_filestat_get(fd, &about) == 0, 8);
  u32 header[3] = {0, about.size, end};
  u8 *magic = (u8 *)header;
  magic[0] = 0x7f, magic[1] = 'O', magic[2] = 'B', magic[3] = 'J';
  check(seek(fd, 0, START) == 0, 9);
  put(fd, header, sizeof header);
  check(fd_close(fd) == 0, 10);
  put(1, "written\n", 8);
  proc_exit(0);
}
