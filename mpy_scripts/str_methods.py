"""A text of n words taken apart, put together, changed and searched: str methods, as one uses them in Python."""

from benchlib import Lcg, adler32

text = ""
wanted = ""
words = []
joined = ""
replaced = ""


def split(text: str) -> list:
    """Return the words of the text."""
    return text.split()


def join(words: list) -> str:
    """Return the words with commas between them."""
    return ",".join(words)


def replace(text: str) -> str:
    """Return the text with xyz for every ab."""
    return text.replace("ab", "xyz")


def find(text: str, wanted: str) -> int:
    """Return the first place where the wanted letters begin."""
    return text.find(wanted)


def setup(n: int, seed: int) -> None:
    global text, wanted
    generator = Lcg(seed)
    letters = bytearray(8 * n)
    end = 0
    for i in range(n):
        if i:
            letters[end] = 32
            end += 1
        for _ in range(1 + generator.next() % 7):
            letters[end] = 97 + generator.next() % 4
            end += 1
    text = letters[:end].decode()
    wanted = text[end // 2 : end // 2 + 12]


def run() -> int:
    global words, joined, replaced
    words = split(text)
    joined = join(words)
    replaced = replace(text)
    return find(text, wanted)


def checksum(result: int) -> int:
    return adler32(replaced.encode(), adler32(joined.encode())) ^ (len(words) << 16) ^ result
