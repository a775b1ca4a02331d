// Declarations that POSIX has and wasi-libc has not: WASI has no users, no processes, no locks on files. Given to
// real programs with `-include absent.h`, beside absent.c, instead of a change to their sources.
#ifndef ABSENT_H
#define ABSENT_H
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>

// wasi-libc has these two since 2023, and they fail as here.
int chmod(const char *path, mode_t mode);
int fchmod(int fd, mode_t mode);

int chown(const char *path, uid_t owner, gid_t group);
int fchown(int fd, uid_t owner, gid_t group);
uid_t getuid(void);
uid_t geteuid(void);
int system(const char *command);
FILE *popen(const char *command, const char *mode);
int pclose(FILE *stream);

// fcntl answers EINVAL to these: a program that insists on locks is told so.
#define F_RDLCK 0
#define F_WRLCK 1
#define F_UNLCK 2
#define F_GETLK 5
#define F_SETLK 6
#endif
