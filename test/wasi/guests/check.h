// What the guests share: a check that names itself when it fails, and the count at the end.
#pragma once
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int checks, failures;

#define CHECK(condition)                                                                  \
  (checks++, (condition) ? (void)0                                                        \
                         : (void)(failures++, printf("line %d: %s (errno %s)\n", __LINE__, \
                                                     #condition, strerror(errno))))

// The call fails, and with that errno.
#define FAILS(call, expected) (errno = 0, CHECK((call) == -1 && errno == (expected)))

static int summary(void) {
  printf("%d checks, %d failures\n", checks, failures);
  return failures == 0 ? 0 : 1;
}
