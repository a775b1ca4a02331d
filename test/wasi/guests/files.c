// Files and directories as a C program uses them, through wasi-libc.
#include "check.h"
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static char buffer[256];

static const char *content(const char *path) {
  int fd = open(path, O_RDONLY);
  if (fd < 0) return strerror(errno);
  ssize_t length = read(fd, buffer, sizeof buffer - 1);
  buffer[length < 0 ? 0 : length] = 0;
  close(fd);
  return buffer;
}

static void put(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  CHECK(fd >= 0);
  CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
  CHECK(close(fd) == 0);
}

static void reading_and_writing(void) {
  int fd = open("a.txt", O_RDWR | O_CREAT | O_EXCL, 0666);
  CHECK(fd >= 0);
  CHECK(write(fd, "hello world", 11) == 11);
  CHECK(lseek(fd, 0, SEEK_CUR) == 11);
  CHECK(lseek(fd, -5, SEEK_END) == 6);
  CHECK(read(fd, buffer, sizeof buffer) == 5 && memcmp(buffer, "world", 5) == 0);
  CHECK(read(fd, buffer, sizeof buffer) == 0);
  CHECK(pwrite(fd, "W", 1, 6) == 1);
  CHECK(pread(fd, buffer, 5, 6) == 5 && memcmp(buffer, "World", 5) == 0);
  struct iovec parts[2] = {{"+", 1}, {"more", 4}};
  CHECK(writev(fd, parts, 2) == 5);
  struct stat about;
  CHECK(fstat(fd, &about) == 0 && about.st_size == 16 && S_ISREG(about.st_mode));
  CHECK(ftruncate(fd, 5) == 0);
  CHECK(fsync(fd) == 0 && fdatasync(fd) == 0);
  CHECK(posix_fallocate(fd, 0, 8) == 0);
  CHECK(fstat(fd, &about) == 0 && about.st_size == 8);
  CHECK(close(fd) == 0);
  FAILS(close(fd), EBADF);
  CHECK(memcmp(content("a.txt"), "hello\0\0\0", 8) == 0);
  FAILS(open("a.txt", O_RDWR | O_CREAT | O_EXCL, 0666), EEXIST);
}

static void appending(void) {
  put("log", "one\n");
  int fd = open("log", O_WRONLY | O_APPEND);
  CHECK(lseek(fd, 0, SEEK_SET) == 0);
  CHECK(write(fd, "two\n", 4) == 4);
  CHECK((fcntl(fd, F_GETFL) & O_APPEND) != 0);
  CHECK(fcntl(fd, F_SETFL, 0) == 0);
  CHECK(lseek(fd, 0, SEEK_SET) == 0);
  CHECK(write(fd, "ONE", 3) == 3);
  close(fd);
  CHECK(strcmp(content("log"), "ONE\ntwo\n") == 0);
}

static void names(void) {
  put("from", "1");
  CHECK(rename("from", "to") == 0);
  FAILS(open("from", O_RDONLY), ENOENT);
  put("over", "2");
  CHECK(rename("over", "to") == 0 && strcmp(content("to"), "2") == 0);
  CHECK(link("to", "again") == 0);
  struct stat about;
  CHECK(stat("again", &about) == 0 && about.st_nlink == 2);
  CHECK(unlink("to") == 0 && strcmp(content("again"), "2") == 0);
  CHECK(symlink("again", "soft") == 0);
  CHECK(readlink("soft", buffer, sizeof buffer) == 5 && memcmp(buffer, "again", 5) == 0);
  CHECK(lstat("soft", &about) == 0 && S_ISLNK(about.st_mode));
  CHECK(stat("soft", &about) == 0 && S_ISREG(about.st_mode));
  FAILS(open("soft", O_RDONLY | O_NOFOLLOW), ELOOP);
  CHECK(strcmp(content("soft"), "2") == 0);
  put("Действие ü", "name");
  CHECK(strcmp(content("Действие ü"), "name") == 0);
}

