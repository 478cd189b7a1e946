"""An event loop for a Python without threads, sockets and JavaScript: there is nothing to wait for but time."""

import asyncio
import heapq
import time
from asyncio import events, tasks

from session_kernel import host

LONGEST_PAUSE = 3600.0


class SessionLoop(asyncio.BaseEventLoop):
    """May be run while it runs already, as notebooks are used to."""

    def __init__(self):
        super().__init__()
        self._selector = None

    def _process_events(self, event_list):
        pass

    def _write_to_self(self):
        pass

    def run_forever(self):
        self._stopping = False
        while not self._stopping:
            self._step()
        self._stopping = False

    def run_until_complete(self, future):
        self._check_closed()
        outer_loop = events._get_running_loop()
        outer_task = tasks._swap_current_task(self, None) if outer_loop is self else None
        is_new = not asyncio.isfuture(future)
        events._set_running_loop(self)
        try:
            future = tasks.ensure_future(future, loop=self)
            if is_new:
                future._log_destroy_pending = False
            try:
                while not future.done():
                    self._step()
            except BaseException:
                if is_new and not future.done():
                    self._abandon(future)
                elif is_new and not future.cancelled():
                    future.exception()
                raise
            return future.result()
        finally:
            events._set_running_loop(outer_loop)
            if outer_loop is self:
                tasks._swap_current_task(self, outer_task)

    def _abandon(self, task):
        """Lets an interrupted task clean up, so that nothing of it runs on with the next cell."""
        task.cancel()
        for _ in range(1000):
            if task.done() or not self._ready:
                break
            self._step()

    def run_in_executor(self, executor, func, *args):
        """There are no threads: the function is called in its turn."""
        future = self.create_future()

        def call():
            if future.cancelled():
                return
            try:
                future.set_result(func(*args))
            except Exception as error:
                future.set_exception(error)

        self.call_soon(call)
        return future

    def _step(self):
        now = self.time() + self._clock_resolution
        while self._scheduled and (self._scheduled[0]._cancelled or self._scheduled[0]._when <= now):
            handle = heapq.heappop(self._scheduled)
            handle._scheduled = False
            if not handle._cancelled:
                self._ready.append(handle)
        if not self._ready:
            until = self._scheduled[0]._when - self.time() if self._scheduled else LONGEST_PAUSE
            sleep(max(0.0, until))
            return
        for _ in range(len(self._ready)):
            if not self._ready:
                break
            handle = self._ready.popleft()
            if not handle._cancelled:
                handle._run()

    def _timer_handle_cancelled(self, handle):
        pass


def sleep(seconds):
    """`time.sleep` that an interrupt ends."""
    seconds = float(seconds)
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    until = time.monotonic() + seconds
    host.pause(0 if seconds == 0 else min(seconds, LONGEST_PAUSE))
    while (left := until - time.monotonic()) > 0:
        host.pause(min(left, LONGEST_PAUSE))


class _Policy(events._BaseDefaultEventLoopPolicy):
    _loop_factory = SessionLoop


def install():
    """Makes it the loop of this Python, running all the time as in a notebook. Returns it."""
    time.sleep = sleep
    asyncio.SelectorEventLoop = asyncio.EventLoop = SessionLoop
    events._set_running_loop(None)
    events._set_event_loop_policy(_Policy())
    loop = SessionLoop()
    events._get_event_loop_policy().set_event_loop(loop)
    events._set_running_loop(loop)

    def run(main, *, debug=None, loop_factory=SessionLoop):
        """`asyncio.run`, with a loop of its own also where one is running already."""
        outer = events._get_running_loop()
        task = tasks._swap_current_task(outer, None) if outer is not None else None
        events._set_running_loop(None)
        try:
            with asyncio.Runner(debug=debug, loop_factory=loop_factory) as runner:
                return runner.run(main)
        finally:
            events._set_running_loop(outer)
            if outer is not None:
                tasks._swap_current_task(outer, task)
                events._get_event_loop_policy().set_event_loop(outer)

    asyncio.run = asyncio.runners.run = run
    return loop
