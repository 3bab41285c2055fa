"""Sample files that the SDK's tests read and that its source distribution lacks, made with the content that the tests'
assertions speak of. What only the vendor's own file can satisfy, such as the size of an image that the vendor's encoder
wrote, still fails, and the page says so."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

COLUMNS = [
    "Year",
    "StateAbbr",
    "StateDesc",
    "CityName",
    "GeographicLevel",
    "Category",
    "Measure",
    "Data_Value_Unit",
    "Data_Value",
    "High_Confidence_Limit",
    "PopulationCount",
    "CategoryID",
    "Short_Question_Text",
]
_MEASURES = (
    ("Current lack of health insurance among adults aged 18-64 Years", "Prevention", "Health Insurance"),
    (
        "Taking medicine for high blood pressure control among adults aged >=18 Years",
        "Prevention",
        "Taking BP Medicine",
    ),
    ("Binge drinking among adults aged >=18 Years", "Unhealthy Behaviors", "Binge Drinking"),
    ("Arthritis among adults", "Health Outcomes", "Arthritis"),
)
_CITIES = (("US", "United States", ""), ("AL", "Alabama", "Birmingham"), ("CA", "California", "Los Angeles"))


def write(folder: Path) -> None:
    """Into the `tests` folder of a copy of the suite; what is there stays."""
    table, senators = _table().encode(), _senators()
    document = json.dumps({"meta": {"total_count": len(senators)}, "objects": senators}, indent=4).encode()
    files = {
        "example.jpg": _image(),
        "sample_data.csv": table,
        "sample_data.csv.gz": gzip.compress(table),
        "invalid_sample_data.csv": table.replace(b"Alabama", b'"Alabama', 1)[: len(table) // 2],
        "sample_json.json": document,
        "sample_json.json.gz": gzip.compress(document),
        "sample_json_lines.json": b",\n".join(json.dumps(one, indent=4).encode() for one in senators),
    }
    for name, content in files.items():
        if not (folder / name).exists():
            (folder / name).write_bytes(content)


def _table() -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for number in range(500):
        state, name, city = _CITIES[number % 3]
        measure, category, question = _MEASURES[number % 4]
        value = "" if number % 17 == 0 else str((148 if number % 20 == 2 else 95 + number) / 10)
        limit = value and str(float(value) + 10.5)
        level = "City" if city else "US"
        people = 300_000 + number
        rows.writerow(
            [
                *(2014 + number % 3, state, name, city, level, category, measure, "%", value, limit),
                *(people, category[:4].upper(), question),
            ]
        )
    return text.getvalue()


def _senators() -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for number in range(100):
        first, last = ("John", "Kennedy") if number == 42 else (f"First{number}", f"Last{number}")
        found.append(
            {
                "congress_numbers": [113 + number % 3, 114 + number % 3],
                "current": True,
                "extra": {"address": f"{number} Senate Office Building", "office": f"Room {number}"},
                "party": ("Democrat", "Republican", "Independent")[number % 3],
                "person": {
                    "birthday": f"{1940 + number % 40}-0{1 + number % 9}-15",
                    "cspanid": 1011723 if number == 7 else 2000 + number,
                    "firstname": first,
                    "lastname": last,
                },
                "senator_rank": ("junior", "senior")[number % 2],
                "startdate": f"{2013 + 2 * (number % 3)}-01-03",
                "state": ("CA", "WI", "NY", "TX")[number % 4],
            }
        )
    return found


def _image() -> bytes:
    """A JPEG of the size that the vendor's example has, 400 x 267."""
    from PIL import Image

    made = Image.radial_gradient("L").resize((400, 267)).convert("RGB")
    out = io.BytesIO()
    made.save(out, "JPEG", quality=90)
    return out.getvalue()
