"""The benchmark of engines as Markdown with plots, from what was measured."""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt

mpl.use("svg")
mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "peelgraph", "font.size": 9})

OURS, CACHED = "peelgraph", "peelgraph, cached"
COLOURS = {
    OURS: "#1d4ed8",
    CACHED: "#93c5fd",
    "Oxigraph": "#b45309",
    "Fuseki": "#15803d",
    "Virtuoso": "#7e22ce",
    "rdflib-endpoint": "#6b7280",
}
_NOTES = (
    "that of Oxigraph's server by the same engine, which reads from disk where our workers hold "
    "copies in memory, as long as these fit into a quarter of `max_memory`; a larger graph is read "
    "from disk by both, ours from the one sorted run that publishing leaves. Why Virtuoso groups "
    "and counts faster was not looked into."
)
# What the mean of uncached throughput ought to be, of each other engine's.
TARGETS = {"Fuseki": 1.0, "Virtuoso": 1.0, "rdflib-endpoint": 1.0, "Oxigraph": 0.7}


def write_report(found: dict[str, Any], folder: Path) -> None:
    """Write `engines.md` and its plots."""
    parts = [
        "# Engines measured side by side\n",
        "Written by `make bench-engines`; the figures of a size are of one run, and only their "
        "ratios travel from one machine to another.\n",
        "Twenty-five questions of the catalogue, with its own parameters, of the "
        "project's graph grown by copies of its report. Every engine holds the same triples, "
        "asserted and inferred, and runs with its own defaults; each question is sent by GET, as "
        "JSON or N-Triples, for one second by so many clients that keep their connections, once "
        "the engine is idle. "
        "`peelgraph` answers every question anew (`--cache 0`); `peelgraph, cached` is its "
        "default, which keeps the answers of a version. No other engine keeps answers. A question "
        "that takes longer than a second is asked once, and its rate is one over its time.\n",
    ]
    for size in found["sizes"]:
        parts += _size(found, size, folder)
    (folder / "engines.md").write_text("\n".join(parts), encoding="utf-8")


def write_summary(found: dict[str, Any], readme: Path) -> None:
    """Put the means into the README, between the marks that are there for them."""
    first, last = "<!-- engines: written by make bench-engines -->", "<!-- engines: end -->"
    text = readme.read_text(encoding="utf-8")
    before, rest = text.split(first)
    _, after = rest.split(last)
    heads = " | ".join(
        f"{count} clients" if count > 1 else "1 client" for count in found["clients"]
    )
    rows = [
        "Throughput of peelgraph as a ratio of each engine's (geometric mean of 25 questions, one "
        "run a size; uncached, and in the last row as it is served); "
        "[the report](docs/benchmarks/engines.md) names each question and where we lose:",
        "",
        f"| triples | beside | {heads} |",
        f"| --- | --- |{' ---: |' * len(found['clients'])}",
    ]
    for size in found["sizes"]:
        means = _means(found, size)
        rows += [_ratios(size, name, means[OURS], means[name]) for name in TARGETS if name in means]
        if CACHED in means:
            others = [mean for name, mean in means.items() if name != CACHED]
            best = [max(each) for each in zip(*others, strict=True)]
            rows.append(_ratios(size, "the best, questions repeated", means[CACHED], best))
    readme.write_text("\n".join([before + first, *rows, last + after]), encoding="utf-8")


def _ratios(size: dict[str, Any], name: str, ours: list[float], other: list[float]) -> str:
    ratios = " | ".join(f"{a / b:.2f}" for a, b in zip(ours, other, strict=True))
    return f"| {size['millions']:g} M | {name} | {ratios} |"


def _size(found: dict[str, Any], size: dict[str, Any], folder: Path) -> list[str]:
    engines, clients = size["engines"], found["clients"]
    label = f"{size['millions']:g}".replace(".", "-")
    means = _means(found, size)
    _plot_means(means, clients, folder / f"engines-{label}-throughput.svg")
    _plot_queries(found, size, folder / f"engines-{label}-queries.svg")
    heads = " | ".join(f"{count} clients" if count > 1 else "1 client" for count in clients)
    told = size["triples"]
    parts = [
        f"## {size['millions']:g} million triples\n",
        f"{told['all']:,} triples, {told['inferred']:,} of them inferred. "
        f"Run of {size['when'][:10]}. Machine: {size['machine']}.\n",
        "Geometric mean of the throughput over the questions, answers a second:\n",
        f"| engine | {heads} | load, s | memory, MiB | answers that agree |",
        f"| --- |{' ---: |' * (len(clients) + 3)}",
    ]
    for name, mean in means.items():
        rates = " | ".join(f"{value:,.0f}" if value >= 10 else f"{value:.2f}" for value in mean)
        engine = engines[name]
        agree = sum(query["agrees"] for query in engine["queries"].values())
        parts.append(
            f"| {name} | {rates} | {engine['load']:.1f} | {engine['memory']:,.0f} "
            f"| {agree} of {len(engine['queries'])} |"
        )
    parts += ["", f"![throughput by engine](engines-{label}-throughput.svg)\n"]
    parts += ["Ours, uncached, as a ratio of each other engine's mean, and what it ought to be:\n"]
    parts += [f"| engine | {heads} | target |", f"| --- |{' ---: |' * (len(clients) + 1)}"]
    for name, target in TARGETS.items():
        if name in means:
            pairs = zip(means[OURS], means[name], strict=True)
            ratios = " | ".join(f"{ours / other:.2f}" for ours, other in pairs)
            parts.append(f"| {name} | {ratios} | {target:g} |")
    if CACHED in means:
        best = [max(m[at] for n, m in means.items() if n != CACHED) for at in range(len(clients))]
        pairs = zip(means[CACHED], best, strict=True)
        parts.append(
            f"| the best of all, when questions repeat | "
            f"{' | '.join(f'{ours / other:.2f}' for ours, other in pairs)} | 1 |"
        )
    parts += ["", "### Each question\n", f"![rate by question](engines-{label}-queries.svg)\n"]
    parts += _latencies(found, size)
    parts += _losses(found, size)
    parts += _disagreements(size)
    return parts


