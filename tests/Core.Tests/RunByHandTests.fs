/// A whole run written out from its public parts, for the trainer to agree with: what a rate, an order, a stream or a weight
/// does is tested at its own place, that a run has it in every step is tested here.
module LongTail.Tests.RunByHandTests

open TorchSharp
open Expecto
open LongTail.Core.Data
open LongTail.Core.Evaluation
open LongTail.Core.Losses
open LongTail.Core.Models
open LongTail.Core.Optimizers
open LongTail.Core.Settings
open LongTail.Core.Training
open LongTail.Tests.SmallRuns
open LongTail.Tests.Tensors

type private F = torch.nn.functional

let private images (split: Split) = (split :?> ResidentSplit).Images

let private classMeans (model: Classifier) (data: Split) input =
    use _ = torch.no_grad ()
    let features = F.normalize (model.Features(Batches.Evaluation(images data, input)))

    let ofClass (j: int64) =
        features[data.Labels.eq (torch.tensor j)].mean([| 0L |], true)

    torch.cat (Array.map ofClass [| 0L .. 9L |], 0L)

/// Trains the model and gives each epoch's rate and loss.
let private trained (settings: RunSettings) (data: DataSet) (model: Classifier) =
    let seed, schedule = settings.Seed, settings.Schedule
    use loss = Loss.Create(settings.Loss, data.ClassCounts)
    model.StartHeadFrom(classMeans model data.Train settings.Input)

    use optimizer =
        Optimizer.Create(settings.Optimizer, model.Parameters, seed, data.ClassCounts, null)

    let sampling = SamplingSchedule(schedule, data.Train.Labels, data.ClassCounts)
    let mutable steps = 0L

    [
        for epoch in 0 .. schedule.Epochs - 1 do
            let rate = CosineSchedule.At(schedule, settings.Optimizer.Base.LearningRate, epoch)

            let weights =
                ClassWeights.Deferred(schedule.Reweighting, data.ClassCounts, epoch)
                |> Option.ofObj
                |> Option.map (fun weights -> torch.tensor (Array.map float32 weights))
                |> Option.toObj

            let order =
                sampling.At(epoch).Order(seed, epoch, schedule.Epochs).data<int64>().ToArray()

            let sums =
                [
                    for chosen in Array.chunkBySize settings.BatchSize order do
                        let chosen = torch.tensor chosen
                        let images = (images data.Train).index_select(0L, chosen)
                        let images = Batches.Train(images, settings.Input, seed, steps)
                        let labels = data.Train.Labels.index_select (0L, chosen)
                        let noise = Loss.Drawn(seed, steps, torch.ScalarType.Float32, torch.CPU)

                        let pass =
                            Pass(fun _ backward ->
                                let value = loss.Of(model.Outputs images, labels, weights, noise)
                                backward.Invoke(value.view 1L, labels)
                                value.detach ())

                        let value = optimizer.Step(pass, Moment(steps, epoch, rate))
                        steps <- steps + 1L
                        float (value.item<float32>()) * float chosen.shape[0]
                ]

            rate, List.sum sums / float order.Length
    ]

/// Predictions and confidences, image by image.
let private judged (settings: RunSettings) (data: Split) (model: Classifier) =
    use _ = torch.no_grad ()

    Array.unzip
        [|
            for i in 0L .. data.Count - 1L do
                let image = Batches.Evaluation((images data).narrow(0L, i, 1L), settings.Input)
                let outputs = (model.Outputs image).mul(settings.Loss.Scale.ToScalar()).softmax(1L)
                let confidences = outputs.data<float32>().ToArray()
                let best = Array.max confidences
                int64 (Array.findIndex ((=) best) confidences), float best
        |]

[<Tests>]
let tests =
    testSequenced
    <| test "a run is what its parts make of it, step by step" {
        inCifarFolder (fun _ place ->
            use _ = torch.NewDisposeScope()

            let run =
                { plain with
                    // Of 120 images: in batches of 16 the last one is short.
                    Resampling = DeferredResampling(1, ClassAwareSampling 4)
                    TestImages = testImages
                }

            let settings, place = settings run, place "run"
            let found = train run place
            use data = DataSet.Load(settings.Data, settings.Input, settings.Seed, place)

            use model =
                new Classifier(settings.Model, data.ClassCounts.Count, settings.Seed, torch.CPU)

            let epochs = trained settings data model

            for epoch, (rate, loss) in Seq.zip found.Epochs epochs do
                Expect.equal epoch.LearningRate rate $"rate of epoch {epoch.Epoch}"
                Expect.floatClose { absolute = 0.; relative = 1e-4 } epoch.Loss loss $"loss of epoch {epoch.Epoch}"

            inCheckpoint place (fun saved ->
                expectClose 1e-4 saved["values"] (model.Parameters.Values.detach ()) "values")

            let predicted, confidences = judged settings data.Test model
            let targets = data.Test.Labels.data<int64>().ToArray()
            let accuracy = ClassAccuracy.Of(predicted, targets, data.ClassCounts.Count)
            let classes = accuracy.PerClass
            let calibration = Calibration.Of(confidences, Array.map2 (=) predicted targets)
            Expect.equal found.Accuracy accuracy.Top1 "accuracy"
            Expect.equal (List.ofSeq found.ClassAccuracy) (List.ofSeq classes) "class by class"

            Expect.equal (List.ofSeq found.ClassCounts) (List.ofSeq data.ClassCounts) "images of each"
            Expect.equal (List.ofSeq found.ClassNames) (List.ofSeq data.ClassNames) "names"
            Expect.equal (List.ofSeq found.ClassLabels) (List.ofSeq data.ClassLabels) "labels"

            Expect.floatClose Accuracy.low found.Calibration.ExpectedError calibration.ExpectedError "ECE")
    }
