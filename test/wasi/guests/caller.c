// A guest that makes the calls it is told to: its first argument is a script, a statement a line, and what comes of
// each statement is a line of its output. Without a C library, so that nothing but these calls crosses the counter.
// The imports are written here by hand from the interface definition: -DMODULE says of which snapshot.
//
//   path_open 3 1 "dir/file" 0 2 0 0 &0     a call; prints its errno
//   show 5 | u8 A | u16 A | u32 A | u64 A   prints the last piece's first bytes, or a number in memory
//   poke8 A N | poke32 A N | poke64 A N     writes to memory; prints nothing
//   times N                                 runs what follows N times
//
// Words: numbers; "text" with \xNN (address and length); #N, N zero bytes (the same); [ pieces ] (a list of buffers:
// its address and count); &N the address of slot N, *N the number there; % the last piece's address; E the end of memory.
typedef int i;
typedef long long I;
typedef unsigned char u8;
typedef unsigned int u32;

#define FUNCTIONS(X) \
  X(args_get, (i, i), (a[0], a[1])) \
  X(args_sizes_get, (i, i), (a[0], a[1])) \
  X(environ_get, (i, i), (a[0], a[1])) \
  X(environ_sizes_get, (i, i), (a[0], a[1])) \
  X(clock_res_get, (i, i), (a[0], a[1])) \
  X(clock_time_get, (i, I, i), (a[0], a[1], a[2])) \
  X(fd_advise, (i, I, I, i), (a[0], a[1], a[2], a[3])) \
  X(fd_allocate, (i, I, I), (a[0], a[1], a[2])) \
  X(fd_close, (i), (a[0])) \
  X(fd_datasync, (i), (a[0])) \
  X(fd_fdstat_get, (i, i), (a[0], a[1])) \
  X(fd_fdstat_set_flags, (i, i), (a[0], a[1])) \
  X(fd_fdstat_set_rights, (i, I, I), (a[0], a[1], a[2])) \
  X(fd_filestat_get, (i, i), (a[0], a[1])) \
  X(fd_filestat_set_size, (i, I), (a[0], a[1])) \
  X(fd_filestat_set_times, (i, I, I, i), (a[0], a[1], a[2], a[3])) \
  X(fd_pread, (i, i, i, I, i), (a[0], a[1], a[2], a[3], a[4])) \
  X(fd_prestat_get, (i, i), (a[0], a[1])) \
  X(fd_prestat_dir_name, (i, i, i), (a[0], a[1], a[2])) \
  X(fd_pwrite, (i, i, i, I, i), (a[0], a[1], a[2], a[3], a[4])) \
  X(fd_read, (i, i, i, i), (a[0], a[1], a[2], a[3])) \
  X(fd_readdir, (i, i, i, I, i), (a[0], a[1], a[2], a[3], a[4])) \
  X(fd_renumber, (i, i), (a[0], a[1])) \
  X(fd_seek, (i, I, i, i), (a[0], a[1], a[2], a[3])) \
  X(fd_sync, (i), (a[0])) \
  X(fd_tell, (i, i), (a[0], a[1])) \
  X(fd_write, (i, i, i, i), (a[0], a[1], a[2], a[3])) \
  X(path_create_directory, (i, i, i), (a[0], a[1], a[2])) \
  X(path_filestat_get, (i, i, i, i, i), (a[0], a[1], a[2], a[3], a[4])) \
  X(path_filestat_set_times, (i, i, i, i, I, I, i), (a[0], a[1], a[2], a[3], a[4], a[5], a[6])) \
  X(path_link, (i, i, i, i, i, i, i), (a[0], a[1], a[2], a[3], a[4], a[5], a[6])) \
  X(path_open, (i, i, i, i, i, I, I, i, i), (a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8])) \
  X(path_readlink, (i, i, i, i, i, i), (a[0], a[1], a[2], a[3], a[4], a[5])) \
  X(path_remove_directory, (i, i, i), (a[0], a[1], a[2])) \
  X(path_rename, (i, i, i, i, i, i), (a[0], a[1], a[2], a[3], a[4], a[5])) \
  X(path_symlink, (i, i, i, i, i), (a[0], a[1], a[2], a[3], a[4])) \
  X(path_unlink_file, (i, i, i), (a[0], a[1], a[2])) \
  X(poll_oneoff, (i, i, i, i), (a[0], a[1], a[2], a[3])) \
  X(proc_raise, (i), (a[0])) \
  X(random_get, (i, i), (a[0], a[1])) \
  X(sched_yield, (void), ()) \
  X(sock_recv, (i, i, i, i, i, i), (a[0], a[1], a[2], a[3], a[4], a[5])) \
  X(sock_send, (i, i, i, i, i), (a[0], a[1], a[2], a[3], a[4])) \
  X(sock_shutdown, (i, i), (a[0], a[1]))

#define IMPORT(name) __attribute__((import_module(MODULE), import_name(#name)))
#define DECLARE(name, types, values) IMPORT(name) i wasi_##name types;
FUNCTIONS(DECLARE)
#ifndef PREVIEW0
IMPORT(sock_accept) i wasi_sock_accept(i, i, i);
#endif
IMPORT(proc_exit) _Noreturn void wasi_proc_exit(i);

enum { MOST_ARGUMENTS = 16, SCRATCH = 1 << 18 };
static u8 scratch[SCRATCH] __attribute__((aligned(16)));
static I slots[16];
static u8 arguments[1 << 17];
static u32 pointers[4];
static u32 free_at, last_piece;
static const u8 *at;

static void fail(void) { __builtin_trap(); }

static void say(const u8 *bytes, u32 length) {
  u32 buffer[2] = {(u32)bytes, length};
  u32 done;
  if (wasi_fd_write(1, (i)buffer, 1, (i)&done) != 0) fail();
}

