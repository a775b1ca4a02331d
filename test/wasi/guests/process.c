// What a program is told about itself and the world: arguments, environment, time, chance.
#include "check.h"
#include <poll.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long long ns(clockid_t clock) {
  struct timespec now;
  CHECK(clock_gettime(clock, &now) == 0);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int main(int argc, char **argv) {
  for (int i = 0; i < argc; i++) printf("argument %d: %s\n", i, argv[i]);
  for (char **variable = environ; *variable != NULL; variable++) printf("variable: %s\n", *variable);
  CHECK(getenv("HOME") == NULL);

  long long before = ns(CLOCK_MONOTONIC);
  struct timespec nap = {0, 20000000};
  CHECK(nanosleep(&nap, NULL) == 0);
  CHECK(ns(CLOCK_MONOTONIC) - before >= 20000000);
  before = ns(CLOCK_MONOTONIC);
  CHECK(poll(NULL, 0, 10) == 0 || errno == ENOTSUP || errno == EINVAL);
  CHECK(ns(CLOCK_REALTIME) > 1700000000LL * 1000000000LL);
  CHECK(time(NULL) > 1700000000);
  struct timespec step;
  CHECK(clock_getres(CLOCK_MONOTONIC, &step) == 0 && step.tv_sec == 0 && step.tv_nsec >= 1);

  unsigned char one[16] = {0}, two[16] = {0};
  CHECK(getentropy(one, sizeof one) == 0 && getentropy(two, sizeof two) == 0);
  CHECK(memcmp(one, two, sizeof one) != 0);

  struct pollfd waiting = {STDOUT_FILENO, POLLOUT, 0};
  CHECK(poll(&waiting, 1, 1000) == 1 && (waiting.revents & POLLOUT));
  waiting = (struct pollfd){77, POLLIN, 0};
  CHECK(poll(&waiting, 1, 1000) == 1 && waiting.revents == POLLNVAL);
  int code = summary();
  fflush(stdout);
  _Exit(code == 0 ? 42 : 1);
}
