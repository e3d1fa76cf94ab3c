# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What suites over the tools share: networks, forms, figures."""
import json
import os
import subprocess

# Contractions in each, the same in every form (models/README.md).
NETWORKS = [
    ("resnet18", 21),
    ("resnet50", 54),
    ("mobilenet_v2", 53),
    ("mobilenet_v3_small", 54),
    ("efficientnet_b0", 82),
    ("bert", 18),
]
# Unit dimensions are folded in one form only: upstream's fold turns a
# generalised convolution of stride 2 with a single output into invalid IR.
FORMS = [
    ("given", "canonicalize"),
    ("generalised", "linalg-generalize-named-ops"),
    ("fused", "linalg-fuse-elementwise-ops,linalg-fold-unit-extent-dims"),
    ("generalised-fused",
     "linalg-generalize-named-ops,linalg-fuse-elementwise-ops"),
]

class Figures:
    """Figures as JSON lines (DESIGN 11), and what became of their bars."""

    def __init__(self, path):
        self.file = open(path, "w") if path else None
        self.wrong = self.missed = 0

    def add(self, case, metric, value, unit, bar=None, ok=None, gates=False,
            reference=None, source=None):
        """Notes a figure; returns it as text, marked if it misses its bar."""
        self.missed += ok is False
        self.wrong += ok is False and gates
        if self.file:
            json.dump({"case": case, "metric": metric, "value": value,
                       "unit": unit, "reference": reference,
                       "reference_source": source, "bar": bar, "pass": ok},
                      self.file)
            self.file.write("\n")
        text = "-" if value is None else f"{value:.3g}"
        if metric == "contractions":
            text += f"/{reference}"
        return text + (" NO" if ok is False else "")


TEST = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                     ".."))


def models_folder():
    return os.environ.get("GLENSIDE_MODELS", os.path.normpath(
        os.path.join(TEST, "..", "..", "shared", "models")))


def run(command):
    return subprocess.run(command, capture_output=True, text=True)
