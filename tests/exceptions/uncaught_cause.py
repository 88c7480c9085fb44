# An explicit cause is printed as the direct cause.
class ConfigError(Exception):
    """Settings that make no sense."""


def parse(text):
    try:
        return int(text)
    except ValueError as error:
        raise ConfigError(f"bad number: {text!r}") from error


for text in ("12", "x1"):
    print(parse(text))
print("never")
