"""Runs one module of the reference's tests and writes what became of each test, one line each."""

import os
import sys


def one_line(text):
    return " ".join(str(text).split())[:200]


def main(report_path, name):
    report = os.open(report_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)

    def say(kind, text=""):
        os.write(report, f"{kind} {one_line(text)}\n".encode("utf-8", "backslashreplace"))

    import unittest

    try:
        module = __import__("test." + name, fromlist=["*"])
    except unittest.SkipTest as e:
        say("skipmodule", e)
        return
    except BaseException as e:
        say("noimport", f"{type(e).__name__}: {e}")
        return

    class Result(unittest.TestResult):
        def startTest(self, test):
            self.failed = False
            say("start", test.id())

        def addSuccess(self, test):
            if not self.failed:
                say("pass", test.id())

        def addFailure(self, test, err):
            self.bad(test, "fail")

        def addError(self, test, err):
            self.bad(test, "error")

        def addSkip(self, test, reason):
            if not self.failed:
                say("skip", test.id())

        def addExpectedFailure(self, test, err):
            say("pass", test.id())

        def addUnexpectedSuccess(self, test):
            self.bad(test, "fail")

        def addSubTest(self, test, subtest, err):
            if err is not None:
                self.bad(test, "fail" if issubclass(err[0], test.failureException) else "error")

        def bad(self, test, kind):
            if not getattr(self, "failed", False):
                self.failed = True
                say(kind, test.id())

    try:
        suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    except BaseException as e:
        say("noimport", f"loading its tests: {type(e).__name__}: {e}")
        return
    suite.run(Result())
    say("done")


main(sys.argv[1], sys.argv[2])
os._exit(0)
