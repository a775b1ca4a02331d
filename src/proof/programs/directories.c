// Directories: make, list, walk, remove; and the edge of the sandbox, which nothing may cross.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static int read_names(const char *path, char *names[], int room) {
  int count = 0;
  DIR *directory = opendir(path);
  if (directory == NULL) return -1;
  for (struct dirent *entry; (entry = readdir(directory)) != NULL && count < room;) {
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) names[count++] = strdup(entry->d_name);
  }
  closedir(directory);
  qsort(names, count, sizeof names[0], by_name); // the order of a directory is the host's affair
  return count;
}

static void list(const char *path) {
  char *names[256];
  int count = read_names(path, names, 256);
  if (count < 0) {
    printf("%s: %s\n", path, errno == ENOENT ? "ENOENT" : errno == ENOTDIR ? "ENOTDIR" : strerror(errno));
    return;
  }
  printf("%s holds %d:", path, count);
  for (int i = 0; i < count; i++) {
    if (i < 3 || i == count - 1) printf(" %s", names[i]);
    else if (i == 3) printf(" ...");
    free(names[i]);
  }
  printf("\n");
}

static void create(const char *path) { fclose(fopen(path, "w")); }

int main(int argc, char **argv) {
  if (argc != 2 || chdir(argv[1]) != 0) return 1;

  printf("mkdir %d\n", mkdir("tree", 0755));
  printf("mkdir below it %d\n", mkdir("tree/branch", 0755));
  printf("mkdir again: %s\n", mkdir("tree", 0755) < 0 && errno == EEXIST ? "EEXIST" : "wrong");
  create("tree/leaf");
  create("tree/branch/größer");
  create("tree/branch/naïve");
  list("tree");
  list("tree/branch");
  list("tree/leaf");
  list("tree/none");

  struct stat status;
  stat("tree/branch", &status);
  printf("branch is a directory: %d\n", S_ISDIR(status.st_mode));
  stat("tree/branch/../leaf", &status);
  printf("leaf is a file: %d\n", S_ISREG(status.st_mode));

  // More entries than one fd_readdir buffer holds, so the cookie has to work.
  for (int i = 0; i < 100; i++) {
    char name[64];
    snprintf(name, sizeof name, "tree/branch/file-with-a-rather-long-name-%03d", i);
    create(name);
  }
  list("tree/branch");

  printf("rmdir of a full one: %s\n", rmdir("tree/branch") < 0 && errno == ENOTEMPTY ? "ENOTEMPTY" : "wrong");
  printf("rename %d\n", rename("tree/branch", "moved"));
  char *names[256];
  int count = read_names("moved", names, 256), removed = 0;
  for (int i = 0; i < count; i++) {
    char path[320];
    snprintf(path, sizeof path, "moved/%s", names[i]);
    removed += unlink(path) == 0;
    free(names[i]);
  }
  printf("removed %d files\n", removed);
  printf("rmdir %d\n", rmdir("moved"));
  printf("unlink %d\n", unlink("tree/leaf"));
  printf("rmdir %d\n", rmdir("tree"));
  list(".");

  printf("out by dots: %s\n", open("../../../../etc/passwd", O_RDONLY) < 0 ? "refused" : "OPENED");
  printf("out by an absolute path: %s\n", open("/etc/passwd", O_RDONLY) < 0 ? "refused" : "OPENED");
  return 0;
}
