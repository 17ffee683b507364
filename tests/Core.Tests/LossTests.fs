/// Cross-entropy, Gaussian clouded logits and class weights (method.md 2, invariants 14, 15 and 17).
module LongTail.Tests.LossTests

open System
open Expecto
open FsCheck.FSharp
open TorchSharp
open LongTail.Core
open LongTail.Core.Losses
open LongTail.Core.Settings
open LongTail.Tests.Problems

/// A small batch of cosines with everything that a loss needs.
type private Batch =
    {
        Counts: int list
        Cosines: float list list
        Targets: int list
        Noise: float list list
    }

let private batches =
    gen {
        let! classes = Gen.choose (1, 5)
        let! rows = Gen.choose (1, 4)
        let! counts = Gen.listOfLength classes (Gen.choose (1, 500))

        let numbers top =
            Gen.listOfLength
                rows
                (Gen.listOfLength classes (Gen.choose (-top, top) |> Gen.map (fun n -> float n / 64.0)))

        let! cosines = numbers 64
        // Beyond 1 now and then: the clamp has work to do.
        let! noise = numbers 80
        let! targets = Gen.listOfLength rows (Gen.choose (0, classes - 1))

        return
            {
                Counts = counts
                Cosines = cosines
                Targets = targets
                Noise = noise
            }
    }
    |> Arb.fromGen

let private targetsOf batch =
    torch.tensor [| for target in batch.Targets -> int64 target |]

let private noiseOf dtype batch =
    LossNoise(fun shape ->
        let noise = matrix dtype batch.Noise
        Expect.equal (List.ofArray shape) (List.ofArray noise.shape) "a draw for every sample and class"
        noise)

let private silent = LossNoise(fun _ -> failtest "This loss draws no noise.")

let private zero dtype =
    LossNoise(fun shape -> torch.zeros (shape, dtype))

let private value (loss: Loss) dtype batch (weights: float list option) noise =
    use _ = torch.NewDisposeScope()

    let weights: torch.Tensor | null =
        match weights with
        | Some weights -> vector dtype weights
        | None -> null

    loss.Of(matrix dtype batch.Cosines, targetsOf batch, weights, noise).ToDouble()

let private scaledBy scale =
    Loss.Create(LossSettings(scale, PlainLogits(), null, null), [| 1 |])

let private clouded dtype batch scale margin noise =
    Loss.Create(
        LossSettings(scale, GaussianCloudedSettings(margin, noise), null, null),
        List.toArray batch.Counts,
        dtype
    )

let private logits dtype batch scale margin noise =
    use _ = torch.NewDisposeScope()

    use rule =
        new GaussianClouded(List.toArray batch.Counts, scale, margin, noise, dtype)

    rule.Logits(matrix dtype batch.Cosines, targetsOf batch, noiseOf dtype batch)
    |> numbers
    |> Array.chunkBySize batch.Counts.Length

/// The definition, a number at a time.
let private crossEntropy (batch: Batch) scale (weights: float list) =
    let terms =
        [
            for row, target in List.zip batch.Cosines batch.Targets ->
                let scaled = row |> List.map ((*) scale)
                let top = List.max scaled

                let lost =
                    top + log (scaled |> List.sumBy (fun z -> exp (z - top))) - scaled[target]

                weights[target] * lost, weights[target]
        ]

    List.sumBy fst terms / List.sumBy snd terms

let private even (batch: Batch) = List.replicate batch.Counts.Length 1.0

let private close dtype actual expected what =
    let tolerance = if dtype = torch.ScalarType.Float64 then 1e-12 else 1e-5
    Expect.isLessThan (abs (actual - expected)) (tolerance * (1.0 + abs expected)) $"{what}: {actual} for {expected}"

let private weighed = Gen.choose (1, 64) |> Gen.map (fun n -> float n / 8.0)

let private batchesWithWeights =
    gen {
        let! batch = batches.Generator
        let! weights = Gen.listOfLength batch.Counts.Length weighed
        let! factor = weighed
        return batch, weights, factor
    }
    |> Arb.fromGen

