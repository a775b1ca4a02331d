// Control flow: a switch that becomes br_table inside a loop, a switch into the middle of a loop, goto, nested exits.
#include <stdio.h>
#include <string.h>

// An interpreter of eight instructions, running on the interpreter under proof.
static int run(const char *code, char *output) {
  static unsigned char tape[64];
  unsigned char *cell = tape;
  int steps = 0;
  for (const char *at = code; *at != '\0'; at++, steps++) {
    switch (*at) {
      case '>': cell++; break;
      case '<': cell--; break;
      case '+': ++*cell; break;
      case '-': --*cell; break;
      case '.': *output++ = (char)*cell; break;
      case '[':
        if (*cell == 0) for (int depth = 1; depth > 0;) at++, depth += (*at == '[') - (*at == ']');
        break;
      case ']':
        if (*cell != 0) for (int depth = 1; depth > 0;) at--, depth += (*at == ']') - (*at == '[');
        break;
      default: return -1;
    }
  }
  *output = '\0';
  return steps;
}

static void copy(char *to, const char *from, int count) { // Duff's device; count > 0
  int rounds = (count + 3) / 4;
  switch (count % 4) {
    case 0: do { *to++ = *from++; // fall through
    case 3:      *to++ = *from++; // fall through
    case 2:      *to++ = *from++; // fall through
    case 1:      *to++ = *from++;
            } while (--rounds > 0);
  }
}

static int pythagoras(int limit, int *a, int *b) {
  for (*a = 1; *a < limit; ++*a) {
    for (*b = *a; *b < limit; ++*b) {
      if (*a % 5 == 0) break;
      if ((*a + *b) % 2 != 0) continue;
      if (*a * *a + *b * *b == limit * limit) goto found;
    }
  }
  return 0;
found:
  return 1;
}

static const char *kind(long long value) { // sparse cases: a tree of comparisons
  switch (value) {
    case -1000000007: return "negative";
    case 0: return "zero";
    case 7 ... 9: return "seven to nine";
    case 1LL << 40: return "two to the forty";
    default: return "other";
  }
}

int main(void) {
  char text[64];
  int steps = run("++++++++[>++++[>++>+++>+++>+<<<<-]>+>+>->>+[<]<-]>>.>---.+++++++..+++.>>.<-.<.+++.------.--------.>>+.", text);
  printf("%s (%d steps)\n", text, steps);
  char copied[32] = {0};
  copy(copied, "Duff's device", 13);
  printf("%s\n", copied);
  int a, b, found = pythagoras(34, &a, &b);
  printf("%d: %d %d\n", found, a, b);
  printf("%s, %s, %s, %s, %s\n", kind(0), kind(8), kind(1LL << 40), kind(-1000000007), kind(10));

  unsigned char sieve[2000];
  memset(sieve, 1, sizeof sieve);
  int primes = 0, last = 0;
  for (int i = 2; i < 2000; i++) {
    if (!sieve[i]) continue;
    primes++, last = i;
    for (int j = i * i; j < 2000; j += i) sieve[j] = 0;
  }
  printf("%d primes below 2000, the last %d\n", primes, last);
  return 0;
}
