import posix, errno, _stat, _signal, _locale, select, fcntl, resource, pwd, grp, _posixsubprocess
p = b"/tmp/hognose-posix-test"
try: posix.mkdir(p)
except FileExistsError as e: print(type(e), e.errno, e.filename)
fd = posix.open("/tmp/hognose-posix-test/a.txt", posix.O_RDWR | posix.O_CREAT | posix.O_TRUNC)
print(posix.write(fd, b"hello world"), posix.lseek(fd, 0, 0), posix.read(fd, 5), posix.pread(fd, 100, 6))
st = posix.fstat(fd)
print(st.st_size, len(st), st[6], type(st.st_atime), isinstance(st.st_mtime_ns, int), _stat.filemode(st.st_mode))
posix.close(fd)
posix.symlink("a.txt", "/tmp/hognose-posix-test/l")
print(sorted(posix.listdir("/tmp/hognose-posix-test")), sorted(posix.listdir(p)), posix.readlink("/tmp/hognose-posix-test/l"))
with posix.scandir("/tmp/hognose-posix-test") as it:
    for e in sorted(it, key=lambda e: e.name): print(e, e.path, e.is_file(), e.is_dir(), e.is_symlink(), e.stat().st_size)
posix.rename("/tmp/hognose-posix-test/l", "/tmp/hognose-posix-test/m"); posix.unlink("/tmp/hognose-posix-test/m"); posix.remove("/tmp/hognose-posix-test/a.txt"); posix.rmdir(p)
for f in (lambda: posix.stat("/nonexistent"), lambda: posix.open("/etc", posix.O_WRONLY), lambda: posix.rename("/nope1", "/nope2"), lambda: posix.stat([]), lambda: posix.stat("a\0b"), lambda: posix.close(999), lambda: posix.kill(999999999, 0)):
    try: f()
    except Exception as e: print(type(e).__name__, e, getattr(e, 'filename', None), getattr(e, 'filename2', None))
print(posix._path_normpath("//a/../b/./c"), posix._path_normpath(b"a/.."), posix._path_splitroot_ex("/usr/x"), posix.fspath("x"))
r, w = posix.pipe(); posix.write(w, b"x"); print(select.select([r], [], [], 0) == ([r], [], []))
po = select.poll(); po.register(r); print([(a == r, b) for a, b in po.poll(0)])
ep = select.epoll(); ep.register(r, select.EPOLLIN); print([(a == r, b) for a, b in ep.poll(0)]); ep.close()
pid = posix.fork()
if pid == 0: posix._exit(7)
print(posix.waitstatus_to_exitcode(posix.waitpid(pid, 0)[1]))
got = []
def h(n, f): got.append(n)
print(_signal.signal(_signal.SIGUSR1, h))
posix.kill(posix.getpid(), _signal.SIGUSR1)
for i in range(3): pass
print(got, _signal.getsignal(_signal.SIGUSR1) is h, _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler)
print(resource.getrusage(0).ru_maxrss > 0, fcntl.fcntl(r, fcntl.F_GETFD), posix.uname().sysname)
print(_locale.setlocale(_locale.LC_CTYPE), len(posix.environ) > 0, posix.cpu_count() > 0, posix.strerror(2))
print(posix.stat_result(range(10)), posix.stat_result(range(13)).st_atime)
print(posix.get_inheritable(r), posix.terminal_size((80, 24)), posix.urandom(0), len(posix.urandom(16)))
