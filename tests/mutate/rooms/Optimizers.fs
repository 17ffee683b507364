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
        {
            Name = "values are restored by adding and subtracting"
            File = file "FlatParameters.cs"
            Changes =
                [
                    "parameters.Values.copy_(values);",
                    "parameters.Values.add_(parameters.Values.sub(values).add(1).add(-1), -1);"
                ]
            CaughtBy = "a rate of zero leaves every value as it was, bit for bit"
        }
        {
            Name = "values are restored only where a gradient exists"
            File = file "FlatParameters.cs"
            Changes =
                [
                    "parameters.Values.copy_(values);",
                    "parameters.Values.copy_(values.where(parameters.Reached(), parameters.Values));"
                ]
            CaughtBy = "a parameter without gradient stays as it is, used before or not"
        }
        {
            Name = "an exception leaves GNM's displacement"
            File = file "Gnm.cs"
            Changes =
                [
                    "using var home = Parameters.KeepValues();", "var home = Parameters.KeepValues();"
                    "            Move(Draw(noise, now, 0).mul(Deviation).clamp(-1, 1), bound);\n        return pass.Run();",
                    "            Move(Draw(noise, now, 0).mul(Deviation).clamp(-1, 1), bound);\n        var loss = pass.Run();\n        home.Dispose();\n        return loss;"
                ]
            CaughtBy = "an exception in any pass, share or micro-batch leaves values and state as they were"
        }
        {
            Name = "an exception leaves SAM's ascent"
            File = file "Sam.cs"
            Changes =
                [
                    "using var home = Parameters.KeepValues();", "var home = Parameters.KeepValues();"
                    "pass(Share.Whole, sharply).Dispose();",
                    "pass(Share.Whole, sharply).Dispose();\n        home.Dispose();"
                ]
            CaughtBy = "an exception in any pass, share or micro-batch leaves values and state as they were"
        }
        {
            Name = "decay is taken at w + e"
            File = file "Gnm.cs"
            Changes =
                [
                    "            Move(Draw(noise, now, 0).mul(Deviation).clamp(-1, 1), bound);\n        return pass.Run();",
                    "            Move(Draw(noise, now, 0).mul(Deviation).clamp(-1, 1), bound);\n        var loss = pass.Run();\n        using (no_grad())\n            Parameters.Gradients.add_(Draw(noise, now, 0).mul(Deviation).clamp(-1, 1), 0.01 * bound);\n        return loss;"
                ]
            CaughtBy = "the golden trace: momentum and decay at w, gradient at w + e"
        }
        {
            Name = "GNM's noise is not clamped"
            File = file "Gnm.cs"
            Changes = [ ".mul(Deviation).clamp(-1, 1)", ".mul(Deviation)" ]
            CaughtBy = "no coordinate moves further than radius * m(epoch), and some move"
        }
        {
            Name = "the clamp spoils given noise"
            File = file "Gnm.cs"
            Changes = [ ".mul(Deviation).clamp(-1, 1)", ".mul_(Deviation).clamp(-1, 1)" ]
            CaughtBy = "given noise is clamped, and stays the giver's"
        }
        {
            Name = "GNM's noise has a deviation of 1/9"
            File = file "Gnm.cs"
            Changes = [ "1.0 / 3", "1.0 / 9" ]
            CaughtBy = "the displacement has the clamped normal's mean and deviation"
        }
        {
            Name = "the noise is the same at every step"
            File = file "ValueNoise.cs"
            Changes = [ "now.Step, draw", "0, draw" ]
            CaughtBy = "neither values, epoch, rate nor other draws change it; seed, step, draw and name do"
        }
        {
            Name = "all draws of a step are one"
            File = file "ValueNoise.cs"
            Changes = [ "now.Step, draw", "now.Step, 0" ]
            CaughtBy = "neither values, epoch, rate nor other draws change it; seed, step, draw and name do"
        }
        {
            Name = "noise goes by place in the buffer, not by name"
            File = file "FlatParameters.cs"
            Changes =
                [
                    ".add_(unchecked((long)Randomness.Key(name)))",
                    ".add_((long)Names.TakeWhile(n => n != name).Count())"
                ]
            CaughtBy = "a parameter's noise is the same whatever its place, its neighbours and its length"
        }
        {
            Name = "all parameters get the same noise"
            File = file "FlatParameters.cs"
            Changes = [ ".add_(unchecked((long)Randomness.Key(name)))", "" ]
            CaughtBy = "neither values, epoch, rate nor other draws change it; seed, step, draw and name do"
        }
        {
            Name = "shifts drag the sign along"
            File = file "ValueNoise.cs"
            Changes = [ "\n            .bitwise_and_(tensor((long)(ulong.MaxValue >> bits)))", "" ]
            CaughtBy = "it is the definition, number by number"
        }
        {
            Name = "an unused parameter decays"
            File = file "Sgd.cs"
            Changes = [ "Parameters.Values * reached", "Parameters.Values" ]
            CaughtBy = "in a step that gives a parameter no gradient its state fades, and takes no decay"
        }
        {
            Name = "momentum moves a parameter without gradient"
            File = file "Optimizer.cs"
            Changes = [ "moved.where(reached, values)", "moved" ]
            CaughtBy = "a parameter without gradient stays as it is, used before or not"
        }
        {
            Name = "Nesterov is plain momentum"
            File = file "Sgd.cs"
            Changes = [ "nesterov ? decayed.add(velocity, momentum) : velocity", "velocity" ]
            CaughtBy = "SGD with Nesterov's momentum agrees with torch.optim"
        }
        {
            Name = "AdamW decays coupled"
            File = file "AdamW.cs"
            Changes =
                [
                    "Parameters.Gradients.to(Parameters.StateType);",
                    "Parameters.Gradients.to(Parameters.StateType).add(Parameters.Values, weightDecay);"
                    "\n            .add_(Parameters.Values, weightDecay)", ""
                ]
            CaughtBy = "AdamW agrees with torch.optim"
        }
        {
            Name = "AdamW's second moment is not bias-corrected"
            File = file "AdamW.cs"
            Changes = [ "second.div(secondCorrection)", "second.div(1)" ]
            CaughtBy = "AdamW agrees with torch.optim"
        }
        {
            Name = "SAM descends"
            File = file "Sam.cs"
            Changes = [ "/ norm, rho);", "/ norm, -rho);" ]
            CaughtBy = "the ascent is rho long and along the first gradient"
        }
        {
            Name = "SAM has no epsilon"
            File = file "Sam.cs"
            Changes = [ "scaled.norm().add_(Epsilon)", "scaled.norm()" ]
            CaughtBy = "a zero gradient moves nothing and makes no NaN"
        }
        {
            Name = "ASAM scales once"
            File = file "Sam.cs"
            Changes = [ "scale is null ? scaled : scaled * scale", "scaled" ]
            CaughtBy = "ASAM does not change when values grow and the loss sees them shrunk"
        }
        {
            Name = "the first pass's gradient stays in the second's"
            File = file "Sam.cs"
            Changes =
                [
                    "        sum.add_(Parameters.Gradients);\n        Parameters.ZeroGradients();",
                    "        sum.add_(Parameters.Gradients);"
                ]
            CaughtBy = "the step's gradient is the formula's"
        }
        {
            Name = "ImbSAM's tail includes its boundary"
            File = file "ClassSharpness.cs"
            Changes =
                [
                    "n < tailBelow ? 0 : 1.0", "n <= tailBelow ? 0 : 1.0"
                    "n < tailBelow ? PublishedTailFactor : 0", "n <= tailBelow ? PublishedTailFactor : 0"
                ]
            CaughtBy = "factors by class: ImbSAM's tail is strictly below"
        }
        {
            Name = "ImbSAM's tail counts once"
            File = file "ClassSharpness.cs"
            Changes = [ "PublishedTailFactor = 2", "PublishedTailFactor = 1" ]
            CaughtBy = "factors by class: ImbSAM's tail is strictly below"
        }
        {
            Name = "Focal-SAM forgets the part at w"
            File = file "ClassSharpness.cs"
            Changes = [ "sharp.Select(s => 1 - s)", "sharp.Select(s => 1.0)" ]
            CaughtBy = "Focal-SAM with gamma 0 and sharpness 1 is SAM, bit for bit"
        }
        {
            Name = "a filter is the whole tensor"
            File = file "Filters.cs"
            Changes =
                [
                    "Enumerable.Repeat(shape.Aggregate(1L, (n, size) => n * size) / count, (int)count)",
                    "[shape.Aggregate(1L, (n, size) => n * size) * (count / count)]"
                ]
            CaughtBy = "the step's gradient is the formula's"
        }
        {
            Name = "LPF-SGD draws once a step"
            File = file "FilterNoise.cs"
            Changes = [ "Draw(noise, now, share.Index)", "Draw(noise, now, 0)" ]
            CaughtBy = "the step's gradient is the formula's"
        }
        {
            Name = "RWP's halves do not add up"
            File = file "Rwp.cs"
            Changes = [ "2 * (1 - mix)", "1 - mix" ]
            CaughtBy = "the step's gradient is the formula's"
        }
        {
            Name = "clipping lengthens short gradients"
            File = file "Optimizer.cs"
            Changes = [ "norm.div(limit).clamp_min(1)", "norm.div(limit)" ]
            CaughtBy = "a gradient within the limit is untouched, bit for bit"
        }
        {
            Name = "a gradient that is no number moves the values"
            File = file "Optimizer.cs"
            Changes = [ "        gradients.masked_fill_(lost, 0);\n", "" ]
            CaughtBy = "a gradient that is not finite, in any pass, moves no value, is counted, and is forgotten"
        }
        {
            Name = "a skipped step is not counted"
            File = file "Optimizer.cs"
            Changes = [ "        skipped.add_(lost);\n", "" ]
            CaughtBy = "a gradient that is not finite, in any pass, moves no value, is counted, and is forgotten"
        }
        {
            Name = "a group's rate is ignored"
            File = file "Optimizer.cs"
            Changes =
                [
                    "if (rateFactors is not null)", "if (rateFactors is not null && Parameters.Count < 0)"
                ]
            CaughtBy = "a group goes its factor's multiple of the way"
        }
        {
            Name = "a group's radius is ignored"
            File = file "Perturbation.cs"
            Changes = [ "factors is null ? direction : direction * factors", "direction" ]
            CaughtBy = "a named group moves by its own factor"
        }
        {
            Name = "the average follows twice as fast"
            File = file "MovingAverage.cs"
            Changes = [ "weight = 1 - Guard", "weight = 2 - 2 * Guard" ]
            CaughtBy = "it is the closed form d^t w_0"
        }
        {
            Name = "a perturbation is allowed inside another"
            File = file "FlatParameters.cs"
            Changes = [ "if (kept is not null)", "if (kept is not null && Count < 0)" ]
            CaughtBy = "two perturbations do not nest"
        }
        {
            Name = "a kept copy is never given back"
            File = file "FlatParameters.cs"
            Changes = [ "            values.Dispose();\n", "" ]
            CaughtBy = "200 steps leave no tensor behind"
        }
        {
            Name = "gradients of the step before stay"
            File = file "Optimizer.cs"
            Changes = [ "        Parameters.ZeroGradients();\n", "" ]
            CaughtBy = "whatever the gradients held before a step is forgotten"
        }
    ]
