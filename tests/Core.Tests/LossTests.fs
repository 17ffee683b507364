/// What every loss keeps, whatever it is composed of (method.md 9, invariants 15, 18 and 20).
module LongTail.Tests.LossTests

open System
open Expecto
open LongTail.Tests.Tensors
open FsCheck.FSharp
open TorchSharp
open LongTail.Core
open LongTail.Core.Losses
open LongTail.Core.Optimizers
open LongTail.Core.Settings
open LongTail.Tests.Problems
open LongTail.Tests.LossProblems

let private float64 = torch.ScalarType.Float64

/// GNM-PT's focal loss takes the plain mean of weighted terms: no law of the weighted mean holds for it.
let private isWeightedMean (settings: LossSettings) =
    match settings.Focal with
    | null -> true
    | focal -> not focal.OfWeighted

let private permuted order (batch: Batch) =
    let turn list =
        order |> List.map (fun j -> List.item j list)

    { batch with
        Counts = turn batch.Counts
        Outputs = batch.Outputs |> List.map turn
        Noise = batch.Noise |> List.map turn
        Weights = batch.Weights |> Option.map turn
        Targets = batch.Targets |> List.map (fun y -> List.findIndex ((=) y) order)
    }

let private laws (logits: LogitSettings) dtype =
    let law name holds =
        testProperty name <| Prop.forAll (compositions logits) holds

    testList
        $"{logits} {dtype}"
        [
            law "is its definition, image by image" (fun (settings, batch) ->
                let expected = definition settings batch (factors settings batch)
                allClose dtype (terms settings dtype batch) expected "term"
                close dtype (value settings dtype batch) (List.sum expected) "sum")

            law "adds up over any shares of the batch, with the whole batch's total" (fun (settings, batch) ->
                use _ = torch.NewDisposeScope()
                use loss = create settings dtype batch
                let outputs, targets = matrix dtype batch.Outputs, targetsOf batch
                let weights, noise = weightsOf dtype batch, matrix dtype batch.Noise
                let total = loss.Total(targets, weights)

                for shares in 2..3 do
                    let parts =
                        [
                            for index in 0 .. shares - 1 do
                                let struct (start, length) = Share(index, shares).In targets.shape[0]
                                let part (tensor: torch.Tensor) = tensor.narrow (0L, start, length)
                                let drawn = LossNoise(fun _ -> part noise)
                                loss.Terms(part outputs, part targets, weights, drawn, total).sum().ToDouble()
                        ]

                    close dtype (List.sum parts) (value settings dtype batch) $"{shares} shares")

            law "is neither negative nor moved by a shift of a row" (fun (settings, batch) ->
                let shifted =
                    { batch with
                        Outputs = batch.Outputs |> List.mapi (fun i -> List.map ((+) (float i - 2.0)))
                    }

                let before = value settings dtype batch
                Order.isGreaterThanOrEqual before 0.0 "at least 0"
                close dtype (value settings dtype shifted) before "shifted")

            law "is the same for any multiple of the weights, and for equal ones as for none" (fun (settings, batch) ->
                if isWeightedMean settings then
                    let weighted factor =
                        value
                            settings
                            dtype
                            { batch with
                                Weights = batch.Weights |> Option.map (List.map ((*) factor))
                            }

                    let even weight =
                        value
                            settings
                            dtype
                            { batch with
                                Weights = weight |> Option.map (List.replicate batch.Counts.Length)
                            }

                    close dtype (weighted 3.0) (weighted 1.0) "multiple"
                    close dtype (even (Some 0.375)) (even None) "equal")

            law "does not feel the weights in a batch of one class" (fun (settings, batch) ->
                if isWeightedMean settings then
                    let one =
                        { batch with
                            Targets = batch.Targets |> List.map (fun _ -> 0)
                        }

                    close dtype (value settings dtype one) (value settings dtype { one with Weights = None }) "value")

            law "knows the classes by their counts alone, not by their order" (fun (settings, batch) ->
                let last = batch.Counts.Length - 1

                for order in [ [ last .. -1 .. 0 ]; [ 1..last ] @ [ 0 ] ] do
                    let turned = value settings dtype (permuted order batch)
                    close dtype turned (value settings dtype batch) "permuted")

            law "is finite, and so is its gradient, at outputs of 1e4" (fun (settings, batch) ->
                let huge =
                    { batch with
                        Outputs = batch.Outputs |> List.map (List.map (fun z -> 1e4 * float (sign z)))
                    }

                Expect.all (terms settings dtype huge) Double.IsFinite "terms"
                Expect.all (gradient settings dtype huge) Double.IsFinite "gradient")

            law "draws its noise at most once, is deterministic given it, and keeps nothing" (fun (settings, batch) ->
                use _ = torch.NewDisposeScope()
                use loss = create settings dtype batch
                let mutable draws = 0

                let noise =
                    LossNoise(fun shape ->
                        draws <- draws + 1
                        (noiseOf dtype batch).Invoke shape)

                let outputs, targets = matrix dtype batch.Outputs, targetsOf batch
                let weights = weightsOf dtype batch
                use scope = torch.NewDisposeScope()
                let first = loss.Of(outputs, targets, weights, noise)
                Expect.equal scope.DisposablesCount 1 "the loss alone"
                Expect.equal draws (if logits :? GaussianCloudedSettings then 1 else 0) "draws"
                Expect.equal (bits (loss.Of(outputs, targets, weights, noise))) (bits first) "again")

            if dtype = float64 then
                law "has the gradient that differences give, the focal factor held fixed" (fun (settings, batch) ->
                    let fixedFactors = factors settings batch

                    let at i j h =
                        let moved =
                            { batch with
                                Outputs =
                                    batch.Outputs
                                    |> List.mapi (fun r -> List.mapi (fun c z -> if r = i && c = j then z + h else z))
                            }

                        List.sum (definition settings moved fixedFactors)

                    let expected =
                        [
                            for i in 0 .. batch.Outputs.Length - 1 do
                                for j in 0 .. batch.Counts.Length - 1 do
                                    (at i j 1e-5 - at i j -1e-5) / 2e-5
                        ]

                    for actual, expected in Seq.zip (gradient settings dtype batch) expected do
                        Order.isLessThan (abs (actual - expected)) 1e-7 $"{actual} for {expected}")
        ]

