// qsort and bsearch call back into the program through function pointers; the tree of <search.h> does too.
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct { const char *name; int year; } Language;

static int calls;
static int by_year(const void *a, const void *b) {
  calls++;
  return ((const Language *)a)->year - ((const Language *)b)->year;
}
static int by_name(const void *a, const void *b) { return strcmp(((const Language *)a)->name, ((const Language *)b)->name); }
static int by_value(const void *a, const void *b) {
  int x = *(const int *)a, y = *(const int *)b;
  return (x > y) - (x < y);
}

static int nodes, deepest;
static void visit(const void *node, VISIT when, int depth) {
  (void)node;
  if (when == postorder || when == leaf) nodes++;
  if (depth > deepest) deepest = depth;
}

int main(void) {
  Language languages[] = {{"Lisp", 1958}, {"C", 1972}, {"Fortran", 1957}, {"Rust", 2015}, {"Algol", 1960}, {"C++", 1985}};
  int count = sizeof languages / sizeof languages[0];
  qsort(languages, count, sizeof languages[0], by_year);
  for (int i = 0; i < count; i++) printf("%d %s\n", languages[i].year, languages[i].name);
  qsort(languages, count, sizeof languages[0], by_name);
  Language key = {"Fortran", 0}, missing = {"Cobol", 0};
  Language *found = bsearch(&key, languages, count, sizeof languages[0], by_name);
  printf("found %s of %d; Cobol %s\n", found->name, found->year,
         bsearch(&missing, languages, count, sizeof languages[0], by_name) ? "found" : "not found");
  printf("year was compared %s\n", calls >= count - 1 ? "often enough" : "too seldom");

  static int numbers[2000];
  unsigned state = 12345, before = 0, after = 0;
  for (int i = 0; i < 2000; i++) {
    state = state * 1103515245u + 12345u;
    numbers[i] = (int)(state >> 8) - (1 << 23);
    before ^= (unsigned)numbers[i] * 2654435761u;
  }
  qsort(numbers, 2000, sizeof(int), by_value);
  int disorder = 0;
  for (int i = 0; i < 2000; i++) {
    after ^= (unsigned)numbers[i] * 2654435761u;
    disorder += i > 0 && numbers[i - 1] > numbers[i];
  }
  printf("2000 numbers: %d to %d, out of order %d, same numbers %s\n", numbers[0], numbers[1999], disorder,
         before == after ? "yes" : "no");

  void *root = NULL;
  for (int i = 0; i < 200; i++) tsearch(&numbers[(i * 37) % 200], &root, by_value);
  twalk(root, visit);
  printf("tree of %d nodes, %s\n", nodes, deepest < 20 ? "balanced" : "a list");
  return 0;
}
