module LongTail.Tests.Mutation.Data

let private file name = "src/Core.CSharp/Data/" + name

let defects =
    [
        {
            Name = "counts are rounded"
            File = file "LongTailed.cs"
            Changes = [ ("when classes > 1 => (int)(", "when classes > 1 => (int)Math.Round(") ]
            CaughtBy = "the published lists come out"
        }
        {
            Name = "counts are multiplied by 1 / IF"
            File = file "LongTailed.cs"
            Changes =
                [
                    ("largest / Math.Pow(imbalanceFactor, j", "largest * Math.Pow(1 / imbalanceFactor, j")
                ]
            CaughtBy = "the last class is exact"
        }
        {
            Name = "counts fall over all classes, not all but one"
            File = file "LongTailed.cs"
            Changes = [ ("j / (classes - 1.0)", "j / (double)classes") ]
            CaughtBy = "the published lists come out"
        }
        {
            Name = "step keeps the middle class whole"
            File = file "LongTailed.cs"
            Changes = [ ("j >= classes / 2", "j > classes / 2") ]
            CaughtBy = "step keeps half of the classes whole"
        }
        {
            Name = "a class without an image passes"
            File = file "LongTailed.cs"
            Changes = [ ("n => n < 1", "n => n < 0") ]
            CaughtBy = "a class without an image is refused by its index"
        }
        {
            Name = "an imbalance below 1 passes"
            File = file "LongTailed.cs"
            Changes = [ ("imbalanceFactor >= 1 &&", "imbalanceFactor > 0 &&") ]
            CaughtBy = "what is no imbalance factor is refused"
        }
        {
            Name = "a selection is no prefix of a larger one"
            File = file "Selection.cs"
            Changes =
                [
                    ("random.Shuffle(members);", "random.Shuffle(members.AsSpan(0, counts[label]));")
                ]
            CaughtBy = "fewer images of a class are a prefix of more"
        }
        {
            Name = "every class is shuffled alike"
            File = file "Selection.cs"
            Changes = [ ("random.Shuffle(members);", "new MersenneTwister(seed).Shuffle(members);") ]
            CaughtBy = "the published hash of CIFAR-100's positions comes out"
        }
        {
            Name = "the first images of each class lose the file's order"
            File = file "Selection.cs"
            Changes = [ ("members.Take(count)).Order()", "members.Take(count))") ]
            CaughtBy = "the first images of each class stay in file order"
        }
        {
            Name = "the twister leaves out a tempering"
            File = file "MersenneTwister.cs"
            Changes = [ ("y ^= (y << 15) & 0xefc60000u;", "") ]
            CaughtBy = "the Mersenne twister gives its published ten-thousandth number"
        }
        {
            Name = "intervals by remainder, not rejection"
            File = file "MersenneTwister.cs"
            Changes =
                [
                    ("do value = Next() & mask;", "do value = (uint)(Next() % (largest + 1UL));")
                ]
            CaughtBy = "the published hash of CIFAR-100's positions comes out"
        }
        {
            Name = "shuffles from the first place up"
            File = file "MersenneTwister.cs"
            Changes =
                [
                    ("var i = values.Length - 1; i > 0; i--", "var i = 1; i < values.Length; i++")
                ]
            CaughtBy = "the published hash of CIFAR-100's positions comes out"
        }
        {
            Name = "images are taken, labels are not"
            File = file "ImageData.cs"
            Changes = [ ("indices.Select(index => Labels[index])", "Labels.Take(indices.Count)") ]
            CaughtBy = "keeps each image with its label"
        }
        {
            Name = "the coarse label is the class"
            File = file "Cifar.cs"
            Changes = [ ("head[^1]", "head[0]") ]
            CaughtBy = "CIFAR-100's class is the fine label"
        }
        {
            Name = "a label one past the last class passes"
            File = file "Cifar.cs"
            Changes = [ ("labels[i] >= layout.Classes", "labels[i] > layout.Classes") ]
            CaughtBy = "CIFAR.a label out of range is refused"
        }
        {
            Name = "each file overwrites the one before"
            File = file "Cifar.cs"
            Changes = [ ("first += count;", "") ]
            CaughtBy = "CIFAR-10's five files follow each other"
        }
        {
            Name = "trailing data passes"
            File = file "Idx.cs"
            Changes = [ ("expected != (UInt128)", "expected > (UInt128)") ]
            CaughtBy = "is refused with.trailing data"
        }
        {
            Name = "every step augments alike"
            File = file "Transforms/Pipeline.cs"
            Changes = [ ("Purpose.Augmentation, Step)", "Purpose.Augmentation, 0)") ]
            CaughtBy = "choices belong to the seed and the step alone"
        }
        {
            Name = "without a crop the flips are others"
            File = file "Transforms/Pipeline.cs"
            Changes = [ ("batch.Shared(2, 2, 1)", "batch.Shared(2, 0, 1)") ]
            CaughtBy = "crops and flips are those of the first runs"
        }
        {
            Name = "a crop moves one way only"
            File = file "Transforms/Pipeline.cs"
            Changes = [ ("(int)down - padding", "(int)down / 2 - padding") ]
            CaughtBy = "a crop is a window of the image with zeros around it"
        }
        {
            Name = "images are flipped upside down"
            File = file "Transforms/Passes/Mirrors.cs"
            Changes =
                [
                    ("canvas.Mirror();", "{ canvas.Transpose(); canvas.Mirror(); canvas.Transpose(); }")
                ]
            CaughtBy = "about half of the images are flipped, left to right"
        }
        {
            Name = "cutout hangs on the choices before it"
            File = file "Transforms/Choice.cs"
            Changes = [ ("step, (int)choice)", "step)") ]
            CaughtBy = "augment.laws.every choice of every image"
        }
        {
            Name = "a square is cut out of one channel"
            File = file "Transforms/Canvas.cs"
            Changes = [ ("Plane(c)[(y * Width + left)", "Plane(0)[(y * Width + left)") ]
            CaughtBy = "cutout blanks the same square of all channels"
        }
        {
            Name = "the resize aligns the corners"
            File = file "Transforms/Bilinear.cs"
            Changes = [ ("scale * (i + 0.5) - 0.5", "i * (from - 1.0) / Math.Max(to - 1, 1)") ]
            CaughtBy = "resize is bilinear between half-pixel centres"
        }
        {
            Name = "pixels are divided by 256"
            File = file "Transforms/ModelInput.cs"
            Changes = [ ("value / 255f", "value / 256f") ]
            CaughtBy = "normalising inverts"
        }
        {
            Name = "the channels' means are blue, green, red"
            File = file "Transforms/ModelInput.cs"
            Changes =
                [
                    ("(float)values.Red, (float)values.Green, (float)values.Blue",
                     "(float)values.Blue, (float)values.Green, (float)values.Red")
                ]
            CaughtBy = "normalising inverts"
        }
        {
            Name = "a batch leaves its parts behind"
            File = file "Batches.cs"
            Changes =
                [
                    ("device ??= images.device;", "device ??= images.device; images.clone().MoveToOuterDisposeScope();")
                ]
            CaughtBy = "nothing but the batch is left behind"
        }
        {
            Name = "a blend rounds"
            File = file "Transforms/ValueTable.cs"
            Changes = [ ("Math.Clamp(v + factor", "Math.Clamp(0.5f + v + factor") ]
            CaughtBy = "augment.laws.by hand"
        }
        {
            Name = "solarize takes the threshold too low"
            File = file "Transforms/ValueTable.cs"
            Changes = [ ("value < threshold", "value <= threshold") ]
            CaughtBy = "augment.laws.by hand"
        }
        {
            Name = "the end of a plane is blended otherwise"
            File = file "Transforms/Blending.cs"
            Changes =
                [
                    ("from[i] + factor * (plane[i] - from[i])", "plane[i] + factor * (plane[i] - from[i])")
                ]
            CaughtBy = "augment.laws.without magnitude nothing changes"
        }
        {
            Name = "sharpness smooths the border"
            File = file "Transforms/Blending.cs"
            Changes = [ ("plane[..width].CopyTo(smooth);", "") ]
            CaughtBy = "augment.laws.sharpness leaves the border"
        }
        {
            Name = "a shear repeats the wrong end"
            File = file "Transforms/Geometry.cs"
            Changes =
                [
                    ("row.Slice(width + 2, 2).Fill(source[^1])", "row.Slice(width + 2, 2).Fill(source[0])")
                ]
            CaughtBy = "augment.laws.what shears"
        }
        {
            Name = "rotations turn clockwise"
            File = file "Transforms/PixelMap.cs"
            Changes = [ ("-degrees * Math.PI", "degrees * Math.PI") ]
            CaughtBy = "augment.laws.a quarter turn"
        }
        {
            Name = "a pixel's weights do not sum to one"
            File = file "Transforms/Taps.cs"
            Changes = [ ("weights[k] / sum", "weights[k]") ]
            CaughtBy = "augment.laws.a smaller image is made of means"
        }
        {
            Name = "a GPU spreads values by the cumulated counts with their own"
            File = file "Transforms/OnDevice/Spreads.cs"
            Changes = [ ("counts.cumsum(2) - counts +", "counts.cumsum(2) +") ]
            CaughtBy = "by operators.operation.Equalize"
        }
        {
            Name = "on a GPU the second operation of a pair is the first again"
            File = file "Transforms/Passes/Operations.cs"
            Changes = [ ("drawn[i * rounds + first].Operation", "drawn[i * rounds].Operation") ]
            CaughtBy = "by operators.transform.AutoAugment"
        }
        {
            Name = "a window beyond a narrow image takes the next row's pixels"
            File = file "Transforms/Canvas.cs"
            Changes = [ (" || first == end", "") ]
            CaughtBy = "by operators.transform.crop"
        }
        {
            Name = "test images keep the lists' classes"
            File = file "DataSet.cs"
            Changes =
                [
                    ("var labels = set.Labels(files);",
                     "var labels = files == set.Test ? [.. files.Labels] : set.Labels(files);")
                ]
            CaughtBy = "from lists has its classes by falling count"
        }
        {
            Name = "a class may have no training image"
            File = file "ListedSet.cs"
            Changes =
                [
                    ("train.List.Unlearnable is { } why", "train.List.Unlearnable is { Length: 0 } why")
                ]
            CaughtBy = "a number between the classes that none has"
        }
        {
            Name = "a test image is passed over as well"
            File = file "DataSet.cs"
            Changes = [ ("Part(set.Test, BrokenImages.Fail,", "Part(set.Test, settings.Broken,") ]
            CaughtBy = "is not judged by other images than the test set's"
        }
    ]
