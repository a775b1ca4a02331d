// The life of a file: create, write, seek, read, append, truncate, rename, unlink, and the errors on the way.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static long size_of(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 ? (long)status.st_size : -1;
}

static void show(const char *path) {
  char text[128];
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    printf("%s: %s\n", path, strerror(errno));
    return;
  }
  size_t length = fread(text, 1, sizeof text - 1, file);
  text[length] = '\0';
  fclose(file);
  printf("%s: [%s]\n", path, text);
}

int main(int argc, char **argv) {
  if (argc != 2 || chdir(argv[1]) != 0) return 1;

  FILE *file = fopen("notes.txt", "w+");
  if (file == NULL) return 2;
  fprintf(file, "0123456789");
  fseek(file, 3, SEEK_SET);
  fputs("three", file);
  fseek(file, -2, SEEK_END);
  long place = ftell(file);
  printf("two from the end: '%c' at %ld\n", fgetc(file), place);
  rewind(file);
  printf("at the start: '%c'\n", fgetc(file));
  fclose(file);
  show("notes.txt");

  file = fopen("notes.txt", "a");
  fputs(", appended", file);
  fclose(file);
  show("notes.txt");
  printf("size %ld\n", size_of("notes.txt"));

  int fd = open("notes.txt", O_RDWR);
  char five[6] = {0};
  printf("pread %d", (int)pread(fd, five, 5, 3));
  printf(" [%s]\n", five);
  printf("pwrite %d\n", (int)pwrite(fd, "THREE", 5, 3));
  printf("position is still %d\n", (int)lseek(fd, 0, SEEK_CUR));
  printf("truncate %d\n", ftruncate(fd, 8));
  lseek(fd, 4, SEEK_END);
  printf("write beyond the end %d\n", (int)write(fd, "!", 1));
  close(fd);
  printf("size %ld, and the hole reads as zero: ", size_of("notes.txt"));
  file = fopen("notes.txt", "rb");
  for (int c; (c = fgetc(file)) != EOF;) putchar(c == 0 ? '0' : c == '!' ? '!' : '.');
  printf("\n");
  fclose(file);

  printf("exclusive create of what exists: %s\n",
         open("notes.txt", O_CREAT | O_EXCL | O_WRONLY, 0644) < 0 && errno == EEXIST ? "EEXIST" : "wrong");
  printf("rename %d\n", rename("notes.txt", "ünïcode name.txt"));
  show("notes.txt");
  printf("size under the new name %ld\n", size_of("ünïcode name.txt"));
  printf("unlink %d\n", unlink("ünïcode name.txt"));
  printf("unlink again: %s\n", unlink("ünïcode name.txt") < 0 && errno == ENOENT ? "ENOENT" : "wrong");
  printf("write to a closed descriptor: %s\n", write(fd, "x", 1) < 0 && errno == EBADF ? "EBADF" : "wrong");
  return 0;
}
