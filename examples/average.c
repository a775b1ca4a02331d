// The mean of its arguments, and a fault: without arguments it divides by zero. README shows what a trap tells.
#include <stdio.h>
#include <stdlib.h>

static int mean(int count, char **numbers) {
  int sum = 0;
  for (int i = 0; i < count; i++) sum += atoi(numbers[i]);
  return sum / count;
}

int main(int argc, char **argv) {
  printf("%d\n", mean(argc - 1, argv + 1));
  return 0;
}
