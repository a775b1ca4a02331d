// Calls that nest: a hundred thousand small ones, and ones that go deep and come back with the stack intact.
#include <stdio.h>

static unsigned ackermann(unsigned m, unsigned n) {
  return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

static int is_odd(unsigned n);
__attribute__((noinline)) static int is_even(unsigned n) { return n == 0 ? 1 : is_odd(n - 1); }
__attribute__((noinline)) static int is_odd(unsigned n) { return n == 0 ? 0 : is_even(n - 1); }

static int moves;
static void hanoi(int discs, int from, int to, int via) {
  if (discs == 0) return;
  hanoi(discs - 1, from, via, to);
  moves++;
  hanoi(discs - 1, via, to, from);
}

static int queens(int row, unsigned columns, unsigned left, unsigned right) {
  int solutions = 0;
  if (row == 7) return 1;
  for (unsigned free = ~(columns | left | right) & 0x7f; free != 0; free &= free - 1) {
    unsigned bit = free & -free;
    solutions += queens(row + 1, columns | bit, (left | bit) << 1, (right | bit) >> 1);
  }
  return solutions;
}

// The address of `here` escapes, so every activation has its own bytes on the C stack in linear memory.
__attribute__((noinline)) static long deep(int depth, volatile int *above) {
  volatile int here = depth;
  if (above != NULL && *above != depth + 1) return -1000000;
  long below = depth == 0 ? 0 : deep(depth - 1, &here);
  return below + here;
}

int main(void) {
  printf("ackermann(2, 40) = %u, ackermann(3, 4) = %u\n", ackermann(2, 40), ackermann(3, 4));
  printf("is_even(900) = %d, is_odd(900) = %d\n", is_even(900), is_odd(900));
  hanoi(12, 1, 3, 2);
  printf("hanoi(12) takes %d moves\n", moves);
  printf("7 queens: %d solutions\n", queens(0, 0, 0, 0));
  printf("deep(1500) = %ld\n", deep(1500, NULL));
  return 0;
}
