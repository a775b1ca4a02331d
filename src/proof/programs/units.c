// Two translation units and the linker between them: symbols, initialised and zeroed data, weak definitions,
// pointers that need relocation, functions that run before main. The other half is units-other.c.
#include <stdio.h>

extern int counter;
extern const char *const messages[];
extern int zeroed[1000];
int next_id(void);
int describe(char *text, int size);
int which(void);
int absent(void) __attribute__((weak));

int (*const callbacks[])(void) = {next_id, which};
static int order[4], filled;

__attribute__((constructor(201))) static void early(void) { order[filled++] = 1; }
__attribute__((constructor(202))) static void later(void) { order[filled++] = 2; }
__attribute__((destructor)) static void leave(void) { printf("destructor, counter is %d\n", counter); }

int shared_value = 41; // seen and changed by the other unit
__attribute__((weak)) int which(void) { return 1; } // weak here, strong there

int main(void) {
  printf("constructors ran %d %d, and the other unit's %s\n", order[0], order[1], messages[2]);
  int first = next_id(), second = callbacks[0]();
  printf("ids %d %d, counter %d\n", first, second, counter);
  printf("the strong definition wins: %d\n", callbacks[1]());
  printf("an absent weak function is %s\n", absent ? "there" : "null");
  char text[64];
  int length = describe(text, sizeof text);
  printf("%d: %s, shared %d\n", length, text, shared_value);
  int sum = 0;
  for (int i = 0; i < 1000; i++) sum += zeroed[i];
  printf("%s %s, zeroed data sums to %d\n", messages[0], messages[1], sum);
  return 0;
}
