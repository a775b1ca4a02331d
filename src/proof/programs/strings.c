// The string functions: find, split, compare, copy over itself, numbers as text. No locale is set anywhere.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int main(void) {
  char text[] = "alpha,beta;;gamma delta";
  char *rest;
  for (char *word = strtok_r(text, ",; ", &rest); word != NULL; word = strtok_r(NULL, ",; ", &rest)) printf("[%s] ", word);
  printf("\n");

  char moving[32] = "0123456789";
  memmove(moving + 3, moving, 7); // towards the end
  printf("%s ", moving);
  memmove(moving, moving + 4, 6); // towards the start
  printf("%s ", moving);
  memset(moving + 2, '*', 3);
  printf("%s\n", moving);

  const char *sentence = "the quick brown fox jumps over the lazy dog";
  printf("%td %td %td\n", strstr(sentence, "fox") - sentence, strrchr(sentence, 'o') - sentence, strchr(sentence, 'q') - sentence);
  printf("%zu %zu %s\n", strspn(sentence, "the "), strcspn(sentence, "xyz"), strpbrk(sentence, "mnz"));
  printf("%d %d %d %d\n", strcmp("abc", "abd") < 0, strncmp("abcdef", "abcxyz", 3), strcasecmp("WebAssembly", "webassembly"),
         memcmp("\x01\xff", "\x01\x7f", 2) > 0);

  char small[8];
  int needed = snprintf(small, sizeof small, "%s-%d", "truncated", 12345);
  printf("[%s] wanted %d\n", small, needed);
  printf("[%5d] [%-5d] [%05d] [%+d] [%x] [%#X] [%o] [%c] [%%] [%.3s] [%*d] [%hhd]\n", 42, 42, 42, 42, 48879, 48879, 8, 'z', "abcdef", 6,
         -7, 300);
  printf("%ld %ld %ld %d\n", strtol("  -123abc", NULL, 10), strtol("0x1F", NULL, 0), strtol("777", NULL, 8), atoi("99 bottles"));

  int upper = 0, digit = 0, punct = 0;
  for (int c = 0; c < 256; c++) upper += isupper(c) != 0, digit += isxdigit(c) != 0, punct += ispunct(c) != 0;
  printf("upper %d, hex digits %d, punctuation %d, toupper %c\n", upper, digit, punct, toupper('q'));

  char *copy = strdup("duplicate"), *formatted = NULL;
  strcat(strcpy(small, "ab"), "cd");
  if (asprintf(&formatted, "%s %s %zu", copy, small, strnlen("unbounded", 4)) < 0) return 1;
  printf("%s\n", formatted);
  free(copy);
  free(formatted);
  return 0;
}
