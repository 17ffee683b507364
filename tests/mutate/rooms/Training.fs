module LongTail.Tests.Mutation.Training

let private file name = "src/Core.CSharp/Training/" + name

let private byHand = "a run is what its parts make of it, step by step"

let defects =
    [
        {
            Name = "a surface's directions are not of the values' length"
            File = file "LossSurface.cs"
            Changes = [ ("drawn * (filters.Norms(centre) / filters.Norms(drawn))", "drawn") ]
            CaughtBy = "at 1 a direction's filters are as long as the values' own"
        }
        {
            Name = "training images are not augmented"
            File = file "Apparatus.cs"
            Changes =
                [
                    ("Batches.Train(images, Data.Input, seed, now.Step, Device)",
                     "Batches.Evaluation(images, Data.Input, Device)")
                ]
            CaughtBy = byHand
        }
        {
            Name = "an epoch's steps augment alike"
            File = file "Apparatus.cs"
            Changes = [ ("Data.Input, seed, now.Step,", "Data.Input, seed, now.Epoch,") ]
            CaughtBy = byHand
        }
        {
            Name = "the loss has the same noise in every step"
            File = file "Apparatus.cs"
            Changes = [ ("Loss.Drawn(seed, now.Step,", "Loss.Drawn(seed, 0,") ]
            CaughtBy = byHand
        }
        {
            Name = "a run is judged on its training images"
            File = file "Evaluator.cs"
            Changes = [ ("            data.Test,", "            data.Train,") ]
            CaughtBy = byHand
        }
        {
            Name = "a short last batch is dropped"
            File = file "Calendar.cs"
            Changes =
                [
                    ("(sampling.At(epoch).Length + settings.BatchSize - 1)", "sampling.At(epoch).Length")
                ]
            CaughtBy = "epochs of different samplers have their own lengths"
        }
        {
            Name = "a checkpoint holds no optimizer state"
            File = file "Checkpoint.cs"
            Changes = [ (".State.Select(state", ".State.Take(0).Select(state") ]
            CaughtBy = "a sgd run of PromptsAndHead stopped three times"
        }
        {
            Name = "a checkpoint holds no values"
            File = file "Checkpoint.cs"
            Changes = [ (".Prepend((Values, optimizer.Parameters.Values))", "") ]
            CaughtBy = "a sgd run of PromptsAndHead stopped three times"
        }
        {
            Name = "a checkpoint of another shape is read"
            File = file "Checkpoint.cs"
            Changes =
                [
                    ("saved.Require([.. tensors.Select(t => (t.Name, t.Tensor.shape))], _ => false);", "")
                ]
            CaughtBy = "a checkpoint of another run is refused by name"
        }
        {
            Name = "every batch of an evaluation is the first"
            File = file "Evaluator.cs"
            Changes =
                [
                    ("new BatchOrder(i, chunk)", "new BatchOrder(i, chunk.Select(p => p % size).ToArray())")
                ]
            CaughtBy = byHand
        }
        {
            Name = "the learning rate stays"
            File = file "TrainingRun.cs"
            Changes =
                [
                    ("var rate = CosineSchedule.At(",
                     "var rate = settings.Optimizer.Base.LearningRate + 0 * CosineSchedule.At(")
                ]
            CaughtBy = byHand
        }
        {
            Name = "every seed has the same order"
            File = file "TrainingRun.cs"
            Changes = [ (".Order(settings.Seed,", ".Order(0,") ]
            CaughtBy = byHand
        }
        {
            Name = "class weights never act"
            File = file "TrainingRun.cs"
            Changes = [ ("apparatus.ClassWeightsIn(epoch)", "apparatus.ClassWeightsIn(0)") ]
            CaughtBy = byHand
        }
        {
            Name = "an epoch's loss is the mean of its batches"
            File = file "TrainingRun.cs"
            Changes = [ ("* chosen.shape[0])", "* settings.BatchSize)") ]
            CaughtBy = byHand
        }
        {
            Name = "a resumed epoch forgets its loss"
            File = file "TrainingRun.cs"
            Changes = [ ("tensor(position.LossSum,", "tensor(0.0,") ]
            CaughtBy = "a sgd run of PromptsAndHead stopped three times"
        }
        {
            Name = "a resumed epoch forgets its seconds"
            File = file "TrainingRun.cs"
            Changes = [ ("var before = position.Seconds;", "var before = 0.0;") ]
            CaughtBy = "the seconds of an epoch that is stopped twice in its middle"
        }
        {
            Name = "classes go by their places, whatever label they had"
            File = "src/Core.CSharp/Data/ListedSet.cs"
            Changes =
                [
                    ("ClassLabels => order.Original", "ClassLabels => [.. Enumerable.Range(0, order.Original.Count)]")
                ]
            CaughtBy = "from lists has its classes by falling count"
        }
        {
            Name = "best on test is the last best"
            File = file "TrainingRun.cs"
            Changes = [ ("found.Accuracy > position", "found.Accuracy >= position") ]
            CaughtBy = "best on test reports the first of epochs that are alike"
        }
        {
            Name = "micro-batches have the same draws"
            File = file "WholeBatchDraws.cs"
            Changes = [ ("whole.narrow(0, start, length)", "whole.narrow(0, 0, length)") ]
            CaughtBy = "in micro-batches a run has the same numbers"
        }
        {
            Name = "a stopped run forgets its broken images"
            File = file "TrainingRun.cs"
            Changes =
                [
                    ("[.. position.Broken.Union(apparatus.Data.Train.Broken)]", "[.. apparatus.Data.Train.Broken]")
                ]
            CaughtBy = "that has met a broken image for the last time still counts it"
        }
        {
            Name = "images are read from the epoch's first on"
            File = file "TrainingRun.cs"
            Changes =
                [
                    ("var (first, step) = (position.Epoch, position.StepInEpoch);",
                     "var (first, step) = (position.Epoch, 0);")
                ]
            CaughtBy = "that is stopped in an epoch ends with the same bits"
        }
        {
            Name = "a run's time is of its fastest epoch, whatever that had"
            File = file "TrainingRun.cs"
            Changes = [ ("MachineShare.Usual(position.History)", "position.History") ]
            CaughtBy = "an epoch tells what it had of the machine"
        }
        {
            Name = "an epoch's share is that of its last step"
            File = file "TrainingRun.cs"
            Changes = [ (".Least(position.Share)", "") ]
            CaughtBy = "an epoch that went on with less of the machine had that"
        }
        {
            Name = "a run that ended is still counted"
            File = file "TrainingRun.cs"
            Changes = [ ("        share.Dispose();\n", "") ]
            CaughtBy = "an epoch tells what it had of the machine"
        }
    ]