static void directories(void) {
  CHECK(mkdir("dir", 0777) == 0);
  FAILS(mkdir("dir", 0777), EEXIST);
  CHECK(mkdir("dir/sub", 0777) == 0);
  for (int i = 0; i < 300; i++) {
    snprintf(buffer, sizeof buffer, "dir/file-%d", i);
    int fd = open(buffer, O_WRONLY | O_CREAT, 0666);
    CHECK(fd >= 0);
    close(fd);
  }
  FAILS(rmdir("dir"), ENOTEMPTY);
  // Deleting while reading: every entry is seen once, whatever has gone meanwhile.
  DIR *dir = opendir("dir");
  CHECK(dir != NULL);
  int dots = 0, files = 0, directories = 0;
  struct dirent *entry;
  while ((entry = readdir(dir)) != NULL) {
    if (entry->d_name[0] == '.') {
      dots++;
    } else if (entry->d_type == DT_DIR) {
      directories++;
    } else {
      CHECK(entry->d_type == DT_REG && entry->d_ino != 0);
      CHECK(unlinkat(dirfd(dir), entry->d_name, 0) == 0);
      files++;
    }
  }
  CHECK(dots == 2 && files == 300 && directories == 1);
  rewinddir(dir);
  for (files = 0; readdir(dir) != NULL;) files++;
  CHECK(files == 3);
  int sub = openat(dirfd(dir), "sub", O_RDONLY | O_DIRECTORY);
  CHECK(sub >= 0);
  int fd = openat(sub, "deep", O_WRONLY | O_CREAT, 0666);
  CHECK(fd >= 0 && close(fd) == 0);
  CHECK(strcmp(content("dir/sub/deep"), "") == 0);
  CHECK(unlinkat(sub, "deep", 0) == 0);
  CHECK(unlinkat(dirfd(dir), "sub", AT_REMOVEDIR) == 0);
  close(sub);
  closedir(dir);
  CHECK(rmdir("dir") == 0);
}

static void times(void) {
  put("dated", "");
  struct timespec when[2] = {{1600000000, 987654321}, {1700000000, 123456789}};
  CHECK(utimensat(AT_FDCWD, "dated", when, 0) == 0);
  struct stat about;
  CHECK(stat("dated", &about) == 0);
  CHECK(about.st_atim.tv_sec == 1600000000 && about.st_atim.tv_nsec == 987654321);
  CHECK(about.st_mtim.tv_sec == 1700000000 && about.st_mtim.tv_nsec == 123456789);
  when[0].tv_nsec = UTIME_OMIT;
  when[1].tv_nsec = UTIME_NOW;
  CHECK(utimensat(AT_FDCWD, "dated", when, 0) == 0);
  CHECK(stat("dated", &about) == 0 && about.st_atim.tv_nsec == 987654321 && about.st_mtim.tv_sec > 1700000000);
}

static void failures_have_reasons(void) {
  put("plain", "");
  CHECK(mkdir("folder", 0777) == 0);
  put("folder/full", "");
  FAILS(open("absent", O_RDONLY), ENOENT);
  FAILS(open("plain/x", O_RDONLY), ENOTDIR);
  FAILS(open("folder", O_WRONLY), EISDIR);
  FAILS(open("plain", O_RDONLY | O_DIRECTORY), ENOTDIR);
  FAILS(unlink("folder"), EISDIR);
  FAILS(rmdir("plain"), ENOTDIR);
  FAILS(rename("folder", "plain"), ENOTDIR);
  FAILS(rename("plain", "folder"), EISDIR);
  FAILS(rename("absent", "x"), ENOENT);
  FAILS(link("absent", "x"), ENOENT);
  FAILS(readlink("plain", buffer, sizeof buffer), EINVAL);
  CHECK(symlink("circle", "circle") == 0);
  FAILS(open("circle", O_RDONLY), ELOOP);
  int fd = open("plain", O_RDONLY);
  FAILS(write(fd, "x", 1), EBADF);
  FAILS(lseek(fd, -1, SEEK_SET), EINVAL);
  close(fd);
  FAILS(read(fd, buffer, 1), EBADF);
  fd = open("plain", O_WRONLY);
  FAILS(read(fd, buffer, 1), EBADF);
  close(fd);
  FAILS(open("/elsewhere", O_RDONLY), ENOENT);
  FAILS(open("../outside", O_RDONLY), EPERM);
}

int main(void) {
  reading_and_writing();
  appending();
  names();
  directories();
  times();
  failures_have_reasons();
  return summary();
}
