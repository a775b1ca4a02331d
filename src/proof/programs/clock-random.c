// Clocks that move forward and random bytes that differ. Only judgements are printed, so the output never varies.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static long long nanoseconds(clockid_t clock) {
  struct timespec now;
  if (clock_gettime(clock, &now) != 0) return -1;
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int main(void) {
  long long before = nanoseconds(CLOCK_MONOTONIC);
  int backwards = 0;
  for (int i = 0; i < 200; i++) {
    long long now = nanoseconds(CLOCK_MONOTONIC);
    backwards += now < before;
    before = now;
  }
  printf("monotonic steps backwards: %d\n", backwards);

  struct timespec pause = {0, 2000000};
  long long start = nanoseconds(CLOCK_MONOTONIC);
  printf("nanosleep %d\n", nanosleep(&pause, NULL));
  long long slept = nanoseconds(CLOCK_MONOTONIC) - start;
  printf("slept at least 2 ms: %s\n", slept >= 2000000 ? "yes" : "no");

  time_t now = time(NULL);
  printf("after 2024 and before 2100: %s\n", now > 1704067200 && now < 4102444800LL ? "yes" : "no");
  printf("the resolution is positive: %s\n",
         clock_getres(CLOCK_MONOTONIC, &pause) == 0 && pause.tv_sec * 1000000000LL + pause.tv_nsec > 0 ? "yes" : "no");

  time_t moment = 1709210096; // a leap day
  struct tm *parts = gmtime(&moment);
  char text[64];
  strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S, day %j, %A", parts);
  printf("%lld is %s, and back %lld\n", (long long)moment, text, (long long)mktime(parts));

  unsigned char one[64], two[64];
  int same = 0, zeros = 0;
  if (getentropy(one, sizeof one) != 0 || getentropy(two, sizeof two) != 0) return 1;
  for (int i = 0; i < 64; i++) {
    same += one[i] == two[i];
    zeros += one[i] == 0;
  }
  printf("two draws of 64 random bytes differ: %s\n", same < 32 && zeros < 32 ? "yes" : "no");
  return 0;
}
