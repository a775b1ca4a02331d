// A little of everything a program can ask of its world; what it prints tells what it was answered.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void show(const char *path) {
  struct stat s;
  if (stat(path, &s) != 0) {
    printf("%s: %s\n", path, strerror(errno));
    return;
  }
  printf("%s: dev %llu ino %llu nlink %lu size %lld atime %lld mtime %lld.%09ld ctime %lld\n", path, (unsigned long long)s.st_dev, (unsigned long long)s.st_ino,
         (unsigned long)s.st_nlink, (long long)s.st_size, (long long)s.st_atim.tv_sec, (long long)s.st_mtim.tv_sec, s.st_mtim.tv_nsec, (long long)s.st_ctim.tv_sec);
}

int main(int argc, char **argv) {
  for (int i = 0; i < argc; i++) printf("argument %s\n", argv[i]);
  printf("LANG %s\n", getenv("LANG") ? getenv("LANG") : "(none)");
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  printf("clock %lld.%09ld\n", (long long)t.tv_sec, t.tv_nsec);
  clock_gettime(CLOCK_MONOTONIC, &t);
  printf("clock %lld.%09ld\n", (long long)t.tv_sec, t.tv_nsec);
  usleep(2000);
  clock_gettime(CLOCK_MONOTONIC, &t);
  printf("later %lld.%09ld\n", (long long)t.tv_sec, t.tv_nsec);
  unsigned char bytes[16];
  getentropy(bytes, sizeof bytes);
  for (int i = 0; i < 16; i++) printf("%02x", bytes[i]);
  puts("");

  char buffer[8192];
  FILE *in = fopen("in.txt", "r");
  if (in != NULL) {
    size_t count = fread(buffer, 1, sizeof buffer, in);
    fwrite(buffer, 1, count, stdout);
    fclose(in);
  }
  show("in.txt");
  FILE *out = fopen("made.txt", "w");
  if (out != NULL) {
    fputs("made here\n", out);
    fclose(out);
  }
  show("made.txt");
  link("made.txt", "hard.txt");
  show("hard.txt");
  unlink("made.txt");
  unlink("hard.txt");
  out = fopen("again.txt", "w");
  if (out != NULL) fclose(out);
  show("again.txt");
  rename("again.txt", "renamed.txt");
  struct timespec times[2] = {{5, 7}, {6, 8}};
  utimensat(AT_FDCWD, "renamed.txt", times, 0);
  show("renamed.txt");
  show("missing.txt");
  DIR *directory = opendir(".");
  if (directory != NULL) {
    struct dirent *entry;
    while ((entry = readdir(directory)) != NULL)
      if (strcmp(entry->d_name, "..") != 0) printf("entry %s %llu\n", entry->d_name, (unsigned long long)entry->d_ino);
    closedir(directory);
  }
  remove("renamed.txt");
  size_t count = fread(buffer, 1, sizeof buffer, stdin);
  printf("input %zu bytes\n", count);
  fwrite(buffer, 1, count, stdout);
  fprintf(stderr, "that was all\n");
  if (argc > 1 && strcmp(argv[1], "trap") == 0) {
    fflush(stdout);
    __builtin_trap();
  }
  return argc > 1 ? atoi(argv[1]) : 0;
}
