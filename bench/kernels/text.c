// Strings and numbers as text, through the C library: what programs that print do. Prints a checksum.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int ascending(const void *left, const void *right) { return strcmp(left, right); }

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 1;
  static char words[200][48];
  unsigned sum = 0;
  for (int r = 0; r < rounds; r++) {
    for (int i = 0; i < 200; i++) snprintf(words[i], sizeof words[i], "%.17g %d %s %x", (i * 7919 + r) * 0.37e-3, i - 100, i & 1 ? "odd" : "even", i * 2654435761u);
    qsort(words, 200, sizeof words[0], ascending);
    for (int i = 0; i < 200; i++) {
      double value = strtod(words[i], 0);
      sum = sum * 31 + (unsigned)(value * 1000) + strlen(words[i]);
    }
  }
  printf("%u\n", sum);
}
