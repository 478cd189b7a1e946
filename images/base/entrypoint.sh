#!/bin/bash
# Starts the Jupyter server (user ubuntu, unix socket only) and the interpreter (root) at the same time.
# The interpreter waits for the socket by itself. When either of them ends, the container ends.
# An empty CODE_INTERPRETER_KERNEL_NAME means an image without a kernel: no Jupyter server.
set -u

kernel_user=ubuntu
kernel_home=/home/ubuntu
runtime_dir=/run/jupyter

log() {
  printf 'entrypoint: %s\n' "$*" >&2
}

# Leaving at once is safe: tini ends with this script, and every other process of the container with tini.
trap 'exit 143' TERM
trap 'exit 130' INT

as_kernel_user=()
if ((EUID == 0)); then
  as_kernel_user=(setpriv "--reuid=$kernel_user" "--regid=$kernel_user" --init-groups)
  # A volume mounted over the data directory may belong to root alone.
  mkdir -p /mnt/data
  [[ $(stat -c %a /mnt/data) == *777 ]] || chmod 0777 /mnt/data ||
    log "/mnt/data cannot be opened to user $kernel_user: code may be unable to write there"
elif [[ -n ${CODE_INTERPRETER_KERNEL_NAME:-} ]]; then
  log "running as uid $EUID instead of root: the interpreter and the kernel share this user"
  kernel_home=$(getent passwd "$EUID" | cut -d: -f6)
  # IPython, matplotlib and others keep files at home.
  [[ -n $kernel_home && -w $kernel_home ]] || kernel_home=$(mktemp -d /tmp/home-XXXXXX)
fi

jupyter_pid=
if [[ -n ${CODE_INTERPRETER_KERNEL_NAME:-} ]]; then
  # What an earlier start of this container left is of no use.
  if ((EUID == 0)); then
    # Group root (kept by the set-group-ID bit) lets the interpreter open the socket without DAC_OVERRIDE.
    rm -rf "$runtime_dir"
    mkdir -p "$runtime_dir" && chown "$kernel_user:root" "$runtime_dir" && chmod 2750 "$runtime_dir"
  else
    runtime_dir=$(mktemp -d /tmp/jupyter-XXXXXX)
  fi
  read -r JUPYTER_TOKEN < /proc/sys/kernel/random/uuid
  export JUPYTER_TOKEN JUPYTER_GEN_TOKEN=$JUPYTER_TOKEN JUPYTER_SOCKET="$runtime_dir/jupyter.sock"
  # start_jupyter.py lifts the server's limit to 256 MiB; the rest is room for the message around the code.
  export JUPYTER_MAX_MESSAGE_BYTES=${JUPYTER_MAX_MESSAGE_BYTES:-250000000}
  (
    cd "$kernel_home" || exit 1
    exec env -u JUPYTER_GEN_TOKEN -u JUPYTER_MAX_MESSAGE_BYTES \
      HOME="$kernel_home" USER="$kernel_user" LOGNAME="$kernel_user" \
      VIRTUAL_ENV=/home/ubuntu/snenv PATH="/home/ubuntu/snenv/bin:$PATH" \
      JUPYTER_RUNTIME_DIR="$runtime_dir" \
      "${as_kernel_user[@]}" /home/ubuntu/snenv/bin/python3 /app/start_jupyter.py
  ) &
  jupyter_pid=$!
fi

# The heap limit leaves a session's memory to its kernel.
node --max-old-space-size=384 /app/interpreter.mjs &
interpreter_pid=$!

wait -n -p ended ${jupyter_pid:+"$jupyter_pid"} "$interpreter_pid"
code=$?
if [[ $ended == "$interpreter_pid" ]]; then
  log "the interpreter ended with exit code $code: ending the container"
else
  log "the Jupyter server ended with exit code $code: ending the container"
  # Without its Jupyter server a session cannot go on, however cleanly the server ended.
  ((code != 0)) || code=1
fi
exit "$code"
