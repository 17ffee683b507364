/// The loss around a trained run's values.
module LongTail.Tests.LossSurfaceTests

open System.Threading
open TorchSharp
open Expecto
open LongTail.Core
open LongTail.Core.Data
open LongTail.Core.Models
open LongTail.Core.Settings
open LongTail.Core.Training
open LongTail.Tests.SmallRuns
open LongTail.Tests.Tensors

let private surface run place =
    Trainer.Surface(settings run, place, CancellationToken.None)

let private trainedSurface run place =
    train run place |> ignore
    surface run place

/// Cross-entropy of all training images at the checkpoint's values, moved, as the definition says.
let private lossByHand run (place: RunPlace) move =
    scoped
        (fun () ->
            let settings = settings run
            use data = DataSet.Load(settings.Data, settings.Input, settings.Seed, place)
            use model = new Classifier(settings.Model, 10, settings.Seed, torch.CPU)
            inCheckpoint place (fun saved -> model.Parameters.Values.copy_ (move saved["values"]) |> ignore)
            use _ = torch.no_grad ()
            let images = (data.Train :?> ResidentSplit).Images
            let outputs = model.Outputs(Batches.Evaluation(images, data.Input))

            torch.nn.functional.cross_entropy(outputs * 25.0, data.Train.Labels).item<float32>()
            |> float)
        ()

let private inMiddle (found: LossSurface) =
    let row = found.Loss[found.Steps.Count / 2]
    let loss = row[found.Steps.Count / 2]
    loss.GetValueOrDefault()

[<Tests>]
let tests =
    testList
        "loss surface"
        [
            testCase "its middle is the loss of the trained values" (fun () ->
                inCifarFolder (fun _ place ->
                    let here = place "run"
                    let found = trainedSurface plain here
                    let middle = found.Steps.Count / 2
                    Expect.equal found.Steps[middle] 0. "no step"

                    Expect.equal
                        (Seq.toList found.Steps)
                        (found.Steps |> Seq.rev |> Seq.map (~-) |> List.ofSeq)
                        "steps"

                    Expect.floatClose Accuracy.medium (inMiddle found) (lossByHand plain here id) "loss"))

            testCase "it is measured again to the same bits, and leaves the run as it was" (fun () ->
                inCifarFolder (fun _ place ->
                    let here = place "run"
                    let result = train { plain with Perturbation = gnm } here

                    let numbers found =
                        found |> Seq.map List.ofSeq |> List.ofSeq

                    let once = surface { plain with Perturbation = gnm } here
                    let again = surface { plain with Perturbation = gnm } here
                    Expect.equal (numbers again.Loss) (numbers once.Loss) "bits"

                    Expect.equal
                        (numbersOf (train { plain with Perturbation = gnm } here))
                        (numbersOf result)
                        "the finished run"))

            testCase "at 1 a direction's filters are as long as the values' own" (fun () ->
                inCifarFolder (fun _ place ->
                    let run = { plain with Tuning = Tuning.HeadOnly }
                    let here = place "run"
                    let found = trainedSurface run here
                    let last, middle = found.Steps.Count - 1, found.Steps.Count / 2

                    // A filter of the head is the row of a class.
                    let moved (values: torch.Tensor) =
                        use stream = Randomness.Stream(0L, Purpose.Surface, 0L)

                        let direction =
                            torch.randn([| values.numel () |], generator = stream).view(10L, 24L)

                        let head = values.view (10L, 24L)

                        let length (rows: torch.Tensor) =
                            (rows * rows).sum([| 1L |], true).sqrt()

                        (head + direction * (length head / length direction)).view -1L

                    Expect.equal found.Steps[last] 1. "the last step"
                    let loss = found.Loss[last][middle]
                    Expect.floatClose Accuracy.medium (loss.GetValueOrDefault()) (lossByHand run here moved) "loss"))

            testCase "an average of the values has its own" (fun () ->
                inCifarFolder (fun _ place ->
                    let one = trainedSurface plain (place "one")
                    let other = trainedSurface { plain with AverageDecay = Some 0.9 } (place "other")
                    Expect.notEqual (inMiddle other) (inMiddle one) "the loss of the average"))

            testCase "a run that was never trained has none" (fun () ->
                inCifarFolder (fun _ place ->
                    let complaint =
                        LongTail.Tests.TempFolder.inputError (fun () -> surface plain (place "none"))

                    Expect.stringContains complaint "run the experiment first" "the remedy"))
        ]
