"""Terms, rules, and where they go: one row a line.

A section begins with its rules, as they would be written in a config. A row: what arrives => where it goes : by what.
`›` stands between levels of a path that arrives or is made, `¦` between terms that arrive together, `_` at an end for a
blank, `{label}` and `<scheme>` behind a term; `-` is nowhere.
"""

import re
from dataclasses import dataclass
from typing import Literal

import pytest

from aggregator.categories import Rule, Rules, Style, place_terms
from aggregator.model.document import CategoryTerm

TABLE = """
@ flat
python => python : keep
Python => Python : keep
_Python_ => Python : keep
Machine   Learning => Machine Learning : keep
新媒体 => 新媒体 : keep
Новости => Новости : keep
أخبار => أخبار : keep
חדשות => חדשות : keep
ニュース => ニュース : keep
한국 => 한국 : keep
C => C : keep
C++ => C++ : keep
C# => C# : keep
F# => F# : keep
.NET => .NET : keep
NET => NET : keep
R => R : keep
Go => Go : keep
A/B => A/B : keep
A, B => A, B : keep
A; B => A; B : keep
A | B => A | B : keep
A > B => A > B : keep
今日、明日 => 今日、明日 : keep
广播剧 / 有声漫画 => 广播剧 / 有声漫画 : keep
首页 - 白金攻略 => 首页 - 白金攻略 : keep
— Photos => — Photos : keep
#python => #python : keep
2026 => 2026 : keep
1.10 => 1.10 : keep
true => true : keep
null => null : keep
~ => ~ : keep
no => no : keep
2026-11-23 => 2026-11-23 : keep
.. => .. : keep
. => . : keep
/ => / : keep
CON => CON : keep
nul => nul : keep
%2e%2e => %2e%2e : keep
../../etc/passwd => ../../etc/passwd : keep
<script> => <script> : keep
' OR 1=1 -- => ' OR 1=1 -- : keep
🎉 => 🎉 : keep
👩\u200d💻 => 👩\u200d💻 : keep
🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f => 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f : keep
می\u200cخواهم => می\u200cخواهم : keep
a\\x00b => ab : keep
a\\x07b => ab : keep
a\\x0cb => a b : keep
a\\ud800b => ab : keep
a\\nb => a b : keep
a\\tb => a b : keep
a\\x85b => a b : keep
\u202eabc => abc : keep
a\u2066b\u2069 => ab : keep
\ufeffPython => \ufeffPython : keep

# nothing that shows
_ => - : empty
— => - : empty
\u2013\u2014 => - : empty
| => - : empty
"" => - : empty
“” => - : empty
«» => - : empty
\u3000 => - : empty
\u00a0 => - : empty
\u00ad => - : empty
\u200b => - : empty
\u200d => - : empty
\u200c\u200d => - : empty
\ufe0f => - : empty
\U000e0100 => - : empty
\u2800 => - : empty
\u3164 => - : empty
\uffa0 => - : empty
\u115f => - : empty
\u202e => - : empty
\u2066\u2069 => - : empty
\\x00 => - : empty
\\x1b => - : empty
\\ud800 => - : empty
\\udfff => - : empty
\ufffe => - : empty
\ufdd0 => - : empty
— {—} => - : empty
&nbsp; => - : empty
&#8203; => - : empty
[](https://a.example/) => - : empty
# => # : keep
## => ## : keep

# references: however often they were escaped, never without their semicolon
Q&amp;A => Q&A : keep
Q&amp;amp;A => Q&A : keep
Q&amp;amp;amp;A => Q&A : keep
Q&#38;A => Q&A : keep
Q&#x26;A => Q&A : keep
Q&#X26;A => Q&A : keep
AT&T => AT&T : keep
AT&T; => AT&T; : keep
R&D => R&D : keep
Sex&notes => Sex&notes : keep
Sports&parade; => Sports&parade; : keep
A&notin;B => A∉B : keep
A&notify; => A&notify; : keep
A&copy => A&copy : keep
A&copy; => A© : keep
Caf&eacute; => Café : keep
Caf&#233; => Café : keep
don&#8217;t => don’t : keep
don&rsquo;t => don’t : keep
&quot;quoted&quot; => "quoted" : keep
&lt;div&gt; => <div> : keep
&amp;lt;div&amp;gt; => <div> : keep
a&nbsp;b => a b : keep
&#0; => \ufffd : keep
&#xD800; => \ufffd : keep
&#99999999; => &#99999999; : keep
&#9999999; => \ufffd : keep
&unknown; => &unknown; : keep
&; => &; : keep
& => & : keep
&#; => &#; : keep
{Q&amp;A} => Q&A : keep

# Markdown
Webtoons - [Naver](https://comic.naver.com) => Webtoons - Naver : keep
[Naver](https://comic.naver.com) => Naver : keep
[A](https://a.example/) and [B](http://b.example/x?y=z#w) => A and B : keep
[A](https://a.example/x_(y)) => A : keep
[A](https://a.example/ "title") => A : keep
[A](<https://a.example/>) => A : keep
[A](/path) => A : keep
[A](./path) => A : keep
[A](../path) => A : keep
[A](#part) => A : keep
[A](?q=1) => A : keep
[A](www.example.org) => A : keep
[A](mailto:a@b.example) => A : keep
![A](https://a.example/a.png) => A : keep
[新](https://a.example/新) => 新 : keep
[Q&amp;A](https://a.example/?a=b&amp;c=d) => Q&A : keep
C [en](beta) => C [en](beta) : keep
f(x) => f(x) : keep
[tag] => [tag] : keep
[a](b c) => [a](b c) : keep
[a] (https://a.example/) => [a] (https://a.example/) : keep
{[Naver](https://comic.naver.com)} => Naver : keep

# a label is shown, one that only a machine reads is not
42{Ruby} => Ruby : keep
42{Ruby}<urn:x> => Ruby : keep
https://a.example/t/1{Ruby} => Ruby : keep
http://dbpedia.org/resource/Ruby{Ruby}<http://dbpedia.org/> => Ruby : keep
urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8{Ruby} => Ruby : keep
d41d8cd98f00b204e9800998ecf8427e{Ruby} => Ruby : keep
ruby{The Ruby language} => The Ruby language : keep
ruby{https://a.example/ruby} => ruby : keep
ruby{d41d8cd98f00b204e9800998ecf8427e} => ruby : keep
ruby{6ba7b810-9dad-11d1-80b4-00c04fd430c8} => ruby : keep
ruby{2026} => 2026 : keep
ruby{—} => ruby : keep
ruby{\u200b} => ruby : keep
{Ruby} => Ruby : keep
https://a.example/1 => https://a.example/1 : keep
https://a.example/1{https://a.example/2} => https://a.example/2 : keep
42 => 42 : keep
http://schemas.google.com/blogger/2008/kind#post<http://schemas.google.com/g/2005#kind> => - : kind
http://schemas.google.com/docs/2007#document{document}<http://schemas.google.com/g/2005#kind> => - : kind
document<http://schemas.google.com/g/2005/labels> => document : keep

# texts are no names
(200) => (200) : keep
(201) => - : long
(10000) => - : long
(201){Ruby} => Ruby : keep
ruby{(201)} => - : long
A ¦ (201) ¦ B => A : keep ¦ - : long ¦ B : keep

# one category, whatever the spelling: the second and third count for nothing new
@ flat; most 1
Python ¦ PYTHON ¦ python => Python : keep ¦ PYTHON : keep ¦ python : keep
Python ¦ Ｐｙｔｈｏｎ => Python : keep ¦ Ｐｙｔｈｏｎ : keep
数折 推送 ¦ 数折\u3000推送 => 数折 推送 : keep ¦ 数折 推送 : keep
(本站) ¦ （本站） => (本站) : keep ¦ （本站） : keep
Straße ¦ STRASSE => Straße : keep ¦ STRASSE : keep
École ¦ E\u0301cole => École : keep ¦ E\u0301cole : keep
Photos ¦ — Photos => Photos : keep ¦ — Photos : keep
Photos ¦ | Photos => Photos : keep ¦ | Photos : keep
Photos ¦ "Photos" => Photos : keep ¦ "Photos" : keep
Photos ¦ #Photos => Photos : keep ¦ #Photos : keep
Photos ¦ # photos => Photos : keep ¦ # photos : keep
Py\u00adthon ¦ Python => Py\u00adthon : keep ¦ Python : keep
❤\ufe0f ¦ ❤ => ❤\ufe0f : keep ¦ ❤ : keep
葛\U000e0100 ¦ 葛 => 葛\U000e0100 : keep ¦ 葛 : keep
ﬁlm ¦ film => ﬁlm : keep ¦ film : keep
Q&A ¦ Q&amp;A => Q&A : keep ¦ Q&A : keep
Q＆A ¦ Q&A => Q＆A : keep ¦ Q&A : keep
42{Ruby} ¦ Ruby => Ruby : keep ¦ Ruby : keep
Σίσυφος ¦ ΣΊΣΥΦΟΣ => Σίσυφος : keep ¦ ΣΊΣΥΦΟΣ : keep
K ¦ k => K : keep ¦ k : keep
½ ¦ 1⁄2 => ½ : keep ¦ 1⁄2 : keep

# two categories: what looks or means nearly the same is for an alias to say
C ¦ C++ => C : keep ¦ - : most
C ¦ C# => C : keep ¦ - : most
C++ ¦ C# => C++ : keep ¦ - : most
NET ¦ .NET => NET : keep ¦ - : most
F ¦ F# => F : keep ¦ - : most
R ¦ Go => R : keep ¦ - : most
分类 ¦ 分類 => 分类 : keep ¦ - : most
热榜 ¦ 熱榜 => 热榜 : keep ¦ - : most
podcast ¦ podcasts => podcast : keep ¦ - : most
open source ¦ open-source => open source : keep ¦ - : most
opensource ¦ open source => opensource : keep ¦ - : most
Paypal ¦ Рaypal => Paypal : keep ¦ - : most
École ¦ Ecole => École : keep ¦ - : most
1 ¦ 1X => 1 : keep ¦ - : most
AI ¦ A.I. => AI : keep ¦ - : most
A/B ¦ A-B => A/B : keep ¦ - : most
👩 ¦ 👩\u200d💻 => 👩 : keep ¦ - : most

# aliases: names, globs, expressions; the first that is written decides
@ flat; python -> Dev/Python; py-* -> Dev/Python; re:^c?python [23] -> Dev/Python; *photos* -> Photos; c -> Dev/C; 新闻 -> News; ?? -> Short; [xyz]-ray -> Rays; c++ -> Dev/C++; a/b -> Slash; re:^新.*报$ -> Papers; re:#\\d+ -> Issues; re:^\\W*$ -> Signs; AT&T -> Phones; .net -> Dev/Net; 100% -> All; a.b -> Dots; [en] -> English; (x) -> Brackets; café -> Coffee
python => Dev/Python : alias
PYTHON => Dev/Python : alias
Ｐｙｔｈｏｎ => Dev/Python : alias
_python_ => Dev/Python : alias
#python => Dev/Python : alias
— python => Dev/Python : alias
"Python" => Dev/Python : alias
Py\u200bthon => Dev/Python : alias
[Python](https://python.org/) => Dev/Python : alias
python3 => python3 : keep
my python => my python : keep
py-lib => Dev/Python : alias
PY-LIB => Dev/Python : alias
py- => Dev/Python : alias
a py-lib => a py-lib : keep
Python 3.14 => Dev/Python : alias
CPython 2 => Dev/Python : alias
JPython 2 => JPython 2 : keep
Photos => Photos : alias
My Photos of 2021 => Photos : alias
— PHOTOS — => Photos : alias
photo => photo : keep
C => Dev/C : alias
Ｃ => Dev/C : alias
C++ => Dev/C++ : alias
Ｃ＋＋ => Dev/C++ : alias
C# => Short : alias
C+++ => C+++ : keep
Go => Short : alias
新聞 => Short : alias
🎉🎉 => Short : alias
Rust => Rust : keep
X-ray => Rays : alias
z-Ray => Rays : alias
a-ray => a-ray : keep
A/B => Slash : alias
A => A : keep
新闻 => News : alias
“新闻” => News : alias
新华日报 => Papers : alias
《新华日报》 => 《新华日报》 : keep
see #17 => Issues : alias
see #１７ => Issues : alias
see #٣ => Issues : alias
!?! => Signs : alias
AT&T => Phones : alias
AT&amp;T => Phones : alias
at＆t => Phones : alias
.NET => Dev/Net : alias
net => net : keep
100% => All : alias
A.B => Dots : alias
AxB => AxB : keep
[en] => English : alias
E => English : alias
en => Short : alias
(X) => Brackets : alias
（x） => Brackets : alias
CAFÉ => Coffee : alias
cafe\u0301 => Coffee : alias
Caf&eacute; => Coffee : alias
42{Python} => Dev/Python : alias
python{42} => Dev/Python : alias
python{Serpents} => Dev/Python : alias
{Python} => Dev/Python : alias
https://a.example/7{Py-lib}<urn:x> => Dev/Python : alias
Python ¦ py-lib ¦ Photos => Dev/Python : alias ¦ Dev/Python : alias ¦ Photos : alias

@ flat; py* -> First; python -> Second; re:thon -> Third
python => First : alias
Marathon => Third : alias
pypy => First : alias
@ flat; re:thon -> Third; python -> Second; py* -> First
python => Third : alias
pypy => First : alias
@ flat; own py* -> Own; python -> All; ruby -> All/Ruby
python => Own : alias
ruby => All/Ruby : alias
@ flat; own python -> 编程; python -> Dev; unmapped drop
python => 编程 : alias
ruby => - : unmapped

# what no alias takes
@ flat; drop uncategorized; drop 未分类; drop *spam*; drop re:^v?\\d+$; generic 首页; generic 分类; generic news; a -> 首页; b -> uncategorized
Uncategorized => - : drop
UNCATEGORIZED_ => - : drop
#uncategorized => - : drop
未分类 => - : drop
No spam, please => - : drop
v2 => - : drop
2026 => - : drop
٢٠٢٦ => - : drop
2026{Year 2026} => - : drop
首页 => - : generic
— 首页 => - : generic
News => - : generic
News today => News today : keep
A => 首页 : alias
B => uncategorized : alias
News ¦ Python ¦ v2 => - : generic ¦ Python : keep ¦ - : drop
@ flat; unmapped drop; generic news
Python => - : unmapped
news => - : generic
@ flat; unmapped Other; drop spam
Python => Other : unmapped
spam => - : drop
(201) => - : long
— => - : empty
@ flat; unmapped A/Other; python -> Dev
Python => Dev : alias
Rust => A/Other : unmapped
@ flat; add A/B; add C
x => x : keep ¦ A/B : added ¦ C : added
@ flat; add A; most 1
x => - : most ¦ A : added
a ¦ x => a : keep ¦ - : most ¦ A : added
@ flat; late -> Late; later -> Later; most 2
spam ¦ later ¦ ham ¦ late => - : most ¦ Later : alias ¦ - : most ¦ Late : alias

# paths: the names of one path
@ path; drop uncategorized; drop 未分类; generic 首页; generic 分类; generic 资讯
图片 › 1X › Photos => 图片/1X/Photos : keep
游戏 › GNN › GNN => 游戏/GNN : keep
A › a › Ａ › b › A => A/b/A : keep
博客 › X › 分类 => 博客/X : generic
博客 › X › — 分类 => 博客/X : generic
博客 › 资讯 › 首页 => 博客 : generic
博客 › 资讯 › X => 博客/资讯/X : keep
首页 => - : generic
首页 › 分类 => - : generic
未分类 => - : drop
未分类 › A => - : drop
A › Uncategorized › B => A : drop
A › 分类 › 未分类 › B => A : generic
A › — › B => A/B : keep
— › | => - : empty
A › \u200b › a => A : keep
A › B/C => A/B\N{FULLWIDTH SOLIDUS}C : keep
二次元 › Webtoons - [Naver](https://comic.naver.com) => 二次元/Webtoons - Naver : keep
A › Q&amp;A => A/Q&A : keep
A › (201) => A : long
A › (201) › B => A : long
(201) › A => - : long
A › 首页 › (201) => A : generic
42{A} › 43{B} => A/B : keep
1 › 2 › 3 › 4 › 5 › 6 › 7 › 8 › 9 › 10 › 11 › 12 › 13 › 14 › 15 › 16 › 17 › 18 › 19 › 20 › 21 => 1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20 : keep
@ path; [图片, 1X, *Photos] -> Pictures; [图片, 2X] -> Second; 3X -> Third; re:^4x -> Fourth; [re:^音] -> Music; 图片 -> Else; drop 未分类; generic 首页
图片 › 1X › — Photos => Pictures : alias
图片 › 1X › Photos › 2021 => Pictures/2021 : alias
图片 › 1x › My photos › 首页 => Pictures : alias
图片 › 1X › Photos › 未分类 › y => Pictures : alias
图片 › 1X => Else/1X : alias
图片 › 2X => Second : alias
图片 › 2x › a › b => Second/a/b : alias
图片 › 3X => Third : alias
图片 › 图片 › 2X => Second : alias
A › 3X › B => Third/B : alias
A › 图片 › 1X › Photos => Else/1X/Photos : alias
A › 4X-fold › C => Fourth/C : alias
音乐 › Jazz => Music/Jazz : alias
A › 音乐 => A/音乐 : keep
Third › third › 3X => Third : alias
图片 › Else › x => Else/x : alias
图片 › (201) => Else : alias
@ path; 分类 -> Kinds; generic 分类
A › 分类 => Kinds : alias
@ path; [A, A, B] -> Pair; own [A] -> Own
A › A › B => Own/B : alias
@ path; [A, A, B] -> Pair
A › A › B => Pair : alias
A › B => Pair : alias
@ path; unmapped Other; generic 首页
A › B => Other : unmapped
首页 => - : generic
@ path; add Z; most 1
A › B => - : most ¦ Z : added

# separators: only where the config of the source names one
@ flat; sep ,; python -> Dev/Python; drop spam
a,b => a : keep ¦ b : keep
a, b ,, c, => a : keep ¦ b : keep ¦ c : keep
Python,spam , Rust => Dev/Python : alias ¦ - : drop ¦ Rust : keep
a => a : keep
a、b => a、b : keep
a，b => a，b : keep
, => nothing
,, => nothing
— => - : empty
a ¦ b,c => a : keep ¦ b : keep ¦ c : keep
Q&amp;A,b => Q&A : keep ¦ b : keep
[A](https://a.example/),b => A : keep ¦ b : keep
42,43{Ruby, Rust} => Ruby : keep ¦ Rust : keep
a,b{One label} => a : keep ¦ b : keep
https://a.example/x,y{Ruby} => Ruby : keep
https://a.example/x,y{Ruby, Rust} => Ruby : keep ¦ Rust : keep
https://a.example/x,y => https://a.example/x,y : keep
{a, b} => a : keep ¦ b : keep
(201),b => - : long ¦ b : keep
@ flat; sep ;
Q&amp;A; b => Q&A : keep ¦ b : keep
AT&T;b => AT&T : keep ¦ b : keep
@ flat; sep / ; a -> T
A / B => T : alias ¦ B : keep
@ flat; sep 、
今日、明日 => 今日 : keep ¦ 明日 : keep
@ path; sep /; [A, B] -> T; generic x
A/B => T : alias
A / B / C => T/C : alias
C/D => C/D : keep
C/x => C : generic
A › B/C => T/C : alias
C//D/ => C/D : keep
/ => nothing
1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21/22 => 1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20 : keep
@ path; sep ::
Dev::Python => Dev/Python : keep
Dev:Python => Dev:Python : keep
"""  # noqa: E501

