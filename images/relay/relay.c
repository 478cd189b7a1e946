// relay <folder> <port>...
//
// Listens on the unix socket <folder>/<port>.sock for each port and forwards every connection to that port on this
// network namespace's loopback: 127.0.0.1, else ::1. One thread that waits in epoll_wait and nowhere else.
//
// Either end may stop sending and still receive. An end that refuses to receive may still have said something:
// what a server sent before it hung up (an early 413, say) reaches the client, and what the client goes on sending
// is read and thrown away, so that it is not interrupted before it has seen the answer.

#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 1024, CHUNK = 64 * 1024, CHUNKS_PER_TURN = 16, EVENTS = 256 };

// First member of everything that is registered with epoll: tells what an event belongs to.
enum kind { LISTENER, CLIENT, SERVER };

struct listener {
  enum kind kind;
  int fd;
  in_port_t port;
};

struct side {
  enum kind kind;
  int fd;
  bool silent;   // nothing more will be read from it
  bool deaf;     // nothing more can be written to it
  char *waiting; // came from the other side and does not fit yet
  size_t begin, end;
  struct connection *connection;
};

struct connection {
  struct side client, server;
  in_port_t port;
  bool connected, tried_v6, client_gone, closed, queued;
  struct connection *next; // in the queue
};

static int poller, listener_count, connection_count;
static struct listener *listeners;
static struct connection *queue; // looked at after the events at hand: more to move, or to be freed
static bool full;                // out of descriptors: no new connection until one has ended
static char chunk[CHUNK];

static void fail(const char *what) {
  fprintf(stderr, "relay: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void *allocate(size_t size) {
  void *memory = calloc(1, size);
  if (!memory) fail("memory");
  return memory;
}

static void watch(int fd, uint32_t events, void *owner) {
  struct epoll_event event = {.events = events, .data.ptr = owner};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll");
}

static void accept_no_more(bool none) {
  full = none;
  for (int i = 0; i < listener_count; i++)
    if (none) epoll_ctl(poller, EPOLL_CTL_DEL, listeners[i].fd, NULL);
    else watch(listeners[i].fd, EPOLLIN, &listeners[i]);
}

static void enqueue(struct connection *c) {
  if (c->queued) return;
  c->queued = true;
  c->next = queue;
  queue = c;
}

static void hang_up(struct connection *c) {
  c->closed = true;
  close(c->client.fd);
  if (c->server.fd >= 0) close(c->server.fd);
  free(c->client.waiting);
  free(c->server.waiting);
  enqueue(c); // freed later: the events at hand may name it once more
  connection_count--;
  if (full) accept_no_more(false);
}

// Returns how much was written; all of it when nobody wants it any more.
static size_t put(struct side *to, const char *data, size_t size) {
  for (size_t done = 0; done < size && !to->deaf;) {
    ssize_t n = send(to->fd, data + done, size - done, MSG_NOSIGNAL);
    if (n >= 0) done += (size_t)n;
    else if (errno == EAGAIN) return done;
    else if (errno != EINTR) to->deaf = true;
  }
  return size;
}

// Moves bytes one way until an end makes it wait (BLOCKED), its share of this turn is used up (MORE), or all that
// will ever come has been passed on (DONE).
static enum { BLOCKED, MORE, DONE } move(struct side *from, struct side *to) {
  for (int i = 0; i < CHUNKS_PER_TURN; i++) {
    if (to->waiting) {
      to->begin += put(to, to->waiting + to->begin, to->end - to->begin);
      if (to->begin < to->end) return BLOCKED;
      free(to->waiting);
      to->waiting = NULL;
    }
    if (from->silent) {
      if (!to->deaf) shutdown(to->fd, SHUT_WR);
      to->deaf = true;
      return DONE;
    }
    ssize_t n = recv(from->fd, chunk, CHUNK, 0);
    if (n < 0 && errno == EAGAIN) return BLOCKED;
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      from->silent = true;
      if (n < 0) from->deaf = true; // a reset; what was sent before it has been read by now
      continue;
    }
    to->begin = put(to, chunk, (size_t)n);
    to->end = (size_t)n;
    if (to->begin == to->end) continue;
    to->end -= to->begin;
    to->waiting = memcpy(allocate(to->end), chunk + to->begin, to->end);
    to->begin = 0;
    return BLOCKED;
  }
  return MORE;
}

