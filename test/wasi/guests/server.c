// A server on the listening socket it was handed, with the C library's own calls. The first argument says which, the
// second on which descriptor it listens.
#include "check.h"
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static char buffer[200000];

/** Answers requests of one line, `GET /TEXT`, each on a connection of its own, until one says /quit. */
static void http(int listener) {
  for (int served = 1, quit = 0; !quit; served++) {
    int fd = accept(listener, NULL, NULL);
    CHECK(fd > listener);
    ssize_t length = 0;
    while (length < 2 || memcmp(buffer + length - 2, "\r\n", 2) != 0) {
      ssize_t got = recv(fd, buffer + length, sizeof buffer - length, 0);
      CHECK(got > 0);
      length += got;
    }
    buffer[length - 2] = 0;
    quit = strcmp(buffer, "GET /quit") == 0;
    char answer[256];
    int size = snprintf(answer, sizeof answer, "HTTP/1.0 200 OK\r\nX-Served: %d\r\n\r\n%s\n", served, buffer + 5);
    CHECK(send(fd, answer, size, 0) == size);
    CHECK(shutdown(fd, SHUT_WR) == 0);
    FAILS(send(fd, "x", 1, 0), EPIPE);
    CHECK(recv(fd, buffer, sizeof buffer, 0) == 0);
    CHECK(close(fd) == 0);
  }
}

/** Echoes whatever comes, through read and write, until the peer is done. */
static void echo(int listener) {
  int fd = accept(listener, NULL, NULL);
  ssize_t got;
  while ((got = read(fd, buffer, sizeof buffer)) > 0)
    for (ssize_t done = 0, put; done < got; done += put) CHECK((put = write(fd, buffer + done, got - done)) > 0);
  CHECK(got == 0);
}

/** Never waits but in poll. */
static void polling(int listener) {
  CHECK(fcntl(listener, F_SETFL, O_NONBLOCK) == 0);
  FAILS(accept(listener, NULL, NULL), EAGAIN);
  struct pollfd one = {listener, POLLIN, 0};
  CHECK(poll(&one, 1, 20) == 0);
  puts("nobody");
  fflush(stdout);
  CHECK(poll(&one, 1, -1) == 1 && one.revents == POLLIN);
  int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
  CHECK(fd >= 0);
  FAILS(recv(fd, buffer, 10, 0), EAGAIN);
  FAILS(read(fd, buffer, 10), EAGAIN);
  CHECK(send(fd, "ready", 5, 0) == 5);
  struct pollfd both[2] = {{fd, POLLIN, 0}, {listener, POLLIN, 0}};
  CHECK(poll(both, 2, 60000) == 1 && (both[0].revents & POLLIN) && both[1].revents == 0);
  CHECK(recv(fd, buffer, 2, MSG_PEEK) == 2 && memcmp(buffer, "he", 2) == 0);
  CHECK(recv(fd, buffer, 2, 0) == 2 && memcmp(buffer, "he", 2) == 0);
  CHECK(recv(fd, buffer, 3, 0) == 3 && memcmp(buffer, "llo", 3) == 0);
  CHECK(send(fd, "half", 4, 0) == 4);
  CHECK(fcntl(fd, F_SETFL, 0) == 0);
  // The rest comes in two pieces; the flag waits for both.
  CHECK(recv(fd, buffer, 8, MSG_WAITALL) == 8 && memcmp(buffer, "one-two-", 8) == 0);
  CHECK(send(fd, "done", 4, 0) == 4);
  CHECK(poll(both, 1, 60000) == 1 && (both[0].revents & (POLLIN | POLLHUP)));
  CHECK(recv(fd, buffer, 8, 0) == 0);
  close(fd);
}

/** More than a peer takes at once: without waiting there is a moment when it says so. */
static void flooding(int listener) {
  int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
  memset(buffer, 'x', sizeof buffer);
  long total = 0;
  ssize_t put;
  while ((put = send(fd, buffer, sizeof buffer, 0)) > 0) total += put;
  CHECK(put == -1 && errno == EAGAIN);
  printf("%ld\n", total);
  fflush(stdout);
  struct pollfd one = {fd, POLLOUT, 0};
  CHECK(poll(&one, 1, -1) == 1 && (one.revents & POLLOUT));
  CHECK(fcntl(fd, F_SETFL, 0) == 0);
  CHECK(send(fd, "end", 3, 0) == 3);
  // The program ends without closing: what it has sent arrives all the same.
}

/** The peer is gone. */
static void reset(int listener) {
  int fd = accept(listener, NULL, NULL);
  CHECK(recv(fd, buffer, sizeof buffer, 0) == -1 && errno == ECONNRESET);
  CHECK(recv(fd, buffer, sizeof buffer, 0) == 0);
  FAILS(send(fd, "x", 1, 0), EPIPE);
}

static void kinds(int listener) {
  int type = 0;
  socklen_t size = sizeof type;
  CHECK(getsockopt(listener, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM);
  FAILS(accept(77, NULL, NULL), EBADF);
  FAILS(recv(listener, buffer, 1, 0), ENOTCONN);
  FAILS(send(listener, buffer, 1, 0), ENOTCONN);
  FAILS(read(listener, buffer, 1), ENOTCONN);
  FAILS(write(listener, buffer, 1), EBADF);
  FAILS(shutdown(listener, SHUT_RDWR), ENOTCONN);
  FAILS(lseek(listener, 0, SEEK_CUR), ESPIPE);
  CHECK(!isatty(listener));
  // Standard input is a socket of the host here: it can be received from, and no more.
  CHECK(recv(0, buffer, 2, 0) == 2 && memcmp(buffer, "in", 2) == 0);
  FAILS(recv(0, buffer, 2, MSG_PEEK), ENOTSUP);
  FAILS(recv(0, buffer, 2, MSG_WAITALL), ENOTSUP);
  FAILS(shutdown(0, SHUT_RD), ENOTCAPABLE);
  int fd = accept(listener, NULL, NULL);
  FAILS(accept(fd, NULL, NULL), EINVAL);
  FAILS(lseek(fd, 0, SEEK_CUR), ESPIPE);
  CHECK(shutdown(fd, SHUT_RD) == 0);
  CHECK(recv(fd, buffer, 1, 0) == 0);
  CHECK(send(fd, "bye", 3, 0) == 3);
}

int main(int argc, char **argv) {
  int listener = argc > 2 ? atoi(argv[2]) : 3;
  if (strcmp(argv[1], "http") == 0) http(listener);
  else if (strcmp(argv[1], "echo") == 0) echo(listener);
  else if (strcmp(argv[1], "polling") == 0) polling(listener);
  else if (strcmp(argv[1], "flooding") == 0) flooding(listener);
  else if (strcmp(argv[1], "reset") == 0) reset(listener);
  else if (strcmp(argv[1], "kinds") == 0) kinds(listener);
  else CHECK(!"a known name");
  return summary();
}
