// The other half of units.c.
#include <stdio.h>

static char from_constructor[16];
int counter = 7;
int zeroed[1000];
const char *const messages[] = {"pointers", "relocated", from_constructor};
extern int shared_value;

__attribute__((constructor(200))) static void fill(void) { snprintf(from_constructor, sizeof from_constructor, "too"); }

int next_id(void) {
  static int last = 100;
  counter++;
  return last++;
}
int which(void) { return 2; }
int describe(char *text, int size) { return snprintf(text, size, "described %d", ++shared_value); }
