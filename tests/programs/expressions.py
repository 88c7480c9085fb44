# A tokenizer, a parser with precedences and an evaluator with variables and functions.
import math


class CalcError(Exception):
    pass


def tokenize(text):
    at = 0
    while at < len(text):
        c = text[at]
        if c.isspace():
            at += 1
        elif c.isdigit() or c == ".":
            start = at
            while at < len(text) and (text[at].isdigit() or text[at] == "."):
                at += 1
            number = text[start:at]
            yield "number", float(number) if "." in number else int(number)
        elif c.isalpha():
            start = at
            while at < len(text) and text[at].isalnum():
                at += 1
            yield "name", text[start:at]
        elif text[at : at + 2] in ("**", "//", "==", "<="):
            yield "op", text[at : at + 2]
            at += 2
        elif c in "+-*/%()=,<":
            yield "op", c
            at += 1
        else:
            raise CalcError(f"unexpected {c!r} at {at}")
    yield "end", None


LEVELS = {"=": 1, "==": 2, "<": 2, "<=": 2, "+": 3, "-": 3, "*": 4, "/": 4, "//": 4, "%": 4, "**": 6}
RIGHT = {"=", "**"}
OPERATORS = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b,
    "//": lambda a, b: a // b, "%": lambda a, b: a % b, "**": lambda a, b: a**b,
    "==": lambda a, b: a == b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
}


class Parser:
    def __init__(self, text):
        self.tokens = tokenize(text)
        self.advance()

    def advance(self):
        self.kind, self.value = next(self.tokens, ("end", None))

    def take(self, op):
        if self.value != op:
            raise CalcError(f"expected {op!r}, found {self.value!r}")
        self.advance()

    def parse(self):
        tree = self.expression(1)
        self.take(None)
        return tree

    def expression(self, level):
        left = self.operand()
        while self.kind == "op" and LEVELS.get(self.value, 0) >= level:
            op = self.value
            self.advance()
            left = (op, left, self.expression(LEVELS[op] + (op not in RIGHT)))
        return left

    def operand(self):
        kind, value = self.kind, self.value
        self.advance()
        if kind == "number":
            return value
        if kind == "name":
            return ("call", value, self.arguments()) if self.value == "(" else ("name", value)
        if value == "-":
            return ("neg", self.expression(5))
        if value == "(":
            tree = self.expression(1)
            self.take(")")
            return tree
        raise CalcError(f"unexpected {value!r}")

    def arguments(self):
        self.take("(")
        args = []
        while self.value != ")":
            args.append(self.expression(1))
            if self.value != ")":
                self.take(",")
        self.advance()
        return args


def evaluate(tree, names):
    match tree:
        case int() | float():
            return tree
        case ("name", name):
            if name not in names:
                raise CalcError(f"unknown name {name}")
            return names[name]
        case ("neg", operand):
            return -evaluate(operand, names)
        case ("call", name, args):
            return names[name](*(evaluate(a, names) for a in args))
        case ("=", ("name", name), value):
            names[name] = result = evaluate(value, names)
            return result
        case ("=", *_):
            raise CalcError("cannot assign to that")
        case (op, left, right):
            return OPERATORS[op](evaluate(left, names), evaluate(right, names))


names = {"pi": math.pi, "sqrt": math.sqrt, "max": max}
for line in (
    "1 + 2 * 3", "(1 + 2) * 3", "2 ** 3 ** 2", "-2 ** 2", "10 - 4 - 3", "7 // 2 % 2", "x = y = 4",
    "sqrt(x) + max(1, 2 ** 5, y)", "1 < 2 == 1", "3 = 4", "1 +", "(1", "2 $ 3", "zz", "1 / 0", "1 2",
    "f(1)", "2 ** 100",
):
    try:
        print(line, "=>", evaluate(Parser(line).parse(), names))
    except (CalcError, ArithmeticError, KeyError) as e:
        print(line, "=>", type(e).__name__, e)
print(Parser("a = -b * (c + 1) ** 2").parse())
