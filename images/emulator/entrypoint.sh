#!/bin/sh
# Runs the emulator as a user of its own wherever the engine's socket can be used by its group, whatever that group's
# number is; else as the user that the container was started with.
set -eu

socket=/var/run/docker.sock
case ${DOCKER_HOST:-} in
  "") ;;
  unix://*) socket=${DOCKER_HOST#unix://} ;;
  *) socket= ;; # no file, and nothing that takes rights
esac

if [ "$(id -u)" != 0 ]; then
  exec node /app/dist/cli.js "$@"
fi
groups=--clear-groups
if [ -n "$socket" ] && [ -S "$socket" ]; then
  case $(stat -c %A "$socket") in
    ????rw*) groups=--groups=$(stat -c %g "$socket") ;;
    *) exec node /app/dist/cli.js "$@" ;;
  esac
fi
# An earlier run may have been root's.
chown -R emulator:emulator "$DSE_STATE_DIR"
exec setpriv --reuid=emulator --regid=emulator "$groups" --no-new-privs -- node /app/dist/cli.js "$@"
