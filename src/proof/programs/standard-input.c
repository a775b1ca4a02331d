// Standard input by line, by character and to its end.
#include <ctype.h>
#include <stdio.h>
#include <string.h>

int main(void) {
  char line[64];
  int number;
  if (fgets(line, sizeof line, stdin) == NULL) return 1;
  line[strcspn(line, "\n")] = '\0';
  printf("first line: [%s]\n", line);
  if (scanf("%d", &number) != 1) return 2;
  printf("a number: %d\n", number);

  int bytes = 0, words = 0, lines = 0, inside = 0, c;
  while ((c = getchar()) != EOF) {
    bytes++;
    lines += c == '\n';
    words += !isspace(c) && !inside;
    inside = !isspace(c);
  }
  printf("the rest: %d bytes, %d words, %d lines\n", bytes, words, lines);
  printf("at the end: feof %d, ferror %d\n", feof(stdin) != 0, ferror(stdin) != 0);
  return 0;
}
