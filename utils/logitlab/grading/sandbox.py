"""The sandbox that a learner's kernel runs in: entered once, before any of the learner's code, and never left.

It needs Linux with Landlock (https://docs.kernel.org/userspace-api/landlock.html) and libseccomp, and
neither root nor a container engine. What holds, in the order in which it is applied:

- limits of memory, processor time, file size and open files;
- user, network and IPC namespaces of its own, where the system allows them;
- no capabilities, even for root;
- Landlock: files can be read and written only below the given paths; no TCP, and where the kernel
  knows how, no signals and no abstract Unix sockets to the outside;
- seccomp: no new process, no network, no signal to others, no inspection of others, no change of
  owners, modes and times, no memory that the limits do not count.

A process namespace would need a second process; a kernel that cannot fork, cannot name another
process and cannot signal it has no use for one.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import signal
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

LANDLOCK_NEEDED = 3  # the first that also stops truncation; Linux 6.2
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every processor
_RULESET_VERSION, _PATH_BENEATH = 1, 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG, _MAKE_SOCK = 1 << 4, 1 << 5, 1 << 7, 1 << 8, 1 << 9
_TRUNCATE = 1 << 14
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_READ = _READ_FILE | _READ_DIR
_SOCKETS = _READ | _MAKE_SOCK
_WRITE = _READ | _WRITE_FILE | _TRUNCATE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG

_CLONE_NEWUSER, _CLONE_NEWIPC, _CLONE_NEWNET = 0x10000000, 0x08000000, 0x40000000
_CLONE_THREAD = 0x10000
_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 24, 38
_AF_UNIX, _SOCK_DGRAM, _SOCK_TYPE = 1, 2, 0xF
_MAP_TYPE, _MAP_SHARED, _MAP_SHARED_VALIDATE = 0xF, 1, 3

# By name; calls of some processors are unknown to others, and are then left out.
_FORBIDDEN = """
    fork vfork execve execveat
    connect
    ptrace process_vm_readv process_vm_writev kcmp rt_sigqueueinfo rt_tgsigqueueinfo tkill perf_event_open
    setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr
    mknod mknodat symlink symlinkat link linkat
    shmget shmat shmctl semget semop semctl msgget msgsnd msgrcv msgctl mq_open mq_unlink
    memfd_create userfaultfd remap_file_pages
    add_key request_key keyctl bpf
    mount umount umount2 pivot_root chroot
    unshare setns setuid setgid setreuid setregid setresuid setresgid setgroups setfsuid setfsgid capset
    init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff
    sethostname setdomainname acct quotactl syslog personality vhangup
    settimeofday clock_settime clock_adjtime adjtimex iopl ioperm
    open_by_handle_at name_to_handle_at fanotify_init
""".split()
# Landlock does not stop these. They seem to succeed, and do nothing: libraries call them and expect no less.
_PRETENDED = """
    chmod fchmod fchmodat chown fchown lchown fchownat utime utimes utimensat futimesat
    setpriority ioprio_set sched_setaffinity sched_setattr sched_setparam sched_setscheduler
""".split()
# By number, the same on every processor since 424: a libseccomp older than the kernel has no name for them.
_FORBIDDEN_NUMBERS = [
    *range(424, 435),  # pidfd_send_signal, io_uring, open_tree to fspick, pidfd_open
    *(438, 440, 442, 443, 447, 448),  # pidfd_getfd, process_madvise, mount_setattr, quotactl_fd, memfd_secret, mrelease
    *(452, 463, 466, 467, 469),  # fchmodat2, setxattrat, removexattrat, open_tree_attr, file_setattr
    *range(470, 512),  # what nobody has named yet
]
_CLONE3 = 435


class SandboxMissing(Exception):
    """This system lacks what the sandbox needs; the message names it and the way out."""

    @classmethod
    def of(cls, lack: str) -> SandboxMissing:
        """The error for something that `missing` found."""
        return cls(
            f"Nothing was graded: {lack}. To grade without protection, on a machine where nothing can be lost: "
            "logitlab grade LAB --unsafe"
        )


@dataclass(frozen=True)
class Limits:
    """What a kernel may use: bytes of memory, of one file and of its folder together, files, seconds of processor."""

    memory: int = 6 << 30
    file: int = 64 << 20
    disk: int = 256 << 20
    files: int = 1000
    open_files: int = 256
    processor: int = 1200


_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _call(function: str, *arguments: object) -> int:
    """Call the C library. Raises OSError that names the function."""
    result = getattr(_libc, function)(*arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), function)
    return result


def landlock_version() -> int:
    """The version of Landlock's interface that this kernel has; 0 without Landlock."""
    try:
        return _call("syscall", _CREATE_RULESET, None, ctypes.c_size_t(0), _RULESET_VERSION)
    except OSError:
        return 0


def missing() -> str:
    """What this system lacks for the sandbox, and the way out, in one sentence; "" if it has everything."""
    if sys.platform != "linux":
        return f"the sandbox needs Linux, and this is {sys.platform}: grade in a Linux machine or virtual machine"
    if landlock_version() < LANDLOCK_NEEDED:
        return (
            f"the sandbox needs Landlock version {LANDLOCK_NEEDED} (Linux 6.2 or newer, with landlock among its lsm=) "
            f"and finds version {landlock_version()}"
        )
    try:
        import pyseccomp  # noqa: F401
    except (ImportError, RuntimeError, OSError):
        return "the sandbox needs the library libseccomp: install it (Debian, Ubuntu: apt-get install libseccomp2)"
    return ""


