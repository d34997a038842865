#!/usr/bin/env python3
"""A long line between two network namespaces: packets from a TUN device in one come out of a TUN device in the other, later,
and some of them never. For kernels without sch_netem; TCP on both sides is the kernel's own.

    lag.py NAMESPACE_A NAMESPACE_B DEVICE ONE_WAY_MS LOSS_PERCENT SEED

The devices exist already. Loss is for each direction. Packets keep their order. Says "ready" on stdout, runs until killed.
"""
import collections
import ctypes
import fcntl
import os
import random
import select
import struct
import sys
import time

TUNSETIFF, IFF_TUN, IFF_NO_PI, CLONE_NEWNET = 0x400454CA, 1, 0x1000, 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def open_in(namespace, device):
    """os.setns() came with Python 3.12."""
    with open(f"/run/netns/{namespace}") as f:
        if libc.setns(f.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), namespace)
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", device.encode(), IFF_TUN | IFF_NO_PI))
    return fd


def take_all(fd, queue, delay, loss, rng):
    while True:
        try:
            packet = os.read(fd, 65536)
        except BlockingIOError:
            return
        if rng.random() >= loss:
            queue.append((time.monotonic() + delay, packet))


def put_due(fd, queue):
    """Seconds until the next one, or None."""
    while queue:
        wait = queue[0][0] - time.monotonic()
        if wait > 0:
            return wait
        try:
            os.write(fd, queue.popleft()[1])
        except OSError:
            pass
    return None


def main():
    a, b, device, delay, loss, seed = sys.argv[1:7]
    ends = [open_in(a, device), open_in(b, device)]
    queues = [collections.deque(), collections.deque()]
    rng = random.Random(int(seed))
    print("ready", flush=True)
    while True:
        waits = [w for w in (put_due(ends[1 - i], queues[i]) for i in (0, 1)) if w is not None]
        for fd in select.select(ends, [], [], min(waits, default=1))[0]:
            i = ends.index(fd)
            take_all(fd, queues[i], float(delay) / 1000, float(loss) / 100, rng)


if __name__ == "__main__":
    main()
