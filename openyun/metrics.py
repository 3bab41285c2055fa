"""What the platform measures of itself, in memory, and its wording for Prometheus.

Counters begin at zero with the process, as Prometheus expects. What a customer may ask for later is kept in state by
the services themselves.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import accumulate
from threading import Lock

BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""seconds: upper ends of a histogram's ranges; what takes longer is in a last one"""
MOST_SERIES = 10_000
"""of one metric; what comes later is counted together, under the label `other`"""

Labels = tuple[str, ...]


class Cell:
    """How often, how long, and how many bytes each way."""

    __slots__ = ("count", "ranges", "received", "seconds", "sent")

    def __init__(self) -> None:
        self.count = 0
        self.received = 0
        self.sent = 0
        self.seconds = 0.0
        self.ranges = [0] * (len(BOUNDS) + 1)

    def note(self, seconds: float, received: int = 0, sent: int = 0) -> None:
        self.count += 1
        self.received += received
        self.sent += sent
        self.seconds += seconds
        self.ranges[bisect_left(BOUNDS, seconds)] += 1

    def merge(self, other: Cell) -> None:
        self.count += other.count
        self.received += other.received
        self.sent += other.sent
        self.seconds += other.seconds
        self.ranges = [one + two for one, two in zip(self.ranges, other.ranges, strict=True)]


class Counter:
    kind = "counter"

    def __init__(self, name: str, explanation: str, labels: Labels = ()) -> None:
        self.name, self.explanation, self.labels = name, explanation, labels
        self._values: dict[Labels, float] = {}
        self._lock = Lock()

    def add(self, *labels: str, by: float = 1) -> None:
        with self._lock:
            place = _place(self._values, labels)
            self._values[place] = self._values.get(place, 0) + by

    def lines(self) -> Iterator[str]:
        with self._lock:
            values = dict(self._values)
        for labels, value in sorted(values.items()):
            yield f"{self.name}{_shown(self.labels, labels)} {value:.15g}"


class Gauge:
    """Asked for when it is read."""

    kind = "gauge"

    def __init__(self, name: str, explanation: str) -> None:
        self.name, self.explanation = name, explanation
        self.read: Callable[[], float] = lambda: 0
        """set by who knows"""

    def lines(self) -> Iterator[str]:
        yield f"{self.name} {self.read():.15g}"


class Latency:
    """A histogram of seconds."""

    kind = "histogram"

    def __init__(self, name: str, explanation: str, labels: Labels = ()) -> None:
        self.name, self.explanation, self.labels = name, explanation, labels
        self._cells: dict[Labels, Cell] = {}
        self._lock = Lock()

    def note(self, labels: Labels, seconds: float) -> None:
        with self._lock:
            self._cell(labels).note(seconds)

    def merge(self, labels: Labels, cell: Cell) -> None:
        with self._lock:
            self._cell(labels).merge(cell)

    def lines(self) -> Iterator[str]:
        with self._lock:
            cells = [(labels, cell.count, cell.seconds, list(cell.ranges)) for labels, cell in self._cells.items()]
        for labels, count, seconds, ranges in sorted(cells):
            for bound, below in zip((f"{one:g}" for one in BOUNDS), accumulate(ranges), strict=False):
                yield f"{self.name}_bucket{_shown((*self.labels, 'le'), (*labels, bound))} {below}"
            yield f"{self.name}_bucket{_shown((*self.labels, 'le'), (*labels, '+Inf'))} {count}"
            yield f"{self.name}_sum{_shown(self.labels, labels)} {seconds:.9g}"
            yield f"{self.name}_count{_shown(self.labels, labels)} {count}"

    def _cell(self, labels: Labels) -> Cell:
        return self._cells.setdefault(_place(self._cells, labels), Cell())


def _place(known: dict[Labels, object] | dict[Labels, float] | dict[Labels, Cell], labels: Labels) -> Labels:
    """Names that customers choose must not fill the memory."""
    return labels if labels in known or len(known) < MOST_SERIES else ("other",) * len(labels)


def _shown(names: Labels, values: Labels) -> str:
    pairs = ",".join(f'{name}="{_escaped(value)}"' for name, value in zip(names, values, strict=True))
    return f"{{{pairs}}}" if pairs else ""


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


REQUESTS = Latency(
    "openyun_request_duration_seconds",
    "Time until a request's answer began, by product, operation, HTTP status and error code.",
    ("product", "operation", "status", "code"),
)
OSS_REQUESTS = Latency(
    "openyun_oss_request_duration_seconds",
    "Time until the answer to an OSS or S3 request began.",
    ("region", "bucket", "operation", "status"),
)
OSS_RECEIVED = Counter(
    "openyun_oss_received_bytes_total", "Bytes of bodies that came in.", ("region", "bucket", "operation")
)
OSS_SENT = Counter("openyun_oss_sent_bytes_total", "Bytes of bodies that went out.", ("region", "bucket", "operation"))
TRANSACTIONS = Counter("openyun_state_transactions_total", "Transactions that wrote.", ("region", "outcome"))
COMMITS = Counter("openyun_state_commits_total", "Commits that made them durable, several at once.", ("region",))
PASSES = Counter("openyun_reconcile_passes_total", "Looks of the reconciler at what is due.", ("region",))
DEEDS = Counter("openyun_reconcile_deeds_total", "Deeds of the reconciler.", ("region", "outcome"))
CONNECTIONS = Gauge("openyun_open_connections", "Connections of clients that are open.")

METRICS: tuple[Counter | Gauge | Latency, ...] = (
    REQUESTS,
    OSS_REQUESTS,
    OSS_RECEIVED,
    OSS_SENT,
    TRANSACTIONS,
    COMMITS,
    PASSES,
    DEEDS,
    CONNECTIONS,
)


def exposition() -> str:
    """All of it in Prometheus's text format, version 0.0.4."""
    lines: list[str] = []
    for one in METRICS:
        lines += [f"# HELP {one.name} {one.explanation}", f"# TYPE {one.name} {one.kind}", *one.lines()]
    return "\n".join(lines) + "\n"


class Traffic:
    """What came and went, by labels, since it was last taken. Noting costs a microsecond and no I/O."""

    def __init__(self) -> None:
        self._cells: dict[Labels, Cell] = {}
        self._lock = Lock()

    def note(self, labels: Labels, seconds: float, received: int, sent: int) -> None:
        with self._lock:
            cell = self._cells.get(labels)
            if cell is None:
                cell = self._cells[labels] = Cell()
            cell.note(seconds, received, sent)

    def take(self) -> dict[Labels, Cell]:
        with self._lock:
            taken, self._cells = self._cells, {}
        return taken

    def give_back(self, cells: dict[Labels, Cell]) -> None:
        """What could not be written down."""
        with self._lock:
            for labels, cell in cells.items():
                self._cells.setdefault(labels, Cell()).merge(cell)