@dataclass(frozen=True)
class Access:
    """Files and folders, with all below them; what does not exist is left out.

    read, write: what can be read, and read and written. names: folders of which only the names can be
    read. sockets: folders that can be read, and in which Unix sockets can be made.
    """

    read: list[Path]
    write: list[Path]
    names: list[Path]
    sockets: list[Path]


def enter(access: Access, limits: Limits) -> None:
    """Lock this process in, for good.

    Raises SandboxMissing if the system lacks what is needed, RuntimeError if the process has threads
    already, which would stay outside, and OSError if the system refuses.
    """
    lack = missing()
    if lack:
        raise SandboxMissing.of(lack)
    if len(os.listdir("/proc/self/task")) > 1:
        raise RuntimeError("the sandbox must be entered before the first thread is started")
    _limit(limits)
    _new_namespaces()
    _call("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    _drop_capabilities()
    _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _restrict_files(access)
    _restrict_calls()


def _limit(limits: Limits) -> None:
    import resource  # not on Windows, where `missing` has to say so

    # Not the address space: TensorFlow reserves far more than it uses.
    resource.setrlimit(resource.RLIMIT_DATA, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.file, limits.file))
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits.open_files, limits.open_files))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.processor, limits.processor))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))


def _new_namespaces() -> None:
    """Namespaces of its own, if the system allows: a second wall, where there is one."""
    uid, gid = os.getuid(), os.getgid()
    try:
        _call("unshare", _CLONE_NEWUSER | _CLONE_NEWNET | _CLONE_NEWIPC)
    except OSError:
        return
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with contextlib.suppress(OSError):  # without a map it is nobody in there, which does as well
            Path(f"/proc/self/{name}").write_text(text)


def _drop_capabilities() -> None:
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    for capability in range(last + 1):
        try:
            _call("prctl", _PR_CAPBSET_DROP, capability, 0, 0, 0)
        except OSError as error:
            if error.errno != errno.EPERM:  # without privileges there is nothing to drop
                raise
    header = ctypes.create_string_buffer(struct.pack("=Ii", 0x20080522, 0))
    _call("capset", header, ctypes.create_string_buffer(24))


def _restrict_files(access: Access) -> None:
    version = landlock_version()
    rights = (1 << (16 if version >= 5 else 15)) - 1
    attributes = struct.pack("=Q", rights)
    if version >= 4:
        attributes += struct.pack("=Q", 0b11)  # no TCP: neither bind nor connect
    if version >= 6:
        attributes += struct.pack("=Q", 0b11)  # no abstract sockets and no signals to the outside
    ruleset = _call("syscall", _CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    rules = ((access.read, _READ), (access.write, _WRITE), (access.names, _READ_DIR), (access.sockets, _SOCKETS))
    for paths, allowed in rules:
        for path in paths:
            try:
                descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
            except OSError:
                continue
            rule = struct.pack("=Qi", allowed if path.is_dir() else allowed & _FILE_RIGHTS, descriptor)
            _call("syscall", _ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
            os.close(descriptor)
    _call("syscall", _RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def _restrict_calls() -> None:
    from pyseccomp import ALLOW, EQ, ERRNO, MASKED_EQ, NE, Arg, SyscallFilter

    calls = SyscallFilter(ALLOW)
    no = ERRNO(errno.EPERM)
    for name in (*_FORBIDDEN, *_PRETENDED):
        try:
            calls.add_rule(ERRNO(0) if name in _PRETENDED else no, name)
        except ValueError:
            if name in _ESSENTIAL:
                raise
    for number in _FORBIDDEN_NUMBERS:
        calls.add_rule(no, number)
    calls.add_rule(no, "clone", Arg(0, MASKED_EQ, _CLONE_THREAD, 0))
    calls.add_rule(ERRNO(errno.ENOSYS), _CLONE3)  # its flags cannot be seen; the C library then takes clone
    # With any other error ZeroMQ ends the process when it lists the network's interfaces.
    calls.add_rule(ERRNO(errno.EOPNOTSUPP), "socket", Arg(0, NE, _AF_UNIX))
    for name in ("socket", "socketpair"):
        # An unconnected datagram socket could send to any address without connect.
        calls.add_rule(no, name, Arg(1, MASKED_EQ, _SOCK_TYPE, _SOCK_DGRAM))
    for name in ("kill", "tgkill"):
        calls.add_rule(no, name, Arg(0, NE, os.getpid()))
    calls.add_rule(no, "prlimit64", Arg(0, NE, 0))
    calls.add_rule(no, "prctl", Arg(0, EQ, _PR_SET_PDEATHSIG))
    for kind in (_MAP_SHARED, _MAP_SHARED_VALIDATE):
        # Shared memory is on no account: not on that of RLIMIT_DATA and, once unlinked, not on the folder's.
        calls.add_rule(no, "mmap", Arg(3, MASKED_EQ, _MAP_TYPE, kind))
    calls.load()


_ESSENTIAL = {"execve", "connect", "ptrace", "process_vm_writev", "fchmod", "fchmodat", "fchownat", "utimensat"}
