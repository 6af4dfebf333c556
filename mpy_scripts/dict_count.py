"""How often each word occurs among n words out of 64: a dict of counts, as one writes it in Python."""

from array import array

from benchlib import Lcg, adler32

VOCABULARY = 64

words = []
vocabulary = []
counts = {}


def count(words: list) -> dict:
    """Return how often each word occurs."""
    counts = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return counts


def setup(n: int, seed: int) -> None:
    global words, vocabulary
    generator = Lcg(seed)
    vocabulary = []
    for _ in range(VOCABULARY):
        letters = bytearray(3 + generator.next() % 6)
        for k in range(len(letters)):
            letters[k] = 97 + generator.next() % 26
        vocabulary.append(letters)
    words = []
    for _ in range(n):
        first = generator.next() % VOCABULARY
        second = generator.next() % VOCABULARY
        # the smaller one, so that some words are frequent; every word is an object of its own
        words.append(vocabulary[first if first < second else second].decode())


def run() -> int:
    global counts
    counts = count(words)
    return len(counts)


def checksum(result: int) -> int:
    out = array("I", [0] * VOCABULARY)
    for i in range(VOCABULARY):
        out[i] = counts.get(vocabulary[i].decode(), 0)
    return adler32(out) ^ result
