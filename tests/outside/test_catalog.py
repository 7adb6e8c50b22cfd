"""Reading YAML: only plain data comes out, and what is no plain data is refused with its line and column."""

from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from app.domain.procedure_checks import ProcedureRejected, check
from app.outside import catalog


def refused(data: bytes) -> list[tuple[str, str, str]]:
    with pytest.raises(ProcedureRejected) as rejected:
        catalog.read(data)
    return [(problem.pointer, problem.code, problem.en.partition(":")[0]) for problem in rejected.value.problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("a: 1", {"a": 1}),
        ("\ufeffa: 1", {"a": 1}),
        ("yes: 3\nno: null", {"yes": 3, "no": None}),
        ("a: yes\nb: on\nc: true", {"a": "yes", "b": "on", "c": True}),
        ("a: 2021-12-01\nb: 1:30\nc: 0x1F", {"a": "2021-12-01", "b": "1:30", "c": "0x1F"}),
        ("a: 1.5\nb: -3\nc: '3'\nd: +.5", {"a": 1.5, "b": -3, "c": "3", "d": 0.5}),
        ("a: ~\nb: ''\nc:", {"a": None, "b": "", "c": None}),
        ("1: x\nnull: y", {"1": "x", "null": "y"}),
        ("<<: {a: 1}", {"<<": {"a": 1}}),
        ("a: .inf\nb: .nan\nc: 1e999", {"a": ".inf", "b": ".nan", "c": float("inf")}),
        ("a: 1234567890123456789012", {"a": "1234567890123456789012"}),
        ("a: >-\n  satu\n  dua\n", {"a": "satu dua"}),
        ("%YAML 1.1\n---\na: yes", {"a": "yes"}),
    ],
)
def test_scalars_are_the_words_that_stand_there(text: str, value: object) -> None:
    assert catalog.read(text.encode()).value == value


@pytest.mark.parametrize(
    ("data", "problems"),
    [
        (b"a: 1\nb: {c: 1, c: 2}\na: 2", [("/b/c", "duplicate_key", "Line 2, column 11"), ("/a", "duplicate_key", "Line 3, column 1")]),
        (b"a: {x: 1}\na: {y: 1, y: 2}", [("/a", "duplicate_key", "Line 2, column 1"), ("/a/y", "duplicate_key", "Line 2, column 11")]),
        (b"a: &x 1\nb: *x", [("/a", "alias_refused", "Line 1, column 4"), ("/b", "alias_refused", "Line 2, column 4")]),
        (b"a: !!python/object/apply:os.system [ls]", [("/a", "tag_refused", "Line 1, column 4")]),
        (b"a: [!!str 1]", [("/a/0", "tag_refused", "Line 1, column 5")]),
        (b"a: b: c", [("", "yaml_invalid", "Line 1, column 5")]),
        (b"a: [1,\n 2", [("", "yaml_invalid", "Line 3, column 1")]),
        (b"a: 1\n\tb: 2", [("", "yaml_invalid", "Line 2, column 1")]),
        (b"a: 1\nb: \x07", [("", "yaml_invalid", "Line 2, column 4")]),
        (b"? [a]\n: 1", [("", "key_not_text", "Line 1, column 3")]),
        (b'"a\\0": 1', [("", "key_not_text", "Line 1, column 1")]),
        (b"'" + b"k" * 201 + b"': 1", [("", "key_not_text", "Line 1, column 1")]),
        (b"a\n---\nb", [("", "second_document", "Line 2, column 1")]),
        (b"a: \xff", [("", "encoding_invalid", "The file is not UTF-8 text.")]),
    ],
)
def test_what_is_no_plain_data_is_refused_with_its_place(data: bytes, problems: list[tuple[str, str, str]]) -> None:
    assert refused(data) == problems


def test_a_file_over_the_limit_is_not_even_read() -> None:
    assert refused(b"#" * (catalog.MAX_BYTES + 1)) == [("", "file_too_large", "The file is larger than 1048576 bytes.")]
    assert catalog.read(b"#" * catalog.MAX_BYTES).value is None


@pytest.mark.parametrize("data", [b"[" * 100_000, b"{a: " * 100_000, b"- " * 100_000, b"? " * 100_000])
def test_deep_nesting_exhausts_nothing(data: bytes) -> None:
    assert refused(data)[-1][1] in {"too_deep", "key_not_text", "yaml_invalid"}


def test_a_file_of_very_many_nodes_is_refused() -> None:
    assert refused(b"- 1\n" * 20_001) == [("", "too_large", "The procedure is too large.")]


def test_a_bomb_of_aliases_does_not_go_off() -> None:
    levels = [b"a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]".encode() for n in range(1, 30)]
    assert {code for _, code, _ in refused(b"\n".join(levels))} == {"alias_refused"}


def test_a_problem_has_a_line_in_the_file() -> None:
    draft = catalog.read(b"key: x\nsteps:\n  - number: 1\n    inputs:\n      - {slot: a}\n")
    assert draft.place("/steps/0/inputs/0/slot") == (5, 10)
    assert draft.place("/steps/0/inputs/0/label") == (5, 9)
    assert draft.place("/title") == (1, 1)


def test_every_shipped_file_is_sound() -> None:
    assert "pengumpulan-data-kinerja.yaml" in catalog.shipped()
    for name, data in catalog.shipped().items():
        draft = catalog.read(data)
        assert check(draft.value) == (), name
        assert draft.value["key"] == Path(name).stem


@given(st.text() | st.text("[]{}:,-&*!'\"\n ?|>%#a1~", max_size=40))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    with suppress(ProcedureRejected):
        catalog.read(text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("data", [b"a: 1\na: 2", b"yes: {x: [1, '2', null]}", b"a: *b", b"a: b: c", b"a: \x07"])
def test_the_reader_without_the_c_library_says_the_same(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def outcome() -> object:
        try:
            return catalog.read(data)
        except ProcedureRejected as rejected:
            return rejected.problems

    with_library = outcome()
    monkeypatch.setattr(catalog, "_LOADER", yaml.SafeLoader)
    assert outcome() == with_library
