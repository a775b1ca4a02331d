// Arguments and environment arrive byte for byte: spaces, nothing at all, and letters beyond ASCII.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) printf("argv[%d] = [%s], %zu bytes\n", i, argv[i], strlen(argv[i]));
  printf("argv[argc] is %s\n", argv[argc] == NULL ? "null" : "not null");

  const char *names[] = {"GREETING", "EMPTY", "ПУТЬ", "EQUATION", "NOT_GIVEN"};
  for (int i = 0; i < 5; i++) {
    const char *value = getenv(names[i]);
    if (value == NULL) printf("%s is not set\n", names[i]);
    else printf("%s = [%s]\n", names[i], value);
  }
  setenv("GREETING", "replaced", 1);
  unsetenv("EMPTY");
  printf("GREETING = [%s], EMPTY %s\n", getenv("GREETING"), getenv("EMPTY") ? "is still set" : "is gone");
  return 0;
}
