// Counts the primes below 100,000: something for `wasienv run --profile`, `--coverage` and `--fuel`.
#include <stdio.h>

static int is_prime(int n) {
  for (int d = 2; d * d <= n; d++)
    if (n % d == 0) return 0;
  return n > 1;
}

int main(void) {
  int count = 0;
  for (int n = 0; n < 100000; n++) count += is_prime(n);
  printf("%d primes\n", count);
  return count == 0;
}
