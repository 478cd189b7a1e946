// relay <folder> <port>...
//
// Listens on the unix socket <folder>/<port>.sock for each port and forwards every connection to that port on this
// network namespace's loopback: 127.0.0.1, else ::1.

#define _GNU_SOURCE
#include "splice.h"
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct relayed {
  struct connection connection;
  in_port_t port;
  bool tried_v6;
};

static void connect_server(struct relayed *r) {
  struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = r->port, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = r->port, .sin6_addr = in6addr_loopback};
  int fd = socket(r->tried_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int refused = r->tried_v6 ? connect(fd, (struct sockaddr *)&v6, sizeof v6)
                            : connect(fd, (struct sockaddr *)&v4, sizeof v4);
  r->connection.server.fd = fd;
  if (refused && errno != EINPROGRESS) return hang_up(&r->connection);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  add_server(&r->connection, fd);
}

static void finish_connecting(struct connection *c, struct side *side) {
  struct relayed *r = (struct relayed *)c;
  struct sockaddr_storage peer;
  int error = 0;
  if (side->kind != SERVER) return;
  c->connected = getpeername(c->server.fd, (struct sockaddr *)&peer, &(socklen_t){sizeof peer}) == 0;
  if (c->connected) return;
  getsockopt(c->server.fd, SOL_SOCKET, SO_ERROR, &error, &(socklen_t){sizeof error});
  if (error == 0) return;
  if (r->tried_v6) return hang_up(c);
  close(c->server.fd);
  r->tried_v6 = true;
  connect_server(r);
}

static void accepted(struct listener *listener, int fd) {
  struct relayed *r = allocate(sizeof *r);
  r->port = listener->port;
  add_client(&r->connection, fd, finish_connecting);
  connect_server(r);
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
  listener->accepted = accepted;
  listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  unlink(address.sun_path);
  umask(0111); // connecting needs write permission: the emulator's user need not be root
  if (bind(listener->fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener->fd, BACKLOG) < 0)
    fail(address.sun_path);
}

int main(int count, char **words) {
  if (count > 1 && strcmp(words[1], "gate") == 0) return gate(count - 1, words + 1);
  if (count < 3) {
    fprintf(stderr, "usage: relay <folder> <port>...\n       relay gate <folder> <port>\n");
    return 2;
  }
  int listener_count = count - 2;
  struct listener *listeners = allocate((size_t)listener_count * sizeof *listeners);
  prepare_splicing(listeners, listener_count);
  for (int i = 0; i < listener_count; i++) listen_on(&listeners[i], words[1], words[i + 2]);
  serve(NULL);
}
