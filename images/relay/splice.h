// Joins pairs of sockets and moves bytes both ways, for any number of pairs at once: one thread that waits in
// epoll_wait and nowhere else.
//
// Either end may stop sending and still receive. An end that refuses to receive may still have said something:
// what a server sent before it hung up (an early 413, say) reaches the client, and what the client goes on sending
// is read and thrown away, so that it is not interrupted before it has seen the answer.

#ifndef SPLICE_H
#define SPLICE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

enum { BACKLOG = 1024 };

// First member of everything that is registered with epoll: tells what an event belongs to.
enum kind { LISTENER, CLIENT, SERVER };

struct listener {
  enum kind kind;
  int fd;
  in_port_t port;                             // where its connections go
  void (*accepted)(struct listener *, int fd); // takes a new client
};

struct connection;

struct side {
  enum kind kind;
  int fd;        // -1: there is none yet
  bool silent;   // nothing more will be read from it
  bool deaf;     // nothing more can be written to it
  char *waiting; // came from the other side and does not fit yet; allocated
  size_t begin, end;
  struct connection *connection;
};

// First member of what a program knows of a connection; freed with it.
struct connection {
  struct side client, server;
  void (*opening)(struct connection *, struct side *); // takes the events until it is `connected`
  bool connected, client_gone, closed, queued;
  struct connection *next; // in the queue
};

void fail(const char *what) __attribute__((noreturn));
void *allocate(size_t size);

// Before anything else.
void prepare_splicing(struct listener *all, int count);

// Gives a connection its client. The caller has set what is its own.
void add_client(struct connection *c, int fd, void (*opening)(struct connection *, struct side *));
// Gives it its server.
void add_server(struct connection *c, int fd);
// Moves what there is to move; a connection that is over is hung up. From now on by itself.
void pump(struct connection *c);
// Ends a connection.
void hang_up(struct connection *c);

// For ever. `before_waiting` gives the longest wait in milliseconds, -1 for any.
void serve(int (*before_waiting)(void)) __attribute__((noreturn));

// The program `relay gate <folder> <port>`.
int gate(int count, char **words);

#endif
