// Standard input as it comes from a terminal, a pipe or a file, and standard output whose reader leaves.
#include "check.h"
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

static char buffer[4096];

static void say(const char *text) {
  puts(text);
  fflush(stdout);
}

// The C library has no name for this clock any more; the interface has.
__attribute__((import_module("wasi_snapshot_preview1"), import_name("clock_time_get"))) int clock_time_get(int clock, long long precision, long long *time);

static long long cpu_ns(void) {
  long long used;
  CHECK(clock_time_get(2, 0, &used) == 0);
  return used;
}

/** Waits for input as long as it takes; the processor rests meanwhile. */
static int wait_for_input(int milliseconds) {
  struct pollfd one = {STDIN_FILENO, POLLIN, 0};
  long long before = cpu_ns();
  int count = poll(&one, 1, milliseconds);
  CHECK(cpu_ns() - before < 400000000);
  return count == 1 ? one.revents : 0;
}

static void conversation(int terminal) {
  CHECK(isatty(STDIN_FILENO) == terminal);
  CHECK(lseek(STDIN_FILENO, 0, SEEK_CUR) == -1 && errno == ESPIPE);
  CHECK(wait_for_input(0) == 0);
  CHECK(wait_for_input(30) == 0);
  // Without waiting, by the program's own choice: the descriptor, which others share, stays as it is.
  CHECK(fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK) == 0);
  FAILS(read(STDIN_FILENO, buffer, sizeof buffer), EAGAIN);
  CHECK(fcntl(STDIN_FILENO, F_SETFL, 0) == 0);
  say("ready");
  CHECK(wait_for_input(-1) == POLLIN);
  // Looking has taken nothing away, and a line may be read in parts.
  CHECK(wait_for_input(-1) == POLLIN);
  CHECK(read(STDIN_FILENO, buffer, 3) == 3 && memcmp(buffer, "hel", 3) == 0);
  CHECK(wait_for_input(-1) == POLLIN);
  CHECK(read(STDIN_FILENO, buffer, sizeof buffer) == 3 && memcmp(buffer, "lo\n", 3) == 0);
  CHECK(wait_for_input(0) == 0);
  say("more");
  long long before = cpu_ns();
  CHECK(read(STDIN_FILENO, buffer, sizeof buffer) == 7 && memcmp(buffer, "second\n", 7) == 0);
  CHECK(cpu_ns() - before < 400000000);
  say("end");
  CHECK(wait_for_input(-1) & POLLIN);
  CHECK(read(STDIN_FILENO, buffer, sizeof buffer) == 0);
}

static void file(void) {
  CHECK(!isatty(STDIN_FILENO));
  CHECK(wait_for_input(0) == POLLIN);
  CHECK(read(STDIN_FILENO, buffer, 5) == 5 && memcmp(buffer, "hello", 5) == 0);
  CHECK(lseek(STDIN_FILENO, 0, SEEK_CUR) == 5);
  CHECK(lseek(STDIN_FILENO, 1, SEEK_SET) == 1);
  CHECK(read(STDIN_FILENO, buffer, sizeof buffer) == 5 && memcmp(buffer, "ello\n", 5) == 0);
  CHECK(wait_for_input(0) == POLLIN);
  CHECK(read(STDIN_FILENO, buffer, sizeof buffer) == 0);
}

static void flood(void) {
  ssize_t put;
  while ((put = write(STDOUT_FILENO, buffer, sizeof buffer)) > 0) {}
  fprintf(stderr, "%s\n", put == -1 && errno == EPIPE ? "EPIPE" : strerror(errno));
  _Exit(3);
}

/** The reader takes nothing: what does not wait says so. */
static void full(void) {
  CHECK(fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK) == 0);
  long total = 0;
  ssize_t put;
  while ((put = write(STDOUT_FILENO, buffer, sizeof buffer)) > 0) total += put;
  fprintf(stderr, "%s after %s\n", put == -1 && errno == EAGAIN ? "EAGAIN" : strerror(errno), total >= 4096 ? "some" : "none");
  _Exit(4);
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  if (strcmp(what, "terminal") == 0) conversation(1);
  else if (strcmp(what, "pipe") == 0) conversation(0);
  else if (strcmp(what, "file") == 0) file();
  else if (strcmp(what, "full") == 0) full();
  else flood();
  return summary();
}
