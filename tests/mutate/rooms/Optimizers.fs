module LongTail.Tests.Mutation.Optimizers

let private file name = "src/Core.CSharp/Optimizers/" + name

let defects =
    [
        {
            Name = "the lag is forgotten"
            File = file "CosineSchedule.cs"
            Changes = [ ("Math.Max(done - 1, 0)", "done") ]
            CaughtBy = "the published rates of 70 epochs"
        }
        {
            Name = "the warm-up ends an epoch early"
            File = file "CosineSchedule.cs"
            Changes = [ ("(schedule.WarmupEpochs + 1)", "schedule.WarmupEpochs") ]
            CaughtBy = "rises evenly through the warm-up"
        }
        {
            Name = "the cosine counts the warm-up"
            File = file "CosineSchedule.cs"
            Changes = [ ("(schedule.Epochs - schedule.WarmupEpochs)", "schedule.Epochs") ]
            CaughtBy = "after the warm-up it is the cosine of the epochs that are left"
        }
        {
            Name = "m divides toward zero"
            File = file "NoiseMultiplier.cs"
            Changes = [ ("Math.Floor((epoch - 1) / (double)every)", "(epoch - 1) / every") ]
            CaughtBy = "the published values for E = 59"
        }
        {
            Name = "m halves an epoch early"
            File = file "NoiseMultiplier.cs"
            Changes = [ ("(epoch - 1) / (double)every", "epoch / (double)every") ]
            CaughtBy = "the published values for E = 59"
        }
        {
            Name = "the published -1 halves where the formula is not the literal one"
            File = file "NoiseMultiplier.cs"
            Changes = [ ("(literal && halveEvery != 0)", "halveEvery != 0") ]
            CaughtBy = "a halving below one epoch, or an epoch below 0, is refused"
        }
    ]
