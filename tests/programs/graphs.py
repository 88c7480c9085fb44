# Breadth first, depth first, Dijkstra, topological order, components and cycles.
GRAPH = {
    "a": {"b": 7, "c": 3},
    "b": {"d": 2, "e": 6},
    "c": {"b": 1, "d": 8},
    "d": {"e": 3},
    "e": {"g": 2},
    "f": {"g": 1},
    "g": {},
}


def breadth_first(graph, start):
    distance, queue = {start: 0}, [start]
    for node in queue:
        for neighbour in graph[node]:
            if neighbour not in distance:
                distance[neighbour] = distance[node] + 1
                queue.append(neighbour)
    return distance


def depth_first(graph, node, seen=None):
    seen = set() if seen is None else seen
    seen.add(node)
    yield node
    for neighbour in graph[node]:
        if neighbour not in seen:
            yield from depth_first(graph, neighbour, seen)


def dijkstra(graph, start):
    best, previous, open_nodes = {start: 0}, {}, {start}
    while open_nodes:
        node = min(open_nodes, key=lambda n: (best[n], n))
        open_nodes.remove(node)
        for neighbour, weight in graph[node].items():
            distance = best[node] + weight
            if distance < best.get(neighbour, float("inf")):
                best[neighbour], previous[neighbour] = distance, node
                open_nodes.add(neighbour)
    return best, previous


def path(previous, node):
    steps = [node]
    while (node := previous.get(node)) is not None:
        steps.append(node)
    return steps[::-1]


def topological(graph):
    state, order = {}, []

    def visit(node):
        if state.get(node) == "open":
            raise ValueError(f"cycle through {node}")
        if node not in state:
            state[node] = "open"
            for neighbour in graph[node]:
                visit(neighbour)
            state[node] = "done"
            order.append(node)

    for node in graph:
        visit(node)
    return order[::-1]


def components(graph):
    both = {n: set(graph[n]) for n in graph}
    for n, neighbours in graph.items():
        for m in neighbours:
            both[m].add(n)
    left, found = set(both), []
    while left:
        group = set(breadth_first(both, min(left)))
        found.append(sorted(group))
        left -= group
    return found


print(breadth_first(GRAPH, "a"))
print(" ".join(depth_first(GRAPH, "a")))
best, previous = dijkstra(GRAPH, "a")
print(best)
for target in ("e", "g", "d"):
    print(target, best[target], "->".join(path(previous, target)))
print(topological(GRAPH))
print(components(GRAPH), components({**GRAPH, "x": {"y": 1}, "y": {}}))
try:
    topological({**GRAPH, "g": {"a": 1}})
except ValueError as e:
    print(e)
grid = ["..#....", ".##.##.", "....#..", ".##...#", "...#..."]
cells = {(r, c) for r, row in enumerate(grid) for c, cell in enumerate(row) if cell == "."}
steps = {
    (r, c): {p: 1 for p in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)) if p in cells} for r, c in cells
}
best, previous = dijkstra(steps, (0, 0))
print(best[4, 6], len(best), len(cells), best[0, 6])
