"""The same calls made by the kernel itself, which keeps paths below a directory (openat2 with RESOLVE_BENEATH).
Reads rounds, a line of JSON each: {"on": "paths" or "files", "home", "steps"}; answers each with what came of every step, and with
what is then there. See native.test.ts for the steps. Linux 5.6 or newer, x86-64 or arm64."""
import ctypes, errno, fcntl, json, os, stat, sys

OPENAT2, NO_MAGICLINKS, BENEATH = 437, 2, 8
kernel = ctypes.CDLL(None, use_errno=True)


class How(ctypes.Structure):
    _fields_ = [("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64)]


def beneath(directory, path, flags, mode=0):
    # The kernel refuses an absolute path only where it starts to walk it: an empty file name behind it would come first.
    if path.startswith("/"):
        raise OSError(errno.EXDEV, "")
    how = How(flags | os.O_CLOEXEC, mode, BENEATH | NO_MAGICLINKS)
    while True:
        opened = kernel.syscall(OPENAT2, directory, os.fsencode(path), ctypes.byref(how), ctypes.sizeof(how))
        if opened >= 0:
            return opened
        # EAGAIN: something was renamed while `..` was walked.
        if ctypes.get_errno() != errno.EAGAIN:
            raise OSError(ctypes.get_errno(), "")


def entry(directory, path, act):
    """Calls `act` with the directory of the last name, and that name with its slashes."""
    if path == "":
        raise OSError(errno.ENOENT, "")
    if path.startswith("/"):
        raise OSError(errno.EXDEV, "")
    named = path.rstrip("/")
    at = named.rfind("/") + 1
    held = beneath(directory, named[:at] or ".", os.O_PATH | os.O_DIRECTORY)
    try:
        if named[at:] == "..":
            os.close(beneath(directory, path, os.O_PATH))
        return act(held, path[at:])
    finally:
        os.close(held)


def visit(directory, path, follow, oflags, access):
    flags = {"": os.O_RDONLY, "read": os.O_RDONLY, "write": os.O_WRONLY, "both": os.O_RDWR}[access]
    flags |= 0 if follow else os.O_NOFOLLOW
    for bit, flag in ((1, os.O_CREAT), (2, os.O_DIRECTORY), (4, os.O_EXCL), (8, os.O_TRUNC)):
        flags |= flag if oflags & bit else 0
    opened = beneath(directory, path, flags, 0o666 if oflags & 1 else 0)
    try:
        if stat.S_ISDIR(os.fstat(opened).st_mode):
            return "directory"
        if access == "read":
            return "read " + os.read(opened, 100).decode()
        if access == "write":
            os.write(opened, b"w")
        return "file"
    finally:
        os.close(opened)


def filetype(directory, path, follow):
    held = beneath(directory, path, os.O_PATH | (0 if follow else os.O_NOFOLLOW))
    try:
        mode = os.fstat(held).st_mode
        return "type " + ("3" if stat.S_ISDIR(mode) else "7" if stat.S_ISLNK(mode) else "4")
    finally:
        os.close(held)


def names(directory):
    listed = os.open(f"/proc/self/fd/{directory}/.", os.O_RDONLY | os.O_DIRECTORY)
    try:
        return "names " + " ".join(sorted(os.listdir(listed)))
    finally:
        os.close(listed)


def step(held, call, first, *rest):
    directory = held[first % len(held)]
    if call == "open":
        return visit(directory, *rest)
    if call == "hold":
        if len(held) < 8:
            held.append(beneath(directory, rest[0], os.O_PATH | os.O_DIRECTORY))
        return "done"
    if call == "stat":
        return filetype(directory, *rest)
    if call == "readdir":
        return names(directory)
    if call == "readlink":
        # A slash behind a link has it followed, and that must stay below too.
        if rest[0].endswith("/"):
            os.close(beneath(directory, rest[0], os.O_PATH))
        return entry(directory, rest[0], lambda at, name: "text " + os.readlink(name, dir_fd=at))
    if call in ("mkdir", "rmdir", "unlink"):
        entry(directory, rest[0], lambda at, name: getattr(os, call)(name, dir_fd=at))
    elif call == "symlink":
        entry(directory, rest[0], lambda at, name: os.symlink(rest[1], name, dir_fd=at))
    else:
        path, second, other = rest
        act = os.rename if call == "rename" else lambda *pair, **directories: os.link(*pair, **directories, follow_symlinks=False)
        target = held[second % len(held)]
        entry(directory, path, lambda at, name: entry(target, other, lambda to, new: act(name, new, src_dir_fd=at, dst_dir_fd=to)))
    return "done"


def step_on_files(held, call, slot, *rest):
    """`held` has the open files, by slot; the last is the directory."""
    if call == "open":
        name, access, oflags, append = rest
        flags = {"read": os.O_RDONLY, "write": os.O_WRONLY, "both": os.O_RDWR}[access] | (os.O_APPEND if append else 0)
        for bit, flag in ((1, os.O_CREAT), (4, os.O_EXCL), (8, os.O_TRUNC)):
            flags |= flag if oflags & bit else 0
        opened = os.open(name, flags, 0o666, dir_fd=held[-1])
        if held[slot] is not None:
            os.close(held[slot])
        held[slot] = opened
        return "done"
    if call in ("unlink", "rename"):
        os.unlink(rest[0], dir_fd=held[-1]) if call == "unlink" else os.rename(*rest, src_dir_fd=held[-1], dst_dir_fd=held[-1])
        return "done"
    if held[slot] is None:
        raise OSError(errno.EBADF, "")
    file = held[slot]
    if call == "read":
        buffers = [bytearray(length) for length in rest[0]]
        count = os.readv(file, buffers)
        return "read " + b"".join(buffers)[:count].decode()
    if call == "write":
        return f"wrote {os.writev(file, [text.encode() for text in rest[0]])}"
    if call == "pread":
        return "read " + os.pread(file, *rest).decode()
    if call == "pwrite":
        return f"wrote {os.pwrite(file, rest[0].encode(), rest[1])}"
    if call == "seek":
        return f"at {os.lseek(file, *rest)}"
    if call == "size":
        os.ftruncate(file, *rest)
    elif call == "allocate":
        os.posix_fallocate(file, *rest)
    elif call == "append":
        flags = fcntl.fcntl(file, fcntl.F_GETFL)
        fcntl.fcntl(file, fcntl.F_SETFL, flags | os.O_APPEND if rest[0] else flags & ~os.O_APPEND)
    elif call == "renumber":
        if held[rest[0]] is None:
            raise OSError(errno.EBADF, "")
        if rest[0] != slot:
            os.close(held[rest[0]])
            held[rest[0]], held[slot] = file, None
    else:
        os.close(file)
        held[slot] = None
    return "done"


def attempt(act, held, each):
    try:
        return act(held, *each)
    except OSError as error:
        return "EPERM" if error.errno == errno.EXDEV else errno.errorcode[error.errno]


def tree(base, below=""):
    rows = []
    for name in sorted(os.listdir(os.path.join(base, below))):
        at = os.path.join(below, name)
        whole = os.path.join(base, at)
        if os.path.islink(whole):
            rows.append(f"{at} -> {os.readlink(whole)}")
        elif os.path.isdir(whole):
            rows += [f"{at} /", *tree(base, at)]
        else:
            with open(whole) as file:
                rows.append(f"{at} {file.read()}")
    return rows


def directory(home, name):
    return os.open(os.path.join(home, name), os.O_PATH | os.O_DIRECTORY)


for line in sys.stdin:
    order = json.loads(line)
    if order["on"] == "paths":
        act, held = step, [directory(order["home"], name) for name in ("c", "d")]
    else:
        act, held = step_on_files, [None] * 4 + [directory(order["home"], ".")]
    answers = [attempt(act, held, each) for each in order["steps"]]
    for descriptor in held:
        if descriptor is not None:
            os.close(descriptor)
    print(json.dumps({"answers": answers, "tree": tree(order["home"])}))
