module LongTail.Tests.Mutation.Randomness

let private file = "src/Core.CSharp/Randomness.cs"

let defects =
    [
        {
            Name = "purposes share a stream"
            File = file
            Changes = [ ("key + (ulong)purpose", "key") ]
            CaughtBy = "randomness.seed, purpose, step and call each make another stream"
        }
    ]
