// Walks down until the C stack is used up: README shows what a run tells then.
#include <string.h>

static int walk(int depth) {
  char path[10240];
  memset(path, depth, sizeof path);
  return walk(depth + 1) + path[depth % 10240];
}

int main(void) { return walk(0); }
