#include <stdio.h>

int main(void) {
  printf("First wasi...\n");
  return 0;
}
