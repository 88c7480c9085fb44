# The container protocol: len, item access, contains, iteration, reversed, bool.
class Deck:
    def __init__(self, cards):
        self.cards = list(cards)

    def __len__(self):
        return len(self.cards)

    def __getitem__(self, key):
        if isinstance(key, slice):
            return Deck(self.cards[key])
        return self.cards[key]

    def __setitem__(self, key, value):
        print("set", key, value)
        self.cards[key] = value

    def __delitem__(self, key):
        print("del", key)
        del self.cards[key]

    def __contains__(self, card):
        print("contains", card)
        return card in self.cards

    def __repr__(self):
        return "Deck" + repr(self.cards)


d = Deck("abcd")
print(len(d), bool(d), bool(Deck("")), d[0], d[-1], d[1:3], d[::-1])
print("b" in d, "z" not in d, list(d), list(reversed(d)))
d[0] = "A"
d[1:3] = "xy"
del d[0]
print(d, [*d], d[0], "".join(d))
first, *rest = d
print(first, rest)
print([x for x in zip(d, range(9))], max(d), sorted(d))
try:
    d[10]
except IndexError as e:
    print(e)
