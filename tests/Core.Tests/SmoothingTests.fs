/// Label-aware smoothing in its four shapes (method.md 2.2; invariant 19).
module LongTail.Tests.SmoothingTests

open System
open Expecto
open FsCheck.FSharp
open TorchSharp
open LongTail.Core
open LongTail.Core.Losses
open LongTail.Core.Settings
open LongTail.Tests.Problems
open LongTail.Tests.LossProblems

let private float64 = torch.ScalarType.Float64
let private both = Arb.zip (smoothings, batches)

let private sharesOf settings batch =
    Smoothing.Shares(settings, List.toArray batch.Counts)

let private smoothed (smoothing: SmoothingSettings | null) =
    LossSettings(5.0, PlainLogits(), smoothing, null)

[<Tests>]
let tests =
    testList
        "smoothing"
        [
            testProperty "shares lie between tail and head, and go one way with the count"
            <| Prop.forAll both (fun (settings, batch) ->
                let shares = sharesOf settings batch
                let low, high = min settings.Head settings.Tail, max settings.Head settings.Tail
                Expect.all shares (fun q -> q >= low - 1e-15 && q <= high + 1e-15) "between"
                let pairs = Seq.zip batch.Counts shares

                for (n, q), (m, p) in Seq.allPairs pairs pairs do
                    if n > m then
                        let rise = (q - p) * float (sign (settings.Head - settings.Tail))
                        Order.isGreaterThanOrEqual rise -1e-15 $"{n} and {m}")

            testProperty "the largest class has the head's share, and the smallest the tail's"
            <| Prop.forAll both (fun (settings, batch) ->
                for n, q in Seq.zip batch.Counts (sharesOf settings batch) do
                    if n = List.max batch.Counts then
                        close float64 q settings.Head "head"
                    elif n = List.min batch.Counts then
                        close float64 q settings.Tail "tail")

            testProperty "no share is cross-entropy"
            <| Prop.forAll both (fun (settings, batch) ->
                let none = SmoothingSettings(0.0, 0.0, settings.Shape, settings.Exponent)
                Expect.equal (value (smoothed none) float64 batch) (value (smoothed null) float64 batch) "bit for bit")

            testProperty "one share for all classes is label smoothing, as torch computes it"
            <| Prop.forAll both (fun (settings, batch) ->
                use _ = torch.NewDisposeScope()
                let batch = { batch with Weights = None }

                let alike =
                    SmoothingSettings(settings.Head, settings.Head, settings.Shape, settings.Exponent)

                let expected =
                    torch.nn.functional.cross_entropy (
                        matrix float64 batch.Outputs * 5.0,
                        targetsOf batch,
                        label_smoothing = settings.Head
                    )

                close float64 (value (smoothed alike) float64 batch) (expected.ToDouble()) "label smoothing")

            testCase "equal counts take the head's share"
            <| fun () ->
                for shape in Enum.GetValues<SmoothingShape>() do
                    for counts in [ [| 5 |]; [| 5; 5; 5 |] ] do
                        for q in Smoothing.Shares(SmoothingSettings(0.4, 0.1, shape, 2.0), counts) do
                            close float64 q 0.4 $"{shape}"

            testCase "names a class without an image"
            <| fun () ->
                Expect.throwsT<InputException>
                    (fun () ->
                        Smoothing.Shares(SmoothingSettings(0.4, 0.1, SmoothingShape.Linear, 1.0), [| 3; 0 |])
                        |> ignore)
                    "told"
        ]