let private plain dtype =
    testList
        $"cross-entropy {dtype}"
        [
            testProperty "is the mean weighted by the targets' classes and normalised by the batch's weights"
            <| Prop.forAll batchesWithWeights (fun (batch, weights, scale) ->
                use loss = scaledBy (scale)

                close
                    dtype
                    (value loss dtype batch (Some weights) silent)
                    (crossEntropy batch scale weights)
                    "weighted"

                close dtype (value loss dtype batch None silent) (crossEntropy batch scale (even batch)) "plain")

            testProperty "takes the same value for any multiple of the weights"
            <| Prop.forAll batchesWithWeights (fun (batch, weights, factor) ->
                use loss = scaledBy (5.0)
                let scaled = weights |> List.map ((*) factor)
                let constant = even batch |> List.map ((*) factor)

                close
                    dtype
                    (value loss dtype batch (Some scaled) silent)
                    (value loss dtype batch (Some weights) silent)
                    "scaled"

                close
                    dtype
                    (value loss dtype batch (Some constant) silent)
                    (value loss dtype batch None silent)
                    "constant")

            testProperty "does not feel the weights in a batch of one class"
            <| Prop.forAll batchesWithWeights (fun (batch, weights, _) ->
                use loss = scaledBy (5.0)

                let one =
                    { batch with
                        Targets = batch.Targets |> List.map (fun _ -> 0)
                    }

                close dtype (value loss dtype one (Some weights) silent) (value loss dtype one None silent) "one class")

            testProperty "is not negative, and unmoved by a shift of a row"
            <| Prop.forAll batches (fun batch ->
                use loss = scaledBy (5.0)

                let shifted =
                    { batch with
                        Cosines = batch.Cosines |> List.map (List.map ((+) 2.0))
                    }

                let before = value loss dtype batch None silent
                Expect.isGreaterThanOrEqual before -1e-7 "at least 0"
                close dtype (value loss dtype shifted None silent) before "shifted")

            testCase "is finite for logits of 1e4"
            <| fun () ->
                use loss = scaledBy (1.0)

                let batch =
                    {
                        Counts = [ 2; 1 ]
                        Cosines = [ [ 1e4; -1e4 ]; [ -1e4; 1e4 ] ]
                        Targets = [ 1; 1 ]
                        Noise = []
                    }

                close dtype (value loss dtype batch None silent) 1e4 "20000 and 0"

            testCase "gives its gradient through the scale"
            <| fun () ->
                use _ = torch.NewDisposeScope()
                use loss = scaledBy (4.0)
                let outputs = (matrix dtype [ [ 0.5; 0.5 ] ]).requires_grad_()
                loss.Of(outputs, torch.tensor [| 0L |], null, silent).backward()

                for actual, expected in Seq.zip (numbers (gradientOf outputs)) [ -2.0; 2.0 ] do
                    close dtype actual expected "scale * (p - y)"
        ]

