"""The peer's evaluation: class scores of a batch in plain PyTorch without a backward pass, timed (CPU, float32).

It stands on the model and the settings of the peer's training step, peer_step.py, whose path comes first:
    peer_eval.py PEER_STEP.py WEIGHTS.safetensors --side 224 --batch 32 --steps 10
Prints "median X ms/step ... peak RSS Y MiB", as the training step does.
"""

import os
import sys

# As in peer_step.py: glibc keeps what was freed.
KEEP = {"MALLOC_MMAP_THRESHOLD_": "4000000000", "MALLOC_TRIM_THRESHOLD_": "8000000000", "MALLOC_TOP_PAD_": "500000000"}
if "MALLOC_TOP_PAD_" not in os.environ:
    os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **KEEP})

sys.path.insert(0, os.path.dirname(sys.argv[1]))

import argparse
import resource
import time

import torch
from peer_model import cosine, features, load_safetensors

parser = argparse.ArgumentParser()
parser.add_argument("peer")
parser.add_argument("weights")
parser.add_argument("--side", type=int)
parser.add_argument("--batch", type=int)
parser.add_argument("--steps", type=int)
given = parser.parse_args()

torch.set_num_threads(os.cpu_count())
values = load_safetensors(given.weights)
width = values["cls_token"].shape[-1]
values["pos_embed"] = values["pos_embed"][:, : 1 + (given.side // 16) ** 2]
images = torch.randn(given.batch, 3, given.side, given.side)
prompts, head = torch.randn(12, 10, width), torch.randn(100, width)

times = []
with torch.no_grad():
    for _ in range(2 + given.steps):
        start = time.perf_counter()
        cosine(features(values, images, prompts, width // 64), head)
        times.append(time.perf_counter() - start)
median = sorted(times[2:])[given.steps // 2]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"peer eval: median {median * 1e3:.1f} ms/step peak RSS {peak:.0f} MiB")
