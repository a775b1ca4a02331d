// exit() runs the atexit handlers backwards, flushes what is still in a buffer, and hands its number out.
#include <stdio.h>
#include <stdlib.h>

static void first(void) { printf("registered first, runs last\n"); }
static void second(void) { printf("registered second, runs first\n"); }

int main(void) {
  setvbuf(stdout, NULL, _IOFBF, 4096); // nothing leaves before exit() flushes it
  atexit(first);
  atexit(second);
  printf("main ends with exit(37)\n");
  exit(37);
}
