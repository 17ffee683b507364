"""Images a second of a sgd step in bfloat16, batch 128, side 224: the models of Throughput.fs in PyTorch (2.0 or newer).

A frozen Vision Transformer with 10 deep prompts and a cosine head; prompts and head are trained.
"""

import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

DEVICE = torch.device(sys.argv[1] if len(sys.argv) > 1 else "cuda")
BATCH, SIDE, PATCH, PROMPTS, CLASSES, DEPTH = 128, 224, 16, 10, 100, 12


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width, 1e-6), nn.LayerNorm(width, 1e-6)
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.fc1, self.fc2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        batch, tokens, width = x.shape
        qkv = self.qkv(self.norm1(x)).view(batch, tokens, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v)
        x = x + self.proj(mixed.transpose(1, 2).reshape(batch, tokens, width))
        return x + self.fc2(F.gelu(self.fc1(self.norm2(x))))


class Model(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.patches = nn.Conv2d(3, width, PATCH, PATCH)
        self.cls = nn.Parameter(torch.zeros(1, 1, width))
        self.positions = nn.Parameter(torch.zeros(1, 1 + (SIDE // PATCH) ** 2, width))
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(DEPTH))
        self.norm = nn.LayerNorm(width, 1e-6)
        self.requires_grad_(False).to(DEVICE, torch.bfloat16)
        self.prompts = nn.Parameter(0.02 * torch.randn(DEPTH, PROMPTS, width, device=DEVICE))
        self.head = nn.Parameter(0.02 * torch.randn(CLASSES, width, device=DEVICE))

    def forward(self, images):
        x = self.patches(images).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls.expand(len(x), -1, -1), x], 1) + self.positions
        tokens = x.shape[1]
        for block, prompts in zip(self.blocks, self.prompts.to(x.dtype)):
            x = block(torch.cat([x[:, :tokens], prompts.expand(len(x), -1, -1)], 1))
        x = (self.norm(x[:, 0]) + x[:, tokens:].mean(1)) / 2
        return F.linear(F.normalize(x.float(), dim=1), F.normalize(self.head, dim=1))


def synchronize():
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()


for name, width, heads in [("DeiT-Tiny", 192, 3), ("ViT-B/16", 768, 12)]:
    model = Model(width, heads)
    optimizer = torch.optim.SGD([model.prompts, model.head], 0.005, momentum=0.9, weight_decay=1e-3)
    images = torch.randn(BATCH, 3, SIDE, SIDE, device=DEVICE, dtype=torch.bfloat16)
    targets = torch.randint(CLASSES, (BATCH,), device=DEVICE)
    times = []
    for _ in range(40):
        synchronize()
        start = time.perf_counter()
        optimizer.zero_grad()
        F.cross_entropy(25 * model(images), targets).backward()
        optimizer.step()
        synchronize()
        times.append(time.perf_counter() - start)
    print(f"PyTorch {torch.__version__} {name} sgd: {BATCH / sorted(times[20:])[10]:.0f} images/s")
