#define _GNU_SOURCE
#include "splice.h"
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024, CHUNKS_PER_TURN = 16, EVENTS = 256 };

static int poller, listener_count, connection_count;
static struct listener *listeners;
static struct connection *queue; // looked at after the events at hand: more to move, or to be freed
static bool full;                // out of descriptors: no new connection until one has ended
static char chunk[CHUNK];

void fail(const char *what) {
  fprintf(stderr, "relay: %s: %s\n", what, strerror(errno));
  exit(1);
}

void *allocate(size_t size) {
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

void hang_up(struct connection *c) {
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

void pump(struct connection *c) {
  int up = move(&c->client, &c->server), down = move(&c->server, &c->client);
  if (up == DONE && (down == DONE || c->client_gone)) hang_up(c);
  else if (up == MORE || down == MORE) enqueue(c);
}

static void accept_client(struct listener *listener) {
  int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0) listener->accepted(listener, fd);
  else if ((errno == EMFILE || errno == ENFILE) && connection_count > 0 && !full) accept_no_more(true);
}

void add_client(struct connection *c, int fd, void (*opening)(struct connection *, struct side *)) {
  c->client = (struct side){.kind = CLIENT, .fd = fd, .connection = c};
  c->server = (struct side){.kind = SERVER, .fd = -1, .connection = c};
  c->opening = opening;
  connection_count++;
  watch(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, &c->client);
}

void add_server(struct connection *c, int fd) {
  c->server.fd = fd;
  watch(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, &c->server);
}

static void on_event(void *owner, uint32_t events) {
  if (*(enum kind *)owner == LISTENER) return accept_client(owner);
  struct side *side = owner;
  struct connection *c = side->connection;
  if (side->kind == CLIENT && events & EPOLLHUP) c->client_gone = true;
  if (!c->closed && !c->connected) c->opening(c, side);
  if (!c->closed && c->connected) pump(c);
}

// As process 1 of a container it would not be ended by default.
static void leave(int signal) { _exit(128 + signal); }

void prepare_splicing(struct listener *all, int count) {
  signal(SIGTERM, leave);
  signal(SIGINT, leave);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  poller = epoll_create1(EPOLL_CLOEXEC);
  listeners = all;
  listener_count = count;
}

void serve(int (*before_waiting)(void)) {
  accept_no_more(false);
  for (struct epoll_event events[EVENTS];;) {
    int longest = before_waiting ? before_waiting() : -1;
    int found = epoll_wait(poller, events, EVENTS, queue ? 0 : longest);
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