let private focal =
    let focused gamma (settings: LossSettings) =
        LossSettings(settings.Scale, settings.Logits, settings.Smoothing, FocalSettings(gamma, false))

    testList
        "focal"
        [
            for logits in rules do
                testProperty $"gamma 0 is the loss without it, and more gamma is never more: {logits}"
                <| Prop.forAll (compositions logits) (fun (settings, batch) ->
                    let plain = LossSettings(settings.Scale, settings.Logits, settings.Smoothing, null)

                    let plain, focused =
                        terms plain float64 batch, fun gamma -> terms (focused gamma settings) float64 batch

                    allClose float64 (focused 0.0) plain "gamma 0"

                    for less, more in List.pairwise [ 0.0; 0.25; 1.0; 2.0; 5.0 ] do
                        for fewer, term in Seq.zip (focused more) (focused less) do
                            Order.isLessThanOrEqual fewer (term + 1e-15) $"gamma {more} against {less}")

            testCase "the factor keeps its digits where the weighted loss is small"
            <| fun () ->
                let batch =
                    {
                        Counts = [ 1; 1 ]
                        Outputs = [ [ 30.0; 0.0 ] ]
                        Targets = [ 0 ]
                        Noise = [ [ 0.0; 0.0 ] ]
                        Weights = Some [ 0.3; 1.0 ]
                    }

                let plain = scaled 1.0 (PlainLogits())

                let focused =
                    LossSettings(plain.Scale, plain.Logits, null, FocalSettings(1.0, true))

                // 1 - exp(-x) is x to the last digit here.
                let weighted = 0.3 * value plain float64 batch
                let factor = value focused float64 batch / weighted
                Order.isLessThan (abs (factor / weighted - 1.0)) 1e-9 $"{factor} for {weighted}"
        ]

let private coarse =
    testCase "every composition is finite in bfloat16"
    <| fun () ->
        use _ = torch.NewDisposeScope()
        let bfloat16 = torch.ScalarType.BFloat16

        for logits in rules do
            for settings, batch in Gen.sample 20 (compositions logits).Generator do
                use loss = create settings bfloat16 batch
                let outputs = (matrix bfloat16 batch.Outputs).requires_grad_()
                let value = lossOn loss bfloat16 batch outputs
                value.backward ()
                Expect.all (numbers value) Double.IsFinite $"{settings}"
                Expect.all (numbers (gradientOf outputs)) Double.IsFinite $"{settings}"

