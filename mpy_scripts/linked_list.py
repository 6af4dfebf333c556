"""Build a linked list of n nodes, each an object of its own, then walk along it: memory in small pieces."""

length = 0
first = 0


class Node:
    """An element of the list."""

    def __init__(self, value: int, next: "Node | None"):
        self.value = value
        self.next = next


def build(length: int, first: int) -> "Node | None":
    """Return the first node of a list whose values are the low twelve bits of an arithmetic sequence, last one first."""
    head = None
    for i in range(length):
        head = Node((i * 7 + first) & 0xFFF, head)
    return head


def walk(head: "Node | None") -> int:
    """Return the sum of the values along the list."""
    total = 0
    node = head
    while node is not None:
        total += node.value
        node = node.next
    return total


def setup(n: int, seed: int) -> None:
    global length, first
    length = n
    first = seed & 0xFFF


def run() -> int:
    return walk(build(length, first))


def checksum(result: int) -> int:
    return result
