// Two streams that must not mix: what goes to stdout and what goes to stderr are compared apart.
#include <stdio.h>

int main(void) {
  printf("Hello from WASI\n");
  fprintf(stderr, "and hello from stderr\n");
  puts("Grüße, こんにちは, 🦊");
  fputs("a line without an end", stdout);
  return 0;
}