TERM = re.compile(r"(?P<term>[^{]*?)(?:\{(?P<label>.*)\})?(?:<(?P<scheme>(?:urn|http)\S*)>)?", re.DOTALL)
ESCAPE = re.compile(r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|n|t)")


@dataclass(frozen=True)
class Row:
    style: Style
    rules: Rules
    arrives: str
    expected: str


def rows() -> list[Row]:
    found: list[Row] = []
    style, rules = "flat", Rules()
    for line in TABLE.splitlines():
        if line.startswith("@"):
            first, *written = [part.strip() for part in line[1:].split("; ")]
            style, rules = first, rules_of(written)
        elif " => " in line:
            arrives, _, expected = line.rpartition(" => ")
            found.append(Row("path" if style == "path" else "flat", rules, arrives, expected))
    return found


def rules_of(written: list[str]) -> Rules:
    kinds: dict[str, list[Rule]] = {"alias": [], "own": [], "drop": [], "generic": [], "add": []}
    more: dict[str, str] = {}
    for one in written:
        word, _, rest = one.partition(" ")
        if word in {"drop", "generic"}:
            kinds[word].append(cutting("drop" if word == "drop" else "generic", rest))
        elif word == "add":
            kinds["add"].append(Rule("added", (), tuple(rest.split("/"))))
        elif word in {"most", "sep", "unmapped"}:
            more[word] = rest
        else:
            kinds["own" if word == "own" else "alias"].append(alias(one.removeprefix("own ")))
    way = more.get("unmapped", "keep")
    unmapped = (
        Rule("keep", ()) if way == "keep" else Rule("unmapped", (), () if way == "drop" else tuple(way.split("/")))
    )
    return Rules(
        tuple(kinds["alias"]),
        tuple(kinds["drop"]),
        tuple(kinds["generic"]),
        unmapped,
        tuple(kinds["add"]),
        int(more.get("most", 20)),
        own=tuple(kinds["own"]),
        separator=more.get("sep", ""),
    )


