# A serializer and a parser for JSON-like text that round-trip.
ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
UNESCAPES = {v[1]: k for k, v in ESCAPES.items()}


def dump(value, indent=0):
    if value is None or value is True or value is False:
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return '"' + "".join(ESCAPES.get(c) or (c if c >= " " else f"\\u{ord(c):04x}") for c in value) + '"'
    pad, inner = "  " * indent, "  " * (indent + 1)
    if isinstance(value, (list, tuple)):
        parts = [inner + dump(v, indent + 1) for v in value]
        return "[\n" + ",\n".join(parts) + f"\n{pad}]" if parts else "[]"
    if isinstance(value, dict):
        parts = [f"{inner}{dump(str(k))}: {dump(v, indent + 1)}" for k, v in value.items()]
        return "{\n" + ",\n".join(parts) + f"\n{pad}}}" if parts else "{}"
    raise TypeError(f"cannot serialize {type(value).__name__}")


class ParseError(ValueError):
    def __init__(self, message, position):
        super().__init__(f"{message} at {position}")
        self.position = position


class Parser:
    def __init__(self, text):
        self.text, self.at = text, 0

    def peek(self):
        while self.at < len(self.text) and self.text[self.at] in " \n\t\r":
            self.at += 1
        return self.text[self.at] if self.at < len(self.text) else ""

    def expect(self, char):
        if self.peek() != char:
            raise ParseError(f"expected {char!r}, found {self.peek()!r}", self.at)
        self.at += 1

    def value(self):
        match self.peek():
            case "{":
                return dict(self.sequence("{", "}", self.pair))
            case "[":
                return list(self.sequence("[", "]", self.value))
            case '"':
                return self.string()
            case _:
                return self.word()

    def sequence(self, opening, closing, item):
        self.expect(opening)
        while self.peek() != closing:
            yield item()
            if self.peek() != closing:
                self.expect(",")
        self.expect(closing)

    def pair(self):
        self.peek()
        key = self.string()
        self.expect(":")
        return key, self.value()

    def string(self):
        self.expect('"')
        out = []
        while (c := self.text[self.at : self.at + 1]) != '"':
            if not c:
                raise ParseError("unterminated string", self.at)
            if c == "\\":
                self.at += 1
                c = self.text[self.at]
                if c == "u":
                    c = chr(int(self.text[self.at + 1 : self.at + 5], 16))
                    self.at += 4
                else:
                    c = UNESCAPES[c]
            out.append(c)
            self.at += 1
        self.at += 1
        return "".join(out)

    def word(self):
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in ",]} \n\t\r:":
            self.at += 1
        word = self.text[start : self.at]
        constants = {"null": None, "true": True, "false": False}
        if word in constants:
            return constants[word]
        try:
            return float(word) if any(c in word for c in ".eE") else int(word)
        except ValueError:
            raise ParseError(f"bad value {word!r}", start) from None


data = {
    "name": "Bø \"q\"\n\x01", "n": [1, -2.5, 1e100, []], "deep": {"ok": True, "no": None, "e": {}}, "é": "\\",
}
text = dump(data)
print(text)
print(Parser(text).value() == data)
for bad in ('{"a" 1}', "[1 2]", '"open', "[tru]", "{1: 2}", ""):
    try:
        print(Parser(bad).value())
    except ParseError as e:
        print(repr(bad), "->", e, e.position)
try:
    dump({"x": {1}})
except TypeError as e:
    print(e)