let private cloud dtype =
    testList
        $"gcl {dtype}"
        [
            testProperty "every perturbed cosine lies between c - noise d - margin and c"
            <| Prop.forAll batches (fun batch ->
                let difficulty = GaussianClouded.Difficulty(List.toArray batch.Counts)
                let rounding = 1e-5

                for row, cosines in Seq.zip (logits dtype batch 25.0 0.1 0.5) batch.Cosines do
                    for z, c, d in Seq.zip3 row cosines difficulty do
                        let perturbed = z / 25.0
                        Expect.isLessThanOrEqual perturbed (c + rounding) "not above"
                        Expect.isGreaterThanOrEqual perturbed (c - 0.5 * d - 0.1 - rounding) "not below")

            testProperty "is scale * (c - noise |clamp u| d), less the margin at the target only"
            <| Prop.forAll batches (fun batch ->
                let difficulty = GaussianClouded.Difficulty(List.toArray batch.Counts)
                let actual = logits dtype batch 25.0 0.125 0.5

                for i, row in Seq.indexed actual do
                    for j, z in Seq.indexed row do
                        let drawn = batch.Noise[i][j] |> max -1.0 |> min 1.0 |> abs
                        let margin = if batch.Targets[i] = j then 0.125 else 0.0
                        close dtype z (25.0 * (batch.Cosines[i][j] - 0.5 * drawn * difficulty[j] - margin)) $"{i}, {j}")

            testProperty "the largest class's column gets no noise"
            <| Prop.forAll batches (fun batch ->
                let largest = List.max batch.Counts

                let quiet =
                    { batch with
                        Noise = batch.Noise |> List.map (List.map (fun _ -> 0.0))
                    }

                let noisy, still = logits dtype batch 25.0 0.1 1.0, logits dtype quiet 25.0 0.1 1.0

                for a, b in Seq.zip noisy still do
                    for j, count in List.indexed batch.Counts do
                        if count = largest then
                            Expect.equal a[j] b[j] "untouched")

            testProperty "without noise and margin it is the cross-entropy of scale * cosines"
            <| Prop.forAll batchesWithWeights (fun (batch, weights, scale) ->
                use loss = clouded dtype batch scale 0.0 0.0
                use plain = scaledBy (scale)

                close
                    dtype
                    (value loss dtype batch (Some weights) (noiseOf dtype batch))
                    (value plain dtype batch (Some weights) silent)
                    "CE")

            testProperty "equal counts make no NaN: the margin alone is left"
            <| Prop.forAll batches (fun batch ->
                let balanced =
                    { batch with
                        Counts = batch.Counts |> List.map (fun _ -> 7)
                    }

                let quiet =
                    { balanced with
                        Noise = batch.Noise |> List.map (List.map (fun _ -> 0.0))
                    }

                Expect.equal (logits dtype balanced 25.0 0.1 1.0) (logits dtype quiet 25.0 0.1 1.0) "no noise")

            testProperty "permuting the classes with their counts permutes the logits only"
            <| Prop.forAll batches (fun batch ->
                let turned =
                    {
                        Counts = List.rev batch.Counts
                        Cosines = batch.Cosines |> List.map List.rev
                        Noise = batch.Noise |> List.map List.rev
                        Targets = batch.Targets |> List.map (fun y -> batch.Counts.Length - 1 - y)
                    }

                let back = logits dtype turned 25.0 0.1 1.0 |> Array.map Array.rev
                Expect.equal back (logits dtype batch 25.0 0.1 1.0) "turned back")

            testProperty "given the noise it is deterministic, and takes one draw"
            <| Prop.forAll batches (fun batch ->
                use loss = clouded dtype batch 25.0 0.1 1.0
                let mutable draws = 0

                let noise =
                    LossNoise(fun shape ->
                        draws <- draws + 1
                        (noiseOf dtype batch).Invoke shape)

                let first = value loss dtype batch None noise
                Expect.equal (value loss dtype batch None noise) first "twice the same"
                Expect.equal draws 2 "one draw a call"
                Expect.isTrue (Double.IsFinite first) "finite")

            testProperty "neither noise nor margin takes part in the gradient: scale * (p - y) at the perturbed logits"
            <| Prop.forAll batches (fun batch ->
                use _ = torch.NewDisposeScope()
                use loss = clouded dtype batch 5.0 0.1 1.0
                let outputs = (matrix dtype batch.Cosines).requires_grad_()
                loss.Of(outputs, targetsOf batch, null, noiseOf dtype batch).backward()

                let expected =
                    [|
                        for row, target in Seq.zip (logits dtype batch 5.0 0.1 1.0) batch.Targets do
                            let powers = row |> Array.map exp

                            for j, power in Seq.indexed powers do
                                let hit = if j = target then 1.0 else 0.0
                                5.0 * (power / Array.sum powers - hit) / float batch.Targets.Length
                    |]

                for actual, goal in Seq.zip (numbers (gradientOf outputs)) expected do
                    close dtype actual goal "gradient")

            testCase "200 calls leave no tensor behind but the losses"
            <| fun () ->
                use _ = torch.NewDisposeScope()

                use loss =
                    clouded
                        dtype
                        {
                            Counts = [ 9; 3; 1 ]
                            Cosines = []
                            Noise = []
                            Targets = []
                        }
                        25.0
                        0.1
                        1.0

                let outputs = (torch.zeros ([| 2L; 3L |], dtype)).requires_grad_()
                let targets = torch.tensor [| 0L; 2L |]

                let call step =
                    use _ = torch.NewDisposeScope()
                    use scope = torch.NewDisposeScope()
                    let noise = Loss.Drawn(1L, int64 step, dtype, torch.CPU)
                    loss.Of(outputs, targets, null, noise) |> ignore
                    Expect.equal scope.DisposablesCount 1 "the loss alone"

                call 0
                let before = torch.Tensor.TotalCount

                for step in 1..200 do
                    call step

                Expect.equal torch.Tensor.TotalCount before "live tensors"
        ]

