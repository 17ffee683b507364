"""The published CIFAR training pipeline (method.md 4.3) on Pillow and torchvision, for timing; written from its description.

crop 4, flip, AutoAugment's CIFAR-10 policy, cutout 16, resize to 224, normalise, image by image as a loader's workers do it.
Prints "mean X ms/batch". Debian: apt-get install python3-pil python3-torchvision; run with /usr/bin/python3.
"""

import argparse
import random
import time

import torch
from PIL import Image, ImageEnhance, ImageOps
from torchvision import transforms
from torchvision.transforms import functional as tv

GRAY = (128, 128, 128)
POLICY = """
invert .1 7 contrast .2 6; rotate .7 2 translateX .3 9; sharpness .8 1 sharpness .9 3; shearY .5 8 translateY .7 9;
autocontrast .5 8 equalize .9 2; shearY .2 7 posterize .3 7; color .4 3 brightness .6 7; sharpness .3 9 brightness .7 9;
equalize .6 5 equalize .5 1; contrast .6 7 sharpness .6 5; color .7 7 translateX .5 8; equalize .3 7 autocontrast .4 8;
translateY .4 3 sharpness .2 6; brightness .9 6 color .2 8; solarize .5 2 invert 0 3; equalize .2 0 autocontrast .6 0;
equalize .2 8 equalize .6 4; color .9 9 equalize .6 6; autocontrast .8 4 solarize .2 8; brightness .1 3 color .7 0;
solarize .4 5 autocontrast .9 3; translateY .9 9 translateY .7 9; autocontrast .9 2 solarize .8 3; equalize .8 8 invert .1 3;
translateY .7 9 autocontrast .9 1
"""


def affine(image, matrix, filter=Image.NEAREST):
    return image.transform(image.size, Image.AFFINE, matrix, filter, fillcolor=GRAY)


def rotated(image, degrees):
    turned = image.convert("RGBA").rotate(degrees)
    return Image.composite(turned, Image.new("RGBA", turned.size, (128,) * 4), turned).convert(image.mode)


def enhancer(kind):
    return lambda image, m: kind(image).enhance(1 + m * random.choice((-1, 1)))


def signed(m):
    return m * random.choice((-1, 1))


OPERATIONS = {
    "shearY": (lambda i, m: affine(i, (1, 0, 0, signed(m), 1, 0), Image.BICUBIC), lambda x: 0.3 * x),
    "translateX": (lambda i, m: affine(i, (1, 0, signed(m) * i.size[0], 0, 1, 0)), lambda x: 150 / 331 * x),
    "translateY": (lambda i, m: affine(i, (1, 0, 0, 0, 1, signed(m) * i.size[1])), lambda x: 150 / 331 * x),
    "rotate": (rotated, lambda x: 30 * x),
    "color": (enhancer(ImageEnhance.Color), lambda x: 0.9 * x),
    "contrast": (enhancer(ImageEnhance.Contrast), lambda x: 0.9 * x),
    "sharpness": (enhancer(ImageEnhance.Sharpness), lambda x: 0.9 * x),
    "brightness": (enhancer(ImageEnhance.Brightness), lambda x: 0.9 * x),
    "posterize": (lambda i, m: ImageOps.posterize(i, m), lambda x: round(8 - 4 * x)),
    "solarize": (lambda i, m: ImageOps.solarize(i, m), lambda x: 256 * (1 - x)),
    "autocontrast": (lambda i, m: ImageOps.autocontrast(i), lambda x: x),
    "equalize": (lambda i, m: ImageOps.equalize(i), lambda x: x),
    "invert": (lambda i, m: ImageOps.invert(i), lambda x: x),
}


def step(name, probability, level):
    operation, magnitude = OPERATIONS[name]
    return operation, float(probability), magnitude(int(level) / 9)


PAIRS = [(step(*pair.split()[:3]), step(*pair.split()[3:])) for pair in POLICY.split(";")]


class AutoAugment:
    def __call__(self, image):
        for operation, probability, magnitude in random.choice(PAIRS):
            if random.random() < probability:
                image = operation(image, magnitude)
        return image


class Cutout:
    def __init__(self, side):
        self.side = side

    def __call__(self, image):
        height, width = image.shape[1:]
        down, right = random.randrange(height), random.randrange(width)
        half = self.side // 2
        mask = torch.ones(height, width)
        mask[max(down - half, 0) : down + half, max(right - half, 0) : right + half] = 0
        return image * mask


class Resize:
    def __call__(self, image):
        return torch.nn.functional.interpolate(image[None], (224, 224), mode="bilinear", align_corners=False)[0]


class Images(torch.utils.data.Dataset):
    def __init__(self, count):
        self.images = (torch.rand(count, 8, 8, 3) * 255).to(torch.uint8)
        # Smooth, as photographs are.
        large = torch.nn.functional.interpolate(self.images.permute(0, 3, 1, 2).float(), (32, 32), mode="bicubic")
        self.images = large.clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).numpy()
        self.transform = transforms.Compose(
            [
                transforms.RandomCrop(32, padding=4),
                transforms.RandomHorizontalFlip(),
                AutoAugment(),
                transforms.ToTensor(),
                Cutout(16),
                Resize(),
                transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010)),
            ]
        )

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        return self.transform(Image.fromarray(self.images[i]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--batches", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(1)
    warm = 2 * max(options.workers, 1)
    images = Images(options.batch * (options.batches + warm))
    loader = torch.utils.data.DataLoader(images, options.batch, num_workers=options.workers)
    started = None
    for i, _ in enumerate(loader, 1):
        if i == warm:
            started = time.perf_counter()
    milliseconds = (time.perf_counter() - started) * 1000 / options.batches
    print(f"pillow: mean {milliseconds:.1f} ms/batch")


main()
