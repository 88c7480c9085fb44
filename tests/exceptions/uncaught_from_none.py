# raise from None hides the context; notes are printed after the message.
def find(items, wanted):
    try:
        return items.index(wanted)
    except ValueError:
        error = LookupError(f"no {wanted}")
        error.add_note("first note")
        error.add_note("second note\nof two lines")
        raise error from None


print(find([1, 2], 2))
find([1, 2], 3)
