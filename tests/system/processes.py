import subprocess, sys, tempfile, os, socket, threading, shutil, pathlib, selectors
r = subprocess.run(["/bin/echo", "hi"], capture_output=True, text=True); print(r)
r = subprocess.run("cat; exit 3", shell=True, input=b"data", stdout=subprocess.PIPE); print(r.returncode, r.stdout)
try: subprocess.run(["/nonexistent"])
except FileNotFoundError as e: print(e)
p = subprocess.Popen(["sleep", "10"]); p.terminate(); print(p.wait())
try: subprocess.run(["sleep", "5"], timeout=0.1)
except subprocess.TimeoutExpired as e: print(e)
with tempfile.TemporaryDirectory() as d:
    q = pathlib.Path(d) / "x" / "y.txt"; q.parent.mkdir(); q.write_text("héllo\n"); print(q.read_text(), q.stat().st_size, sorted(x.name for x in pathlib.Path(d).rglob("*")))
    shutil.copytree(d + "/x", d + "/z"); print(os.listdir(d + "/z")); print([(len(a), b, c) for a, b, c in os.walk(d)][0][1])
with tempfile.TemporaryFile("w+") as f: f.write("abc"); f.seek(0); print(f.read())
with tempfile.NamedTemporaryFile(suffix=".t") as f: print(f.name.endswith(".t"), f.write(b"x"))
srv = socket.create_server(("127.0.0.1", 0))
def serve():
    c, a = srv.accept()
    with c, c.makefile("rwb") as f:
        f.write(f.readline().upper()); f.flush()
t = threading.Thread(target=serve); t.start()
with socket.create_connection(srv.getsockname()) as c:
    c.sendall(b"hello\n"); print(c.recv(100), c.family, c)if 0 else print(c.recv(100))
t.join(); srv.close()
a, b = socket.socketpair(); s = selectors.DefaultSelector(); s.register(b, selectors.EVENT_READ, "x"); a.send(b"1"); print([k.data for k, e in s.select(1)])
