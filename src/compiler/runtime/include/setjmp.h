/* For sysroots whose C library has no setjmp.h: found after all others, and only with `wasienv cc --setjmp`. */
#ifndef WASIENV_SETJMP_H
#define WASIENV_SETJMP_H

#ifdef __cplusplus
extern "C" {
#endif

/* Two words are used, see ../setjmp.s. As much as others have, for programs that look. */
typedef unsigned long jmp_buf[8];

/* Calls of these two names are what LLVM translates: neither is ever linked. */
int setjmp(jmp_buf) __attribute__((__returns_twice__));
void longjmp(jmp_buf, int) __attribute__((__noreturn__));

#define setjmp setjmp

#ifdef __cplusplus
}
#endif

#endif