static void pump(struct connection *c) {
  int up = move(&c->client, &c->server), down = move(&c->server, &c->client);
  if (up == DONE && (down == DONE || c->client_gone)) hang_up(c);
  else if (up == MORE || down == MORE) enqueue(c);
}

static void connect_server(struct connection *c) {
  struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = c->port, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = c->port, .sin6_addr = in6addr_loopback};
  int fd = c->server.fd = socket(c->tried_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int refused = c->tried_v6 ? connect(fd, (struct sockaddr *)&v6, sizeof v6)
                            : connect(fd, (struct sockaddr *)&v4, sizeof v4);
  if (refused && errno != EINPROGRESS) return hang_up(c);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  watch(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, &c->server);
}

static void finish_connecting(struct connection *c) {
  struct sockaddr_storage peer;
  int error = 0;
  c->connected = getpeername(c->server.fd, (struct sockaddr *)&peer, &(socklen_t){sizeof peer}) == 0;
  if (c->connected) return;
  getsockopt(c->server.fd, SOL_SOCKET, SO_ERROR, &error, &(socklen_t){sizeof error});
  if (error == 0) return;
  if (c->tried_v6) return hang_up(c);
  close(c->server.fd);
  c->tried_v6 = true;
  connect_server(c);
}

static void accept_client(struct listener *listener) {
  int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) {
    if ((errno == EMFILE || errno == ENFILE) && connection_count > 0 && !full) accept_no_more(true);
    return;
  }
  struct connection *c = allocate(sizeof *c);
  c->client = (struct side){.kind = CLIENT, .fd = fd, .connection = c};
  c->server = (struct side){.kind = SERVER, .fd = -1, .connection = c};
  c->port = listener->port;
  connection_count++;
  watch(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, &c->client);
  connect_server(c);
}

static void on_event(void *owner, uint32_t events) {
  if (*(enum kind *)owner == LISTENER) return accept_client(owner);
  struct side *side = owner;
  struct connection *c = side->connection;
  if (side->kind == CLIENT && events & EPOLLHUP) c->client_gone = true;
  if (!c->closed && !c->connected && side->kind == SERVER) finish_connecting(c);
  if (!c->closed && c->connected) pump(c);
}

static void listen_on(struct listener *listener, const char *folder, const char *port) {
  char *end;
  long number = strtol(port, &end, 10);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int length = snprintf(address.sun_path, sizeof address.sun_path, "%s/%s.sock", folder, port);
  if (*end || number < 1 || number > 65535 || length >= (int)sizeof address.sun_path) {
    fprintf(stderr, "relay: %s/%s.sock: a port is 1 to 65535, the path at most 107 bytes\n", folder, port);
    exit(2);
  }
  listener->kind = LISTENER;
  listener->port = htons((in_port_t)number);
  listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  unlink(address.sun_path);
  umask(0111); // connecting needs write permission: the emulator's user need not be root
  if (bind(listener->fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener->fd, BACKLOG) < 0)
    fail(address.sun_path);
}

// As process 1 of a container it would not be ended by default.
static void leave(int signal) { _exit(128 + signal); }

int main(int count, char **words) {
  if (count < 3) {
    fprintf(stderr, "usage: relay <folder> <port>...\n");
    return 2;
  }
  signal(SIGTERM, leave);
  signal(SIGINT, leave);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  poller = epoll_create1(EPOLL_CLOEXEC);
  listener_count = count - 2;
  listeners = allocate((size_t)listener_count * sizeof *listeners);
  for (int i = 0; i < listener_count; i++) listen_on(&listeners[i], words[1], words[i + 2]);
  accept_no_more(false);

  for (struct epoll_event events[EVENTS];;) {
    int found = epoll_wait(poller, events, EVENTS, queue ? 0 : -1);
    if (found < 0 && errno != EINTR) fail("epoll");
    for (int i = 0; i < found; i++) on_event(events[i].data.ptr, events[i].events);
    struct connection *c = queue, *next;
    for (queue = NULL; c; c = next) {
      next = c->next;
      c->queued = false;
      if (c->closed) free(c);
      else pump(c);
    }
  }
}
