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
    ]