let private noise =
    testList
        "noise"
        [
            testCase "differs from call to call and step to step, and repeats with the seed"
            <| fun () ->
                use _ = torch.NewDisposeScope()

                let drawn seed step =
                    Loss.Drawn(seed, step, torch.ScalarType.Float32, torch.CPU)

                let shape = [| 3L; 4L |]

                let twice (noise: LossNoise) =
                    [ bits (noise.Invoke shape); bits (noise.Invoke shape) ]

                let four = twice (drawn 1L 0L) @ twice (drawn 1L 1L) @ twice (drawn 2L 0L)
                Expect.hasLength (List.distinct four) 6 "fresh at every call"
                Expect.equal (twice (drawn 1L 0L)) (List.truncate 2 four) "repeated"

            testCase "has a mean of 0 and a deviation of 1/3, and is not clamped yet"
            <| fun () ->
                use _ = torch.NewDisposeScope()
                let noise = Loss.Drawn(5L, 3L, torch.ScalarType.Float64, torch.CPU)
                let draws = numbers (noise.Invoke [| 1000L; 100L |])
                let root = sqrt (float draws.Length)
                let deviation = sqrt (draws |> Array.averageBy (fun d -> d * d))
                Expect.isLessThan (abs (Array.average draws)) (4.0 / 3.0 / root) "mean"
                Expect.isLessThan (abs (deviation - 1.0 / 3.0)) (4.0 / 3.0 / sqrt 2.0 / root) "deviation"
                Expect.isGreaterThan (Array.max draws) 1.0 "unclamped"
        ]

let private countLists =
    Gen.choose (1, 8)
    |> Gen.bind (fun classes -> Gen.listOfLength classes (Gen.choose (1, 5000)))

let private countsAndBeta =
    Gen.zip countLists (Gen.elements [ 0.0; 0.5; 0.99; 0.9998; 0.9999; 0.999999 ])
    |> Arb.fromGen