def _latencies(found: dict[str, Any], size: dict[str, Any]) -> list[str]:
    names = list(size["engines"])
    parts = [
        "Latency of one client, median and 99th percentile in milliseconds "
        "(one figure: asked once, or failed):\n",
        f"| question | kind | rows | {' | '.join(names)} |",
        f"| --- | --- | ---: |{' ---: |' * len(names)}",
    ]
    for query in found["queries"]:
        cells = []
        for name in names:
            facts = size["engines"][name]["queries"][query["name"]]
            load = facts["load"][str(found["clients"][0])]
            both = f"{load['p50']:.1f} / {load['p99']:.1f}"
            one = f"failed ({facts['first']:.0f} s)" if facts["failure"] else f"{load['p50']:,.0f}"
            cells.append(both if load["measured"] else one)
        rows = size["engines"]["Oxigraph"]["queries"][query["name"]]["rows"]
        parts.append(f"| {query['name']} | {query['kind']} | {rows} | {' | '.join(cells)} |")
    return [*parts, ""]


def _losses(found: dict[str, Any], size: dict[str, Any]) -> list[str]:
    """Questions where another engine answers more than ours uncached to one client, and why."""
    engines, first = size["engines"], str(found["clients"][0])

    def time_of(engine: str, question: str) -> float:
        """Milliseconds that an answer takes."""
        return 1000 / float(engines[engine]["queries"][question]["load"][first]["rate"])

    names = [query["name"] for query in found["queries"]]
    others = [name for name in engines if name not in (OURS, CACHED)]
    way = min(time_of(OURS, name) for name in names)
    rows = []
    for query in found["queries"]:
        name, ours = query["name"], time_of(OURS, query["name"])
        theirs = {
            other: time_of(other, name)
            for other in others
            if not engines[other]["queries"][name]["failure"]
        }
        told = [
            f"{other} {ours / taken:.1f} times{', by the way' if ours - way < taken else ''}"
            for other, taken in theirs.items()
            if taken < ours
        ]
        if told:
            rows.append(f"- `{name}` ({query['kind']}, ours {ours:.1f} ms): {'; '.join(told)}")
    parts = [
        "### Where we lose, uncached, to one client\n",
        f"The shortest question takes us {way:.2f} ms, nearly all of it on its way: through the "
        "process that reads requests, limits and logs them, and through another that evaluates "
        "and can be ended alone when a question exceeds its time or memory. No other engine here "
        "does that. *By the way*: without these milliseconds we would not lose. The rest is "
        f"evaluation: {_NOTES}\n",
    ]
    return [*parts, *(rows or ["Nowhere."]), ""]


def _disagreements(size: dict[str, Any]) -> list[str]:
    rows = [
        f"- {name}, `{query}`: {facts['failure'] or str(facts['rows']) + ' rows'}"
        for name, engine in size["engines"].items()
        for query, facts in engine["queries"].items()
        if not facts["agrees"]
    ]
    head = "### Answers that differ from Oxigraph's\n"
    return [head, *(rows or ["None."]), ""]


def _means(found: dict[str, Any], size: dict[str, Any]) -> dict[str, list[float]]:
    return {
        name: [
            _mean(query["load"][str(count)]["rate"] for query in engine["queries"].values())
            for count in found["clients"]
        ]
        for name, engine in size["engines"].items()
    }


def _mean(values: Iterable[float]) -> float:
    logs = [math.log(value) for value in values]
    return math.exp(sum(logs) / len(logs))


def _plot_means(means: dict[str, list[float]], clients: list[int], path: Path) -> None:
    figure, axes = plt.subplots(figsize=(7, 3))
    width = 0.8 / len(means)
    for at, (name, values) in enumerate(means.items()):
        places = [place + at * width for place in range(len(clients))]
        axes.bar(places, values, width, label=name, color=COLOURS[name])
    axes.set_yscale("log")
    axes.set_ylabel("answers a second (geometric mean)")
    axes.set_xticks([place + 0.4 - width / 2 for place in range(len(clients))])
    axes.set_xticklabels([f"{count} clients" if count > 1 else "1 client" for count in clients])
    axes.legend(fontsize=7, ncols=3, loc="upper left")
    axes.set_ylim(top=axes.get_ylim()[1] * 8)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def _plot_queries(found: dict[str, Any], size: dict[str, Any], path: Path) -> None:
    names = [query["name"] for query in found["queries"]]
    figure, axes = plt.subplots(figsize=(7, 6.5))
    first = str(found["clients"][0])
    for engine, facts in size["engines"].items():
        rates = [facts["queries"][name]["load"][first]["rate"] for name in names]
        axes.scatter(rates, range(len(names)), s=22, label=engine, color=COLOURS[engine])
    axes.set_xscale("log")
    axes.set_yticks(range(len(names)))
    axes.set_yticklabels(names)
    axes.invert_yaxis()
    axes.grid(axis="both", alpha=0.3)
    axes.set_xlabel("answers a second to one client")
    axes.legend(fontsize=7, ncols=3, loc="lower center", bbox_to_anchor=(0.4, 1))
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
