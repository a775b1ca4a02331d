// The C library's own files over the counter: buffers, modes, positions, and the standard streams.
#include "check.h"
#include <unistd.h>

int main(void) {
  FILE *file = fopen("notes.txt", "w+");
  CHECK(file != NULL);
  for (int i = 0; i < 10000; i++) fprintf(file, "line %d\n", i);
  CHECK(fflush(file) == 0);
  CHECK(ftell(file) == 10 * 7 + 90 * 8 + 900 * 9 + 9000 * 10);
  CHECK(fseek(file, 7 * 3, SEEK_SET) == 0);
  char line[64];
  CHECK(fgets(line, sizeof line, file) != NULL && strcmp(line, "line 3\n") == 0);
  CHECK(ungetc('L', file) == 'L' && fgetc(file) == 'L');
  CHECK(fseek(file, -10, SEEK_END) == 0);
  CHECK(fgets(line, sizeof line, file) != NULL && strcmp(line, "line 9999\n") == 0);
  CHECK(fgetc(file) == EOF && feof(file));
  CHECK(fclose(file) == 0);

  file = fopen("notes.txt", "a");
  CHECK(file != NULL && fputs("the end\n", file) >= 0 && fclose(file) == 0);
  file = freopen("notes.txt", "r", stdin);
  int lines = 0;
  while (fgets(line, sizeof line, stdin) != NULL) lines++;
  CHECK(lines == 10001 && strcmp(line, "the end\n") == 0);

  CHECK(fopen("absent", "r") == NULL && errno == ENOENT);
  CHECK(fopen("notes.txt", "wx") == NULL && errno == EEXIST);
  CHECK(remove("notes.txt") == 0);
  CHECK(isatty(STDOUT_FILENO) == 0);
  fputs("to stderr\n", stderr);
  return summary();
}
