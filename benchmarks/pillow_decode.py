"""JPEG decoding and random resized crop to 224 with Pillow, as torchvision does both: images a second.

usage: pillow_decode.py FOLDER IMAGES PROCESSES
"""

import math
import multiprocessing
import os
import random
import sys
import time

from PIL import Image

SIDE = 224


def rectangle(width, height):
    for _ in range(10):
        area = width * height * random.uniform(0.08, 1.0)
        shape = math.exp(random.uniform(math.log(3 / 4), math.log(4 / 3)))
        w, h = round(math.sqrt(area * shape)), round(math.sqrt(area / shape))
        if 0 < w <= width and 0 < h <= height:
            left, top = random.randint(0, width - w), random.randint(0, height - h)
            return left, top, left + w, top + h
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    return left, top, left + side, top + side


def prepare(file):
    with open(file, "rb") as opened:
        image = Image.open(opened).convert("RGB")
    cropped = image.crop(rectangle(*image.size))
    return len(cropped.resize((SIDE, SIDE), Image.BILINEAR).tobytes())


def work(files):
    for file in files:
        prepare(file)


if __name__ == "__main__":
    folder, images, processes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    names = sorted(name for name in os.listdir(folder) if name.lower().endswith((".jpg", ".jpeg")))
    files = [os.path.join(folder, names[i % len(names)]) for i in range(images)]
    shares = [files[i::processes] for i in range(processes)]
    if processes == 1:
        work(files[: len(names)])
        start = time.perf_counter()
        work(files)
    else:
        # Started and warm before the clock is: a training run's workers are too.
        with multiprocessing.Pool(processes) as pool:
            pool.map(work, [share[: len(names)] for share in shares], chunksize=1)
            start = time.perf_counter()
            pool.map(work, shares, chunksize=1)
    print(f"{images / (time.perf_counter() - start):.1f} images/s")
