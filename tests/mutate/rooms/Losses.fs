module LongTail.Tests.Mutation.Losses

let private file name = "src/Core.CSharp/Losses/" + name

let defects =
    [
        {
            Name = "class weights are not normalised"
            File = file "ClassWeights.cs"
            Changes = [ ("weights.Select(w => w / mean)", "weights") ]
            CaughtBy = "are positive, have a mean of 1"
        }
        {
            Name = "class weights go with 1 / n"
            File = file "ClassWeights.cs"
            Changes = [ ("(1 - beta) / (1 - Math.Pow(beta, n))", "1.0 / n") ]
            CaughtBy = "are all 1 for beta = 0"
        }
        {
            Name = "re-weighting begins an epoch early"
            File = file "ClassWeights.cs"
            Changes = [ ("epoch > rule.After", "epoch >= rule.After") ]
            CaughtBy = "begin at exactly one boundary"
        }
        {
            Name = "margins move every logit"
            File = file "Ldam.cs"
            Changes =
                [
                    (".scatter_add_(1, targets.unsqueeze(1), lifts.index_select(0, targets).unsqueeze(1))",
                     ".add(lifts.index_select(0, targets).unsqueeze(1))")
                ]
            CaughtBy = "only the target's logit moves"
        }
        {
            Name = "margins grow with the count"
            File = file "Ldam.cs"
            Changes = [ ("Math.Pow(rarest / n, 0.25)", "Math.Pow(n / rarest, 0.25)") ]
            CaughtBy = "margins are n^(-1/4)"
        }
        {
            Name = "the unscaled quirk scales"
            File = file "Ldam.cs"
            Changes = [ ("unscaledLogits ? 1 : scale", "scale") ]
            CaughtBy = "only the target's logit moves"
        }
        {
            Name = "the prior counts classes"
            File = file "LogitAdjustment.cs"
            Changes =
                [
                    ("ClassCounts.Check(classCounts).Sum(n => (long)n)", "ClassCounts.Check(classCounts).Count")
                ]
            CaughtBy = "the prior is each class's share"
        }
        {
            Name = "tau is taken off in training"
            File = file "LogitAdjustment.cs"
            Changes = [ ("tau * share", "-tau * share") ]
            CaughtBy = "tau 1 is the softmax balanced by the counts"
        }
        {
            Name = "the focal factor has a gradient"
            File = file "Loss.cs"
            Changes = [ ("losses.detach().neg()", "losses.neg()") ]
            CaughtBy = "has the gradient that differences give, the focal factor held fixed"
        }
        {
            Name = "the focal factor loses its digits"
            File = file "Loss.cs"
            Changes = [ (".neg().expm1().neg()", ".neg().exp().neg().add(1)") ]
            CaughtBy = "the factor keeps its digits"
        }
        {
            Name = "the focal factor is of the weighted loss always"
            File = file "Loss.cs"
            Changes = [ (": Weighted(Focused(losses));", ": Focused(Weighted(losses));") ]
            CaughtBy = "is its definition, image by image"
        }
        {
            Name = "the batch's size normalises"
            File = file "Loss.cs"
            Changes = [ ("classWeights is null || focal is { OfWeighted: true }", "true") ]
            CaughtBy = "is the same for any multiple of the weights"
        }
        {
            Name = "terms are divided by their own part's size"
            File = file "Loss.cs"
            Changes = [ ("terms.div(total)", "terms.div(targets.shape[0])") ]
            CaughtBy = "adds up over any shares of the batch"
        }
        {
            Name = "the softmax runs over the batch"
            File = file "Loss.cs"
            Changes = [ ("log_softmax(1)", "log_softmax(0)") ]
            CaughtBy = "is its definition, image by image"
        }
        {
            Name = "equal counts divide by zero in smoothing"
            File = file "Smoothing.cs"
            Changes = [ ("range == 0 ? 1 : (n - smallest) / range", "(n - smallest) / range") ]
            CaughtBy = "equal counts take the head's share"
        }
        {
            Name = "head and tail are mixed up"
            File = file "Smoothing.cs"
            Changes =
                [
                    ("(Guard.BelowOne(settings.Head), Guard.BelowOne(settings.Tail))",
                     "(Guard.BelowOne(settings.Tail), Guard.BelowOne(settings.Head))")
                ]
            CaughtBy = "the largest class has the head's share"
        }
        {
            Name = "the convex shape is concave"
            File = file "Smoothing.cs"
            Changes =
                [
                    ("head + (head - tail) * Math.Sin(Math.PI * (3 + u) / 2)",
                     "tail + (head - tail) * Math.Sin(Math.PI * u / 2)")
                ]
            CaughtBy = "golden.losses.LAS_convex"
        }
        {
            Name = "the target is not spread over itself"
            File = file "Smoothing.cs"
            Changes = [ ("losses.mean([1]).sub(ofTarget)", "losses.mean([1])") ]
            CaughtBy = "one share for all classes is label smoothing"
        }
        {
            Name = "equal counts divide by zero in GCL"
            File = file "GaussianClouded.cs"
            Changes =
                [
                    ("range == 0 ? 0 : Math.Log(largest / n) / range", "Math.Log(largest / n) / range")
                ]
            CaughtBy = "equal counts leave the margin alone"
        }
        {
            Name = "the cloud lifts"
            File = file "GaussianClouded.cs"
            Changes = [ (".clamp(-1, 1).abs()", ".clamp(-1, 1)") ]
            CaughtBy = "every perturbed cosine lies between"
        }
        {
            Name = "the cloud is not clamped"
            File = file "GaussianClouded.cs"
            Changes = [ (".clamp(-1, 1).abs()", ".abs()") ]
            CaughtBy = "every perturbed cosine lies between"
        }
        {
            Name = "the head's cloud is the wide one"
            File = file "GaussianClouded.cs"
            Changes = [ ("Math.Log(largest / n) / range", "1 - Math.Log(largest / n) / range") ]
            CaughtBy = "difficulty is 0 for the largest class"
        }
    ]
