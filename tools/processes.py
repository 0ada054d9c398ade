# SPDX-License-Identifier: Apache-2.0
"""What becomes of processes when the one that started them ends before them: nothing is to run on that nobody waits
for. Linux's two settings for it, prctl(2), which Python does not have.
"""

import ctypes
import os
import signal

# <linux/prctl.h>
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

_prctl = ctypes.CDLL(None, use_errno=True).prctl


def _set(option, value):
    if _prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def end_with_parent(parent, how=signal.SIGKILL):
    """This process gets the signal when the thread of `parent`, a process, that started it ends, however it does. The
    setting survives exec."""
    _set(PR_SET_PDEATHSIG, how)
    if os.getppid() != parent:  # it was gone before
        os.kill(os.getpid(), how)


def adopt_orphans():
    """What was started below this process, and has lost its parent, becomes its child."""
    _set(PR_SET_CHILD_SUBREAPER, 1)


def _children():
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                parent = file.read().rpartition(b")")[2].split()[1]     # its own name may hold anything
        except OSError:     # it ended meanwhile
            continue
        if int(parent) == os.getpid():
            found.append(int(name))
    return found


def _has_children():
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return True
    except ChildProcessError:
        return False


def _end(process):
    """False: it is another user's."""
    try:
        os.kill(process, signal.SIGKILL)
    except PermissionError:
        return False
    os.waitpid(process, 0)
    return True


def end_children():
    """Ends all that this process has started and adopted, and what that leaves, and waits for it."""
    while _has_children() and any([_end(process) for process in _children()]):
        pass
