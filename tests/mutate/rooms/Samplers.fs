module LongTail.Tests.Mutation.Samplers

let private file name = "src/Core.CSharp/Data/" + name

let defects =
    [
        {
            Name = "every epoch has the same order"
            File = file "Sampler.cs"
            Changes = [ ("Purpose.DataOrder, epoch)", "Purpose.DataOrder, 0)") ]
            CaughtBy = "draws anew in another epoch and with another seed"
        }
        {
            Name = "progressive sampling ends an epoch after the last"
            File = file "Sampler.cs"
            Changes = [ ("Math.Max(1.0, epochs - 1)", "Math.Max(1.0, epochs)") ]
            CaughtBy = "draws classes and their images with the probabilities of"
        }
        {
            Name = "re-sampling begins an epoch early"
            File = file "SamplingSchedule.cs"
            Changes = [ ("epoch > after", "epoch >= after") ]
            CaughtBy = "begins in the epoch after the last deferred one"
        }
        {
            Name = "a class's probability is given to each of its images"
            File = file "WeightedSampler.cs"
            Changes = [ ("share / sum / n", "share / sum") ]
            CaughtBy = "draws classes and their images with the probabilities of"
        }
        {
            Name = "images are drawn without replacement"
            File = file "WeightedSampler.cs"
            Changes = [ ("replacement: true", "replacement: false") ]
            CaughtBy = "draws classes and their images with the probabilities of"
        }
        {
            Name = "every cycle has the same order of classes"
            File = file "ClassAwareSampler.cs"
            Changes =
                [
                    ("var order = Shuffles(cycles, classes, generator);",
                     "var order = Shuffles(1, classes, generator).expand(cycles, classes);")
                ]
            CaughtBy = "class-aware sampling takes another order in every cycle"
        }
        {
            Name = "an image comes again before all of its class have"
            File = file "ClassAwareSampler.cs"
            Changes =
                [
                    ("Shuffles((length + count - 1) / count, count, generator)",
                     "Shuffles(length, count, generator).narrow(1, 0, 1)")
                ]
            CaughtBy = "class-aware sampling shuffles classes"
        }
    ]