let private weights =
    let effective (counts: int list) beta =
        ClassWeights.EffectiveNumber(List.toArray counts, beta)

    let rule = DeferredReweighting(59, 0.9998)
    let counts = [| 100; 50; 5 |]

    testList
        "class weights"
        [
            testProperty "are positive, have a mean of 1, and never grow with the count"
            <| Prop.forAll countsAndBeta (fun (counts, beta) ->
                let weights = effective counts beta
                Expect.all weights (fun w -> w > 0.0) "positive"
                Expect.isLessThan (abs (Array.average weights - 1.0)) 1e-12 "mean"

                for (n, w), (m, v) in Seq.allPairs (Seq.zip counts weights) (Seq.zip counts weights) do
                    if n < m then
                        Expect.isGreaterThanOrEqual w v $"{n} and {m}"
                    elif n = m then
                        Expect.equal w v "equal counts")

            testProperty "are all 1 for beta = 0"
            <| Prop.forAll (Arb.fromGen countLists) (fun counts -> Expect.allEqual (effective counts 0.0) 1.0 "ones")

            testProperty "tend to 1 / n for beta toward 1"
            <| Prop.forAll (Arb.fromGen countLists) (fun counts ->
                let inverse = counts |> List.map (fun n -> 1.0 / float n)
                let mean = List.average inverse

                for w, i in Seq.zip (effective counts (1.0 - 1e-9)) inverse do
                    Expect.floatClose Accuracy.medium w (i / mean) "1 / n")

            testTheory
                "act from the epoch after the last deferred one"
                [ 0, false; 59, false; 60, true; 69, true ]
                (fun (epoch, acts) ->
                    let weights = ClassWeights.Deferred(rule, counts, epoch)
                    Expect.equal (not (isNull weights)) acts $"epoch {epoch}"

                    if acts then
                        Expect.equal weights (effective [ 100; 50; 5 ] 0.9998) "effective number")

            testTheory "never act without a rule" [ 0; 60; 1000 ] (fun epoch ->
                Expect.isNull (ClassWeights.Deferred(null, counts, epoch)) $"epoch {epoch}")

            testTheory "a beta outside [0, 1) is refused" [ -0.1; 1.0; nan ] (fun beta ->
                Expect.throwsT<ArgumentOutOfRangeException> (fun () -> effective [ 3; 1 ] beta |> ignore) "refused")
        ]

let private mendable what (make: unit -> obj) =
    testCase what
    <| fun () ->
        Expect.throwsC (fun () -> make () |> ignore) (fun error ->
            Expect.isTrue (error :? InputException) $"an InputException, not {error}"
            Expect.stringContains error.Message "class" "says what"
            Expect.isFalse (error.Message.Contains '\n') "one line")

let private limits =
    let dtype = torch.ScalarType.Float64

    testList
        "limits"
        [
            mendable "an empty class is named for the class weights" (fun () ->
                ClassWeights.EffectiveNumber([| 5; 0 |], 0.9))
            mendable "an empty class is named for GCL" (fun () ->
                new GaussianClouded([| 5; 0 |], 25.0, 0.1, 1.0, dtype))
            mendable "no class at all is told" (fun () -> ClassWeights.EffectiveNumber([||], 0.9))

            testCase "one class is fine"
            <| fun () ->
                Expect.equal (ClassWeights.EffectiveNumber([| 3 |], 0.9)) [| 1.0 |] "weight"
                Expect.equal (GaussianClouded.Difficulty [| 3 |]) [| 0.0 |] "difficulty"

            testCase "the difficulty of CIFAR-100 at imbalance 100, at the listed classes"
            <| fun () ->
                let counts = [| for j in 0..99 -> int (500.0 * Math.Pow(0.01, float j / 99.0)) |]
                let difficulty = GaussianClouded.Difficulty counts

                for j, expected in [ 0, 0.0; 10, 0.10102; 50, 0.50886; 90, 0.92694; 99, 1.0 ] do
                    Expect.isLessThan (abs (difficulty[j] - expected)) 5.1e-6 $"d_{j}"

            testTheory
                "a scale, margin or noise outside its range is refused"
                [
                    0.0, 0.1, 1.0
                    -1.0, 0.1, 1.0
                    nan, 0.1, 1.0
                    25.0, -0.1, 1.0
                    25.0, nan, 1.0
                    25.0, 0.1, -1.0
                ]
                (fun (scale, margin, noise) ->
                    Expect.throwsT<ArgumentOutOfRangeException>
                        (fun () -> new GaussianClouded([| 2; 1 |], scale, margin, noise, dtype) |> ignore)
                        "refused")
        ]

[<Tests>]
let tests =
    testList
        "losses"
        [
            for dtype in dtypes do
                plain dtype
                cloud dtype
            noise
            weights
            limits
        ]
