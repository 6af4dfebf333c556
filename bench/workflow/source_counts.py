"""How long a program is, counted alike in C++ and Python, on the tokens of a real tokeniser.

Comments are taken out first. A line counts where something other than white space is left; characters are those of
such lines from the first to the last that is no white space, line ends not among them. Tokens are those that a person
types and sees: names, numbers, texts, operators, brackets, `;`; not the line ends and indents that Python has in their
place. API calls are the distinct names that a program calls and does not define itself: functions, methods, classes,
also those that are built into the language. Keywords are no calls, and neither are the constants of a library.
"""

from __future__ import annotations

import io
import keyword
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bench.errors import InputError

_LAYOUT = (tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
# Pygments gives operators a character at a time; a compiler takes as many characters as it can, so the longest first.
_OPERATORS = (
    "<<=", ">>=", "->*", "...", "::", "->", "++", "--", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "+=", "-=",
    "*=", "/=", "%=", "&=", "|=", "^=",
)  # fmt: skip
_DEFINING = ("def", "class")


@dataclass(frozen=True)
class Counts:
    """The length of a program, without its comments; see this module's docstring for what each means."""

    lines: int
    characters: int
    tokens: int
    calls: tuple[str, ...]  # the distinct API names, in the order of their first call


@dataclass(frozen=True)
class _Word:
    text: str
    is_name: bool
    defines: bool = False  # a function or class of this name begins here


def count(source: str, language: str) -> Counts:
    """The counts of a program in `arduino` or `micropython`; InputError where it is no program of that language."""
    words, code = _cpp(source) if language == "arduino" else _python(source)
    lines = [line.strip() for line in code.splitlines() if line.strip()]
    return Counts(len(lines), sum(map(len, lines)), len(words), tuple(_calls(words)))


def _calls(words: Sequence[_Word]) -> Iterable[str]:
    own = {word.text for word in words if word.defines}
    return dict.fromkeys(
        word.text for word, after in pairwise(words) if word.is_name and after.text == "(" and word.text not in own
    )


# ---- Python


def _python(source: str) -> tuple[list[_Word], str]:
    """The tokens, and the text without comments."""
    lines = source.splitlines(keepends=True)
    words: list[_Word] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                row, column = token.start
                lines[row - 1] = lines[row - 1][:column] + "\n"
            elif token.type == tokenize.ERRORTOKEN:  # before Python 3.12; from then on a TokenError
                raise InputError(f"no Python program: line {token.start[0]}: {token.string!r:.40} is no token")
            elif token.type not in _LAYOUT:
                is_name = token.type == tokenize.NAME and not keyword.iskeyword(token.string)
                defines = is_name and bool(words) and words[-1].text in _DEFINING
                words.append(_Word(token.string, is_name, defines))
    except (tokenize.TokenError, SyntaxError) as error:
        raise InputError(f"no Python program: {error}") from error
    return words, "".join(lines)


# ---- C++


def _cpp(source: str) -> tuple[list[_Word], str]:
    from pygments.lexers.c_cpp import CppLexer
    from pygments.token import Comment, Token

    words: list[_Word] = []
    code: list[str] = []
    tokens = list(CppLexer(stripnl=False).get_tokens(source))
    for kind, text in tokens:
        if kind is Token.Error:
            raise InputError(f"no C++ program: {text!r:.40} is no token")
        # The preprocessor's lines are kinds of comment to Pygments.
        code.append("\n" * text.count("\n") if kind in (Comment.Single, Comment.Multiline) else text)
    for group in _joined(tokens):
        words += group
    return words, "".join(code)


def _joined(tokens: Sequence[tuple[object, str]]) -> Iterator[list[_Word]]:
    """The tokens of C++: Pygments gives texts in pieces, operators by character, a directive as a whole."""
    from pygments.token import Comment, Name, Operator, String

    place = 0
    while place < len(tokens):
        kind, text = tokens[place]
        end = place + 1
        if kind in String:
            end = _end_of_text(tokens, place)
            yield [_Word("".join(piece for _, piece in tokens[place:end]), False)]
        elif kind is Operator:
            while end < len(tokens) and tokens[end][0] is Operator:
                end += 1
            yield [_Word(operator, False) for operator in _operators("".join(t for _, t in tokens[place:end]))]
        elif kind in (Comment.Preproc, Comment.PreprocFile):
            yield [_Word(word, False) for word in text.split()]
        elif text.strip() and kind not in Comment:
            is_name = kind in Name and kind is not Name.Builtin
            yield [_Word(text, is_name, kind is Name.Function)]
        place = end


def _end_of_text(tokens: Sequence[tuple[object, str]], place: int) -> int:
    """Behind the closing quotation mark of the text that begins here, perhaps with a prefix such as L."""
    quotes = ('"', "'")
    opening = next((at for at in range(place, len(tokens)) if tokens[at][1] in quotes), place)
    mark = tokens[opening][1]
    return next((at + 1 for at in range(opening + 1, len(tokens)) if tokens[at][1] == mark), place + 1)


def _operators(text: str) -> Iterator[str]:
    while text:
        found = next((operator for operator in _OPERATORS if text.startswith(operator)), text[0])
        yield found
        text = text[len(found) :]
