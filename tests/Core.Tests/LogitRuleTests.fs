/// What a loss does to the logits: GCL, LDAM, logit adjustment (method.md 9, invariants 16, 17 and 20; field.md B4, 19).
module LongTail.Tests.LogitRuleTests

open System
open Expecto
open FsCheck.FSharp
open TorchSharp
open LongTail.Core.Losses
open LongTail.Core.Settings
open LongTail.Tests.Problems
open LongTail.Tests.LossProblems

let private float64 = torch.ScalarType.Float64

let private rowsOf (rule: LogitRule) dtype batch =
    use _ = torch.NewDisposeScope()
    use rule = rule

    rule.Logits(matrix dtype batch.Outputs, targetsOf batch, noiseOf dtype batch)
    |> numbers
    |> Array.chunkBySize batch.Counts.Length

let private countsOf batch = List.toArray batch.Counts

let private quiet batch =
    { batch with
        Noise = batch.Noise |> List.map (List.map (fun _ -> 0.0))
    }

let private even batch =
    { batch with
        Counts = batch.Counts |> List.map (fun _ -> 7)
    }

/// Two losses of the same batch are one.
let private same (one: LogitSettings) (other: LogitSettings) name balanced =
    testProperty name
    <| Prop.forAll batches (fun batch ->
        let batch = if balanced then even batch else batch
        close float64 (value (scaled 5.0 one) float64 batch) (value (scaled 5.0 other) float64 batch) "the loss")

let private clouded =
    let logits batch scale margin noise =
        rowsOf (new GaussianClouded(countsOf batch, scale, margin, noise, float64)) float64 batch

    testList
        "gcl"
        [
            testProperty "every perturbed cosine lies between c - noise d - margin and c"
            <| Prop.forAll batches (fun batch ->
                let difficulty = GaussianClouded.Difficulty(countsOf batch)

                for row, cosines in Seq.zip (logits batch 25.0 0.1 0.5) batch.Outputs do
                    for z, c, d in Seq.zip3 row cosines difficulty do
                        Order.isLessThanOrEqual (z / 25.0) (c + 1e-12) "not above"
                        Order.isGreaterThanOrEqual (z / 25.0) (c - 0.5 * d - 0.1 - 1e-12) "not below")

            testProperty "difficulty is 0 for the largest class, 1 for the smallest, and falls with the count"
            <| Prop.forAll batches (fun batch ->
                let difficulty = GaussianClouded.Difficulty(countsOf batch)
                let pairs = Seq.zip batch.Counts difficulty

                for (n, d), (m, e) in Seq.allPairs pairs pairs do
                    if n > m then
                        Order.isLessThan d e $"{n} and {m}"

                Expect.equal (Seq.min difficulty) 0.0 "largest"

                if (List.distinct batch.Counts).Length > 1 then
                    close float64 (Seq.max difficulty) 1.0 "smallest")

            testProperty "the largest class's column gets no noise"
            <| Prop.forAll batches (fun batch ->
                let noisy, still = logits batch 25.0 0.1 1.0, logits (quiet batch) 25.0 0.1 1.0

                for a, b in Seq.zip noisy still do
                    for j, count in List.indexed batch.Counts do
                        if count = List.max batch.Counts then
                            Expect.equal a[j] b[j] "untouched")

            same
                (GaussianCloudedSettings(0.0, 0.0))
                (PlainLogits())
                "without noise and margin it is cross-entropy"
                false

            testProperty "equal counts leave the margin alone"
            <| Prop.forAll batches (fun batch ->
                let batch = even batch
                Expect.equal (logits batch 25.0 0.1 1.0) (logits (quiet batch) 25.0 0.1 1.0) "no cloud")

            testCase "the difficulty of CIFAR-100 at imbalance 100, at the listed classes"
            <| fun () ->
                let counts = [| for j in 0..99 -> int (500.0 * Math.Pow(0.01, float j / 99.0)) |]
                let difficulty = GaussianClouded.Difficulty counts

                for j, expected in [ 0, 0.0; 10, 0.10102; 50, 0.50886; 90, 0.92694; 99, 1.0 ] do
                    Order.isLessThan (abs (difficulty[j] - expected)) 5.1e-6 $"d_{j}"
        ]

