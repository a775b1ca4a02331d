// setjmp and longjmp: by WebAssembly exceptions, through calls, loops and function pointers.
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static jmp_buf outer;
static int unwound;

static void fail(const char *what, int code) {
  printf("failing: %s\n", what);
  longjmp(outer, code);
}

// A buffer of its own in every call: a jump to the outermost passes them all.
static int nested(int depth) {
  jmp_buf own;
  int code = setjmp(own);
  if (code != 0) {
    unwound++;
    return code;
  }
  if (depth == 0) fail("at the bottom", 7);
  if (depth == 3) longjmp(own, 30);
  return nested(depth - 1) + 1;
}

static int compare(const void *left, const void *right) {
  int a = *(const int *)left, b = *(const int *)right;
  if (a == 13 || b == 13) fail("in qsort", 13);
  return (a > b) - (a < b);
}

static int parse(const char *text, int *result) {
  jmp_buf error;
  volatile int sum = 0;
  switch (setjmp(error)) {
    case 0: break;
    case 1: return -1;
    default: return -2;
  }
  for (const char *at = text; *at != '\0'; at++) {
    if (*at == '!') longjmp(error, 1);
    if (*at < '0' || *at > '9') longjmp(error, 2);
    sum += *at - '0';
  }
  *result = sum;
  return 0;
}

int main(void) {
  printf("longjmp with 0 gives ");
  switch (setjmp(outer)) {
    case 0: longjmp(outer, 0);
    case 1: puts("1"); break;
    default: puts("something else");
  }

  volatile int kept = 1;
  int code = setjmp(outer);
  if (code == 0) {
    kept = 2;
    printf("from depth 5: %d\n", nested(5));
    nested(2);
  }
  printf("code %d, kept %d, unwound %d\n", code, kept, unwound);

  int numbers[] = {5, 3, 13, 1, 2};
  if (setjmp(outer) == 0) qsort(numbers, 5, sizeof numbers[0], compare);
  else puts("out of qsort");

  const char *const texts[] = {"12345", "12!45", "12x45", ""};
  for (int i = 0; i < 4; i++) {
    int result = -1, status = parse(texts[i], &result);
    printf("parse(\"%s\"): %d, %d\n", texts[i], status, result);
  }

  // The same setjmp many times in one call, with a buffer each.
  static jmp_buf many[50];
  static volatile int next, jumps;
  for (next = 0; next < 50; next++)
    if (setjmp(many[next]) != 0) break;
  if (jumps < 49) {
    jumps++;
    longjmp(many[jumps % 50], jumps);
  }
  printf("%d jumps\n", jumps);
  return 0;
}
