// There is no list of users: nobody is found in it.
#ifndef PWD_H
#define PWD_H
struct passwd { char *pw_name, *pw_dir; };
struct passwd *getpwuid(unsigned id);
#endif