def cutting(decider: Literal["drop", "generic"], pattern: str) -> Rule:
    return Rule(decider, (pattern,))


def alias(written: str) -> Rule:
    pattern, _, target = written.partition(" -> ")
    if pattern.startswith("[") and ("," in pattern or pattern.startswith("[re:")):
        return Rule("alias", tuple(pattern[1:-1].split(", ")), tuple(target.split("/")), prefix=True)
    return Rule("alias", (pattern,), tuple(target.split("/")))


def term(written: str) -> CategoryTerm:
    parts = TERM.fullmatch(written)
    assert parts
    return CategoryTerm(text(parts["term"]), text(parts["label"] or ""), parts["scheme"] or "")


def text(written: str) -> str:
    written = re.sub(r"\((\d{3,5})\)", lambda match: "x" * int(match[1]), re.sub("^_|_$", " ", written))
    return ESCAPE.sub(lambda match: match[0].encode().decode("unicode_escape"), written)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.arrives[:40].encode("unicode_escape").decode())
def test_where_terms_go(row: Row) -> None:
    arriving = [term(one) for one in re.split(" [›¦] ", row.arrives)]
    found = place_terms(arriving, (), row.style, row.rules)
    shown = [
        "/".join(name.shown.replace("/", "／") if len(one.path) > 1 else name.shown for name in one.path)
        for one in found
    ]
    told = " ¦ ".join(f"{path or '-'} : {one.decider}" for path, one in zip(shown, found, strict=True))
    assert (told or "nothing") == text(row.expected)


def test_the_table_has_rows() -> None:
    assert len(rows()) >= 300
