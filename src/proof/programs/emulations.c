// What wasi-libc pretends when asked to: signals, a process id, mappings, process clocks.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t seen;

static void handler(int number) { seen = seen * 100 + number; }

int main(int argc, char **argv) {
  printf("old handler %s\n", signal(SIGINT, handler) == SIG_DFL ? "default" : "another");
  raise(SIGINT);
  signal(SIGTERM, handler);
  raise(SIGTERM);
  signal(SIGINT, SIG_IGN);
  raise(SIGINT);
  printf("seen %d\n", (int)seen);

  printf("a process id: %s\n", getpid() > 0 && getpid() == getpid() ? "yes" : "no");

  size_t length = 100000;
  unsigned char *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return perror("mmap"), 1;
  int sum = 0;
  for (size_t i = 0; i < length; i++) sum += memory[i];
  memset(memory, 1, length);
  for (size_t i = 0; i < length; i++) sum += memory[i];
  printf("mapped memory: %d, unmapped: %d\n", sum, munmap(memory, length));

  char name[200];
  snprintf(name, sizeof name, "%s/mapped", argv[1]);
  int fd = open(name, O_CREAT | O_RDWR | O_TRUNC, 0600);
  if (fd < 0 || write(fd, "text of a file", 14) != 14) return perror(name), 1;
  char *text = mmap(NULL, 14, PROT_READ, MAP_PRIVATE, fd, 0);
  if (text == MAP_FAILED) return perror("mmap of a file"), 1;
  printf("mapped file: %.14s", text);
  printf(", unmapped: %d\n", munmap(text, 14));
  close(fd);

  struct tms used;
  clock_t before = clock(), since = times(&used);
  volatile double work = 0;
  for (int i = 0; i < 100000; i++) work += i;
  printf("clocks: %s\n", before != (clock_t)-1 && since != (clock_t)-1 && clock() >= before && used.tms_utime >= 0 ? "run forwards" : "do not work");
  return 0;
}