let private still =
    testCase "200 calls leave no tensor behind but the losses"
    <| fun () ->
        use _ = torch.NewDisposeScope()

        let settings =
            LossSettings(
                25.0,
                GaussianCloudedSettings(0.1, 1.0),
                SmoothingSettings(0.4, 0.1, SmoothingShape.Concave, 1.0),
                FocalSettings(2.0, false)
            )

        use loss = Loss.Create(settings, [| 9; 3; 1 |])
        let outputs = (torch.zeros [| 2L; 3L |]).requires_grad_()
        let targets, weights = torch.tensor [| 0L; 2L |], torch.ones 3L

        let call step =
            use _ = torch.NewDisposeScope()
            let noise = Loss.Drawn(1L, int64 step, torch.ScalarType.Float32, torch.CPU)
            loss.Of(outputs, targets, weights, noise).backward()

        call 0
        let before = liveTensors ()

        for step in 1..200 do
            call step

        Expect.equal torch.Tensor.TotalCount before "live tensors"

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
                let noise = Loss.Drawn(5L, 3L, float64, torch.CPU)
                let draws = numbers (noise.Invoke [| 1000L; 100L |])
                let root = sqrt (float draws.Length)
                let deviation = sqrt (draws |> Array.averageBy (fun d -> d * d))
                Order.isLessThan (abs (Array.average draws)) (4.0 / 3.0 / root) "mean"
                Order.isLessThan (abs (deviation - 1.0 / 3.0)) (4.0 / 3.0 / sqrt 2.0 / root) "deviation"
                Order.isGreaterThan (Array.max draws) 1.0 "unclamped"
        ]

let private refused =
    let counts = [| 5; 3 |]

    let refuses name (settings: LossSettings) =
        testCase name
        <| fun () ->
            Expect.throwsT<ArgumentOutOfRangeException> (fun () -> Loss.Create(settings, counts).Dispose()) "refused"

    let smoothed head tail shape exponent =
        LossSettings(1.0, PlainLogits(), SmoothingSettings(head, tail, shape, exponent), null)

    testList
        "refused is"
        [
            for logits in rules do
                for scale in [ 0.0; -1.0; nan; infinity ] do
                    refuses $"a scale of {scale}: {logits}" (scaled scale logits)

                if not (logits :? PlainLogits) then
                    testCase $"a class without an image, in a line: {logits}"
                    <| fun () ->
                        Expect.throwsC (fun () -> Loss.Create(scaled 1.0 logits, [| 5; 0 |]).Dispose()) (fun error ->
                            Expect.isTrue (error :? InputException) $"an InputException, not {error}"
                            Expect.stringContains error.Message "Class 1" "which"
                            Expect.isFalse (error.Message.Contains '\n') "one line")

            for number in [ -0.1; nan; infinity ] do
                refuses $"GCL's margin {number}" (scaled 1.0 (GaussianCloudedSettings(number, 1.0)))
                refuses $"GCL's noise {number}" (scaled 1.0 (GaussianCloudedSettings(0.1, number)))
                refuses $"LDAM's margin {number}" (scaled 1.0 (LdamSettings(number, false)))
                refuses $"a tau of {number}" (scaled 1.0 (LogitAdjustmentSettings number))
                refuses $"a gamma of {number}" (LossSettings(1.0, PlainLogits(), null, FocalSettings(number, false)))
                refuses $"a head share of {number}" (smoothed number 0.1 SmoothingShape.Linear 1.0)
                refuses $"a tail share of {number}" (smoothed 0.1 number SmoothingShape.Linear 1.0)

            refuses "a share of 1" (smoothed 1.0 0.1 SmoothingShape.Linear 1.0)
            refuses "an exponent of 0" (smoothed 0.4 0.1 SmoothingShape.Power 0.0)
        ]

[<Tests>]
let tests =
    testList
        "losses"
        [
            for logits in rules do
                for dtype in dtypes do
                    laws logits dtype
            focal
            coarse
            still
            noise
            refused
        ]
