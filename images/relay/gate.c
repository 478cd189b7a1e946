// relay gate <folder> <port>
//
// Listens on a TCP port and connects callers to the relays' sockets below <folder>. A caller sends one line,
//
//   <secret> open <id>/<port>.sock     connects it to that socket
//   <secret> make <id>                 makes the folder of an instance
//   <secret> clear <id>                removes it and the sockets in it
//
// and gets the gate's own secret, so that it knows whom it talks to, and one character:
//
//   +  done; after `open`, whatever follows goes to the socket and comes from it
//   -  there is no such socket, or nobody listens on it
//   ~  too many wait for it at this moment
//   !  the folder could not be made or removed
//
// Both secrets come in the environment (GATE_CALLER, GATE_SELF), since others can read a command line. Whoever shows
// a wrong secret, asks for anything else or takes too long is hung up on without a word.

#define _GNU_SOURCE
#include "splice.h"
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { SECRET = 64, ID = 8, LINE = 128, PATIENCE_MS = 5000, STRANGERS = 256 };

// Somebody who connected; a stranger, and in the list of strangers, until the line has come.
struct caller {
  struct connection connection;
  char line[LINE];
  size_t length;
  long until;
  struct caller *earlier, *later;
};

static const char *root, *caller_secret, *own_secret;
static struct caller *first, *last;
static int stranger_count;

static long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void forget(struct caller *caller) {
  *(caller->earlier ? &caller->earlier->later : &first) = caller->later;
  *(caller->later ? &caller->later->earlier : &last) = caller->earlier;
  stranger_count--;
}

static void turn_away(struct caller *stranger) {
  forget(stranger);
  hang_up(&stranger->connection);
}

// In the same time wherever the first difference is.
static bool is_secret(const char *shown) {
  volatile unsigned char different = 0;
  for (int i = 0; i < SECRET; i++) different |= (unsigned char)(shown[i] ^ caller_secret[i]);
  return different == 0;
}

// Nothing but digits of an id: no name leads out of the folder.
static bool is_id(const char *name) {
  for (int i = 0; i < ID; i++)
    if (!isdigit((unsigned char)name[i]) && (name[i] < 'a' || name[i] > 'f')) return false;
  return true;
}

static bool is_socket(const char *name) {
  if (strnlen(name, ID + 1) <= ID || !is_id(name) || name[ID] != '/') return false;
  const char *port = name + ID + 1;
  size_t digits = strspn(port, "0123456789");
  return digits >= 1 && digits <= 5 && strcmp(port + digits, ".sock") == 0;
}

static char connect_to(struct caller *caller, const char *name) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", root, name);
  if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
    add_server(&caller->connection, fd);
    return '+';
  }
  bool busy = fd < 0 || errno == EAGAIN;
  if (fd >= 0) close(fd);
  return busy ? '~' : '-';
}

static bool make_folder(const char *id) {
  int folder = open(root, O_DIRECTORY | O_CLOEXEC);
  bool made = folder >= 0 && (mkdirat(folder, id, 0700) == 0 || errno == EEXIST);
  if (folder >= 0) close(folder);
  return made;
}

static bool clear_folder(const char *id) {
  int above = open(root, O_DIRECTORY | O_CLOEXEC);
  int folder = above < 0 ? -1 : openat(above, id, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR *entries = folder < 0 ? NULL : fdopendir(folder);
  for (struct dirent *entry; entries && (entry = readdir(entries));) unlinkat(folder, entry->d_name, 0);
  if (entries) closedir(entries);
  bool cleared = above >= 0 && (unlinkat(above, id, AT_REMOVEDIR) == 0 || errno == ENOENT);
  if (above >= 0) close(above);
  return cleared;
}

// `order` is what follows the secret; `rest` was sent behind the line.
static void obey(struct caller *caller, const char *order, const char *rest, size_t rest_size) {
  struct connection *c = &caller->connection;
  char answer[SECRET + 1];
  memcpy(answer, own_secret, SECRET);
  if (strncmp(order, "open ", 5) == 0 && is_socket(order + 5)) answer[SECRET] = connect_to(caller, order + 5);
  else if (strncmp(order, "make ", 5) == 0 && strlen(order) == 5 + ID && is_id(order + 5))
    answer[SECRET] = make_folder(order + 5) ? '+' : '!';
  else if (strncmp(order, "clear ", 6) == 0 && strlen(order) == 6 + ID && is_id(order + 6))
    answer[SECRET] = clear_folder(order + 6) ? '+' : '!';
  else return turn_away(caller);

  forget(caller);
  // A new connection has room for that much.
  if (send(c->client.fd, answer, sizeof answer, MSG_NOSIGNAL) != sizeof answer || c->server.fd < 0)
    return hang_up(c);
  if (rest_size > 0) {
    c->server.waiting = memcpy(allocate(rest_size), rest, rest_size);
    c->server.end = rest_size;
  }
  c->connected = true;
}

static void listen_to(struct connection *c, struct side *side) {
  struct caller *caller = (struct caller *)c;
  while (side->kind == CLIENT) {
    ssize_t n = recv(side->fd, caller->line + caller->length, LINE - caller->length, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) return turn_away(caller);
    caller->length += (size_t)n;
    char *end = memchr(caller->line, '\n', caller->length);
    if (!end && caller->length < LINE) continue;
    if (!end || end - caller->line <= SECRET || !is_secret(caller->line) || caller->line[SECRET] != ' ')
      return turn_away(caller);
    *end = '\0';
    return obey(caller, caller->line + SECRET + 1, end + 1, caller->length - (size_t)(end + 1 - caller->line));
  }
}

static void accepted(struct listener *listener, int fd) {
  (void)listener;
  if (stranger_count >= STRANGERS) turn_away(first);
  struct caller *caller = allocate(sizeof *caller);
  caller->until = now() + PATIENCE_MS;
  caller->earlier = last;
  *(last ? &last->later : &first) = caller;
  last = caller;
  stranger_count++;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  add_client(&caller->connection, fd, listen_to);
}

// Strangers came one after the other and all have the same time.
static int turn_slow_ones_away(void) {
  long time = first ? now() : 0;
  while (first && first->until <= time) turn_away(first);
  return first ? (int)(first->until - time) : -1;
}

int gate(int count, char **words) {
  static struct listener listener = {.kind = LISTENER, .accepted = accepted};
  caller_secret = getenv("GATE_CALLER");
  own_secret = getenv("GATE_SELF");
  if (count != 3 || !caller_secret || !own_secret || strlen(caller_secret) != SECRET || strlen(own_secret) != SECRET) {
    fprintf(stderr, "usage: relay gate <folder> <port>, with GATE_CALLER and GATE_SELF of %d characters\n", SECRET);
    return 2;
  }
  root = words[1];
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((in_port_t)atoi(words[2]))};
  prepare_splicing(&listener, 1);
  listener.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  setsockopt(listener.fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
  if (bind(listener.fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener.fd, BACKLOG) < 0)
    fail("the gate's port");
  serve(turn_slow_ones_away);
}
