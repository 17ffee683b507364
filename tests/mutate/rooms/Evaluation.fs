module LongTail.Tests.Mutation.Evaluation

let private file name = "src/Core.CSharp/Evaluation/" + name

let defects =
    [
        {
            Name = "top-1 is the mean over classes"
            File = file "ClassAccuracy.cs"
            Changes = [ ("(double)correct.Sum() / total.Sum()", "Macro") ]
            CaughtBy = "each mean is what its name says"
        }
        {
            Name = "a class without a test image has accuracy 0"
            File = file "ClassAccuracy.cs"
            Changes =
                [
                    ("n == 0 ? null : (double?)((double)c / n)", "(double?)((double)c / Math.Max(n, 1))")
                ]
            CaughtBy = "each mean is what its name says"
        }
        {
            Name = "the harmonic mean is the plain one"
            File = file "ClassAccuracy.cs"
            Changes = [ ("Present.Count() / Present.Sum(accuracy => 1 / accuracy)", "Macro") ]
            CaughtBy = "each mean is what its name says"
        }
        {
            Name = "a class that is never right is left out of the harmonic mean"
            File = file "ClassAccuracy.cs"
            Changes =
                [
                    ("Present.Contains(0) ? 0 : Present.Count() / Present.Sum(",
                     "Present.Count() / Present.Where(accuracy => accuracy > 0).Sum(")
                ]
            CaughtBy = "a class that is never right makes the harmonic mean 0"
        }
        {
            Name = "a target out of range passes"
            File = file "ClassAccuracy.cs"
            Changes = [ ("targets[i] < 0 || targets[i] >= classes", "targets[i] >= classes") ]
            CaughtBy = "accuracy.what cannot be counted is refused"
        }
        {
            Name = "100 images are head"
            File = file "Groups.cs"
            Changes = [ ("n > HeadAbove ?", "n >= HeadAbove ?") ]
            CaughtBy = "by count, 100 and 20 are medium"
        }
        {
            Name = "20 images are tail"
            File = file "Groups.cs"
            Changes = [ ("n >= TailBelow ?", "n > TailBelow ?") ]
            CaughtBy = "by count, 100 and 20 are medium"
        }
        {
            Name = "the published ranges are the counts' at factor 100"
            File = file "Groups.cs"
            Changes = [ ("new(36, 71)", "new(35, 70)") ]
            CaughtBy = "the published ranges come out"
        }
        {
            Name = "an empty group has accuracy 0"
            File = file "Groups.cs"
            Changes = [ ("groups[j] == group).Average()", "groups[j] == group).Average() ?? 0") ]
            CaughtBy = "an empty group is null"
        }
        {
            Name = "confidences are those of outputs without the scale"
            File = file "Judge.cs"
            Changes = [ ("Softmax(outputs * scale)", "Softmax(outputs)") ]
            CaughtBy = "a run is what its parts make of it, step by step"
        }
        {
            Name = "bins are closed on their left"
            File = file "Calibration.cs"
            Changes = [ ("confidences[i] > (bin + 1)", "confidences[i] >= (bin + 1)") ]
            CaughtBy = "golden: bins are closed on their right"
        }
        {
            Name = "ECE is the mean over bins"
            File = file "Calibration.cs"
            Changes =
                [
                    ("bins.Sum(bin => bin.Images * Gap(bin)) / bins.Sum(bin => bin.Images)", "bins.Average(Gap)")
                ]
            CaughtBy = "a bin weighs by its images"
        }
        {
            Name = "bins of opposite sign cancel"
            File = file "Calibration.cs"
            Changes =
                [
                    ("bins.Sum(bin => bin.Images * Gap(bin))",
                     "Math.Abs(bins.Sum(bin => bin.Images * (bin.Accuracy - bin.Confidence)))")
                ]
            CaughtBy = "golden: bins are closed on their right"
        }
        {
            Name = "a confidence that is no number is taken"
            File = file "Calibration.cs"
            Changes = [ ("!(confidences[i] > 0)", "confidences[i] <= 0") ]
            CaughtBy = "what is no confidence is refused"
        }
    ]
