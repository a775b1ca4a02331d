// Copies standard input to standard output and says on standard error how much it was.
#include <stdio.h>
#include <unistd.h>

int main(void) {
  static char buffer[1 << 16];
  long total = 0;
  for (ssize_t count; (count = read(0, buffer, sizeof buffer)) > 0; total += count)
    if (write(1, buffer, count) != count) return 1;
  fprintf(stderr, "%ld bytes\n", total);
  return 0;
}
