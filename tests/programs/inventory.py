# A small in-memory table with indexes, queries, grouping and lazy joins.
class Row:
    def __init__(self, **fields):
        self.__dict__.update(fields)

    def __repr__(self):
        return "<" + " ".join(f"{k}={v}" for k, v in vars(self).items()) + ">"


class Table:
    def __init__(self, *columns, key):
        self.columns, self.key, self.rows, self.indexes = columns, key, {}, {}

    def insert(self, *values):
        if len(values) != len(self.columns):
            raise TypeError(f"expected {len(self.columns)} values, got {len(values)}")
        row = Row(**dict(zip(self.columns, values)))
        key = getattr(row, self.key)
        if key in self.rows:
            raise KeyError(key)
        self.rows[key] = row
        for column, index in self.indexes.items():
            index.setdefault(getattr(row, column), []).append(row)
        return self

    def index(self, column):
        index = self.indexes[column] = {}
        for row in self:
            index.setdefault(getattr(row, column), []).append(row)

    def __iter__(self):
        return iter(self.rows.values())

    def __getitem__(self, key):
        return self.rows[key]

    def where(self, test=lambda row: True, **equal):
        for column in equal:
            if column not in self.columns:
                raise AttributeError(f"no column {column}")
        indexed = next((c for c in equal if c in self.indexes), None)
        source = self.indexes[indexed].get(equal[indexed], []) if indexed else self
        return (row for row in source if test(row) and all(getattr(row, c) == v for c, v in equal.items()))


def group(rows, key):
    groups = {}
    for row in rows:
        groups.setdefault(getattr(row, key), []).append(row)
    return groups


def join(left, right, on):
    for row in left:
        other = right.rows.get(getattr(row, on))
        if other is not None:
            yield Row(**{**vars(other), **vars(row)})


items = Table("sku", "name", "kind", "price", key="sku")
for values in (
    (1, "hammer", "tool", 12.5), (2, "saw", "tool", 20), (3, "nail", "part", 0.05), (4, "screw", "part", 0.1),
    (5, "glue", "other", 4),
):
    items.insert(*values)
stock = Table("sku", "place", "count", key="sku").insert(1, "A1", 5).insert(3, "B7", 1000).insert(4, "B8", 0)
items.index("kind")
print(list(items.where(kind="part")))
print([r.name for r in items.where(lambda r: r.price > 5)])
print([r.name for r in items.where(lambda r: r.price < 15, kind="tool")])
for kind, rows in group(items, "kind").items():
    prices = [r.price for r in rows]
    mean = sum(prices) / len(prices)
    print(f"{kind:<6} n={len(rows)} min={min(prices):.2f} max={max(prices):.2f} mean={mean:.3f}")
for row in join(stock, items, "sku"):
    print(row, f"worth {row.count * row.price:.2f}")
items.insert(6, "bolt", "part", 0.2)
print(len(list(items.where(kind="part"))), items[6].name, list(items.where(kind="none")))
for action in (
    lambda: items.insert(6, "x", "y", 1), lambda: items.insert(1), lambda: items[99],
    lambda: items.where(colour="red"), lambda: items[1].weight,
):
    try:
        action()
    except (KeyError, TypeError, AttributeError) as e:
        print(type(e).__name__, e)
