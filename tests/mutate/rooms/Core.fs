module LongTail.Tests.Mutation.Core

let private file name = "src/Core.CSharp/" + name

let defects =
    [
        {
            Name = "purposes share a stream"
            File = file "Randomness.cs"
            Changes = [ ("key + (ulong)purpose", "key") ]
            CaughtBy = "seed, purpose, step and call each make another stream"
        }
        {
            Name = "steps share a stream"
            File = file "Randomness.cs"
            Changes = [ ("key + (ulong)step", "key") ]
            CaughtBy = "seed, purpose, step and call each make another stream"
        }
        {
            Name = "both passes of a step share a stream"
            File = file "Randomness.cs"
            Changes = [ ("Mix(key + (ulong)call)", "key") ]
            CaughtBy = "seed, purpose, step and call each make another stream"
        }
        {
            Name = "seeds are added to steps"
            File = file "Randomness.cs"
            Changes =
                [
                    "var key = Mix((ulong)seed);", "var key = (ulong)seed;"
                    "key = Mix(key + (ulong)purpose);", ""
                    "key + (ulong)step", "key + ((ulong)purpose << 32) + (ulong)step"
                ]
            CaughtBy = "keys of small seeds, steps and calls are all different"
        }
        {
            Name = "an empty class passes"
            File = file "ClassCounts.cs"
            Changes = [ ("counts[j] < 1", "counts[j] < 0") ]
            CaughtBy = "no class, or one without an image, is told in a line"
        }
    ]