let private ldam =
    testList
        "ldam"
        [
            testProperty "margins are n^(-1/4), and the rarest class's is the largest one"
            <| Prop.forAll batches (fun batch ->
                let margins = Ldam.Margins(countsOf batch, 0.5)
                close float64 (Seq.max margins) 0.5 "the largest"

                for n, margin in Seq.zip batch.Counts margins do
                    let expected = (float (List.min batch.Counts) / float n) ** 0.25
                    close float64 (margin / 0.5) expected $"{n} images")

            testProperty "only the target's logit moves, down by scale * margin"
            <| Prop.forAll batches (fun batch ->
                let margins = Ldam.Margins(countsOf batch, 0.5)

                for unscaled in [ false; true ] do
                    let rows =
                        rowsOf (new Ldam(countsOf batch, 30.0, 0.5, unscaled, float64)) float64 batch

                    for row, outputs, target in Seq.zip3 rows batch.Outputs batch.Targets do
                        for j, z in Seq.indexed row do
                            let still = (if unscaled then 1.0 else 30.0) * outputs[j]

                            if j = target then
                                close float64 z (still - 30.0 * margins[j]) "target"
                            else
                                Expect.equal z still "another class")

            testProperty "is never below the loss without margins"
            <| Prop.forAll batches (fun batch ->
                let ldam = value (scaled 5.0 (LdamSettings(0.5, false))) float64 batch
                let plain = value (scaled 5.0 (PlainLogits())) float64 batch
                Order.isGreaterThanOrEqual (ldam + 1e-12) plain "above")

            same (LdamSettings(0.0, false)) (PlainLogits()) "without a margin it is cross-entropy" false

            testCase "its scale is what the outputs are multiplied by"
            <| fun () ->
                let scale (settings: LogitSettings) =
                    use loss = Loss.Create(scaled 30.0 settings, [| 2; 1 |])
                    loss.Scale

                Expect.equal (scale (LdamSettings(0.5, false))) 30.0 "original"
                Expect.equal (scale (LdamSettings(0.5, true))) 1.0 "unscaled logits"
        ]

let private adjusted =
    testList
        "logit adjustment"
        [
            testProperty "the prior is each class's share of the images"
            <| Prop.forAll batches (fun batch ->
                let prior = LogitAdjustment.Prior(countsOf batch)
                close float64 (prior |> Seq.sumBy exp) 1.0 "sum"

                for n, share in Seq.zip batch.Counts prior do
                    close float64 (exp share * float (List.sum batch.Counts)) (float n) "share")

            testProperty "tau 1 is the softmax balanced by the counts"
            <| Prop.forAll batches (fun batch ->
                let batch = { batch with Weights = None }

                let expected =
                    [
                        for row, target in List.zip batch.Outputs batch.Targets ->
                            let powers = List.map2 (fun n z -> float n * exp (5.0 * z)) batch.Counts row
                            -log(powers[target] / List.sum powers)
                    ]

                let actual = value (scaled 5.0 (LogitAdjustmentSettings 1.0)) float64 batch
                close float64 actual (List.average expected) "balanced softmax")

            same (LogitAdjustmentSettings 0.0) (PlainLogits()) "tau 0 is cross-entropy" false
            same (LogitAdjustmentSettings 1.0) (PlainLogits()) "equal counts make it cross-entropy" true

            testProperty "taking tau ln(prior) off again gives the outputs back, scaled"
            <| Prop.forAll batches (fun batch ->
                let prior = LogitAdjustment.Prior(countsOf batch)

                let rows =
                    rowsOf (new LogitAdjustment(countsOf batch, 5.0, 2.0, float64)) float64 batch

                for row, outputs in Seq.zip rows batch.Outputs do
                    allClose
                        float64
                        (Seq.map2 (fun z share -> z - 2.0 * share) row prior)
                        (Seq.map ((*) 5.0) outputs)
                        "z")
        ]

[<Tests>]
let tests = testList "logit rules" [ clouded; ldam; adjusted ]
