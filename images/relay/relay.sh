#!/bin/sh
# relay <folder> <port>...   forwards the unix socket <folder>/<port>.sock to each port on this namespace's loopback
set -eu

if [ "$#" -lt 2 ]; then
  echo "usage: relay <folder> <port>..." >&2
  exit 2
fi
folder=$1
shift

# -d0: errors only. -t: after one side has closed its sending half, the other may go on sending.
# backlog: a burst of first requests must not be refused.
# localhost: every loopback address is tried, so that a server on ::1 alone is reached too.
forward() {
  exec socat -d0 -t 300 "UNIX-LISTEN:$folder/$1.sock,fork,unlink-early,mode=0666,backlog=1024" "TCP:localhost:$1,nodelay"
}

# The last one takes this process, number 1 of the container: it leaves on SIGTERM, and the others with it.
while [ "$#" -gt 1 ]; do
  forward "$1" &
  shift
done
forward "$1"