static void say_number(unsigned long long value) {
  u8 text[24];
  u32 start = sizeof text;
  text[--start] = '\n';
  do text[--start] = '0' + value % 10; while ((value /= 10) != 0);
  say(text + start, sizeof text - start);
}

static void say_bytes(const u8 *bytes, u32 length) {
  static u8 text[1 << 16];
  u32 used = 0;
  for (u32 n = 0; n < length && used + 8 < sizeof text; n++) {
    u8 byte = bytes[n];
    if (byte >= ' ' && byte < 127 && byte != '\\') {
      text[used++] = byte;
    } else {
      text[used++] = '\\';
      text[used++] = 'x';
      text[used++] = "0123456789abcdef"[byte >> 4];
      text[used++] = "0123456789abcdef"[byte & 15];
    }
  }
  text[used++] = '\n';
  say(text, used);
}

static u32 room(u32 length) {
  u32 start = (free_at + 7) & ~7u;
  if (start + length > SCRATCH) fail();
  free_at = start + length;
  return (u32)scratch + start;
}

static int digit(u8 c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

static I number(void) {
  int negative = *at == '-';
  if (negative) at++;
  I value = 0;
  int base = 10;
  if (at[0] == '0' && at[1] == 'x') { base = 16; at += 2; }
  if (digit(*at) < 0 || digit(*at) >= base) fail();
  for (; digit(*at) >= 0 && digit(*at) < base; at++) value = value * base + digit(*at);
  return negative ? -value : value;
}

static u32 piece_length;

static int piece(void) {
  if (*at == '#') {
    at++;
    piece_length = number();
    last_piece = room(piece_length);
    for (u32 n = 0; n < piece_length; n++) ((u8 *)last_piece)[n] = 0;
    return 1;
  }
  if (*at != '"') return 0;
  at++;
  u32 start = room(0);
  u8 *to = (u8 *)start;
  for (; *at != '"'; at++) {
    if (*at == 0) fail();
    if (*at == '\\') {
      *to++ = digit(at[2]) * 16 + digit(at[3]);
      at += 3;
    } else {
      *to++ = *at;
    }
  }
  at++;
  piece_length = (u32)to - start;
  room(piece_length);
  last_piece = start;
  return 1;
}

static void blanks(void) { while (*at == ' ') at++; }

static int words(I *a) {
  int count = 0;
  for (blanks(); *at != 0 && *at != '\n'; blanks()) {
    if (count + 2 > MOST_ARGUMENTS) fail();
    if (piece()) {
      a[count++] = last_piece;
      a[count++] = piece_length;
    } else if (*at == '[') {
      u32 list[32], length = 0;
      at++;
      for (blanks(); *at != ']'; blanks()) {
        if (!piece() || length == 32) fail();
        list[length++] = last_piece;
        list[length++] = piece_length;
      }
      at++;
      u32 start = room(length * 4);
      for (u32 n = 0; n < length; n++) ((u32 *)start)[n] = list[n];
      a[count++] = start;
      a[count++] = length / 2;
    } else if (*at == '&') {
      at++;
      a[count++] = (I)(u32)&slots[number()];
    } else if (*at == '*') {
      at++;
      a[count++] = *(u32 *)&slots[number()];
    } else if (*at == '%' || *at == 'E') {
      I base = *at == '%' ? last_piece : (I)__builtin_wasm_memory_size(0) << 16;
      at++;
      if (*at == '+') at++;
      a[count++] = *at == '-' || digit(*at) >= 0 ? base + number() : base;
    } else {
      a[count++] = number();
    }
  }
  return count;
}

static int same(const u8 *word, u32 length, const char *name) {
  for (u32 n = 0; n < length; n++) if (word[n] != (u8)name[n]) return 0;
  return name[length] == 0;
}

static int call(const u8 *word, u32 length, I *a) {
#define RUN(name, types, values) if (same(word, length, #name)) return wasi_##name values;
  FUNCTIONS(RUN)
#ifndef PREVIEW0
  if (same(word, length, "sock_accept")) return wasi_sock_accept(a[0], a[1], a[2]);
#endif
  if (same(word, length, "proc_exit")) wasi_proc_exit(a[0]);
  fail();
  return 0;
}

static void run(void) {
  const u8 *start = at;
  I left = 1;
  for (;;) {
    if (*at == 0) {
      if (--left == 0) return;
      at = start;
      free_at = 0;
    }
    const u8 *word = at;
    while (*at != ' ' && *at != '\n' && *at != 0) at++;
    u32 length = at - word;
    I a[MOST_ARGUMENTS] = {0};
    words(a);
    if (*at == '\n') at++;
    if (same(word, length, "times")) {
      left = a[0];
      start = at;
    } else if (same(word, length, "show")) say_bytes((u8 *)last_piece, a[0]);
    else if (same(word, length, "u8")) say_number(*(u8 *)(u32)a[0]);
    else if (same(word, length, "u16")) say_number(*(unsigned short *)(u32)a[0]);
    else if (same(word, length, "u32")) say_number(*(u32 *)(u32)a[0]);
    else if (same(word, length, "u64")) say_number(*(unsigned long long *)(u32)a[0]);
    else if (same(word, length, "poke8")) *(u8 *)(u32)a[0] = a[1];
    else if (same(word, length, "poke32")) *(u32 *)(u32)a[0] = a[1];
    else if (same(word, length, "poke64")) *(I *)(u32)a[0] = a[1];
    else say_number(call(word, length, a));
  }
}

void _start(void) {
  if (wasi_args_get((i)pointers, (i)arguments) != 0) fail();
  at = (u8 *)pointers[1];
  run();
}
