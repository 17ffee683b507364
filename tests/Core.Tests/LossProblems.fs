/// Small batches, every composition of a loss, and its definition, a number at a time (method.md 2).
module LongTail.Tests.LossProblems

open System
open Expecto
open FsCheck.FSharp
open TorchSharp
open LongTail.Core.Losses
open LongTail.Core.Settings
open LongTail.Tests.Problems

/// A small batch of outputs with everything that a loss needs.
type Batch =
    {
        Counts: int list
        Outputs: float list list
        Targets: int list
        Noise: float list list
        Weights: float list option
    }

let private eighths = Gen.choose (1, 64) |> Gen.map (fun n -> float n / 8.0)

let private batch =
    gen {
        let! classes = Gen.choose (1, 5)
        let! rows = Gen.choose (1, 4)
        // Equal counts, and a class of one image, come up often.
        let! counts =
            Gen.listOfLength classes (Gen.oneof [ Gen.choose (1, 3); Gen.choose (1, 500) ])

        let numbers top =
            Gen.listOfLength
                rows
                (Gen.listOfLength classes (Gen.choose (-top, top) |> Gen.map (fun n -> float n / 64.0)))

        let! outputs = numbers 64
        // Beyond 1 now and then: the clamp has work to do.
        let! noise = numbers 80
        let! targets = Gen.listOfLength rows (Gen.choose (0, classes - 1))
        let! weights = Gen.optionOf (Gen.listOfLength classes eighths)

        return
            {
                Counts = counts
                Outputs = outputs
                Targets = targets
                Noise = noise
                Weights = weights
            }
    }

let batches = Arb.fromGen batch

let scaled scale logits = LossSettings(scale, logits, null, null)

let private smoothing =
    gen {
        let! head = Gen.choose (0, 7)
        let! tail = Gen.choose (0, 7)
        let! exponent = eighths
        let! shape = Gen.elements (Enum.GetValues<SmoothingShape>())
        return SmoothingSettings(float head / 8.0, float tail / 8.0, shape, exponent)
    }

let smoothings = Arb.fromGen smoothing

let private focal =
    gen {
        let! gamma = Gen.elements [ 0.0; 0.5; 1.0; 2.0; 4.0 ]
        let! ofWeighted = Gen.elements [ true; false ]
        return FocalSettings(gamma, ofWeighted)
    }

/// Every loss on a rule's logits, with a batch.
let compositions (logits: LogitSettings) =
    gen {
        let! scale = Gen.elements [ 0.5; 1.0; 5.0 ]
        let! smoothing = Gen.optionOf smoothing
        let! focal = Gen.optionOf focal
        let! batch = batch
        return LossSettings(scale, logits, Option.toObj smoothing, Option.toObj focal), batch
    }
    |> Arb.fromGen

let rules: LogitSettings list =
    [
        PlainLogits()
        GaussianCloudedSettings(0.125, 0.5)
        LdamSettings(0.5, false)
        LdamSettings(0.5, true)
        LogitAdjustmentSettings 1.0
        LogitAdjustmentSettings 2.0
    ]

let targetsOf batch =
    torch.tensor [| for target in batch.Targets -> int64 target |]

let noiseOf dtype batch =
    LossNoise(fun shape ->
        let noise = matrix dtype batch.Noise
        Expect.equal (List.ofArray shape) (List.ofArray noise.shape) "a draw for every image and class"
        noise)

let weightsOf dtype batch : torch.Tensor | null =
    match batch.Weights with
    | Some weights -> vector dtype weights
    | None -> null

let create (settings: LossSettings) dtype batch =
    Loss.Create(settings, List.toArray batch.Counts, dtype)

let lossOn (loss: Loss) dtype batch outputs =
    loss.Of(outputs, targetsOf batch, weightsOf dtype batch, noiseOf dtype batch)

/// The loss of the batch.
let value settings dtype batch =
    use _ = torch.NewDisposeScope()
    use loss = create settings dtype batch
    (lossOn loss dtype batch (matrix dtype batch.Outputs)).ToDouble()

/// What each image adds to it.
let terms settings dtype batch =
    use _ = torch.NewDisposeScope()
    use loss = create settings dtype batch
    let targets, weights = targetsOf batch, weightsOf dtype batch

    loss.Terms(matrix dtype batch.Outputs, targets, weights, noiseOf dtype batch, loss.Total(targets, weights))
    |> numbers

/// Its gradient by the outputs, in row order.
let gradient settings dtype batch =
    use _ = torch.NewDisposeScope()
    use loss = create settings dtype batch
    let outputs = (matrix dtype batch.Outputs).requires_grad_()
    (lossOn loss dtype batch outputs).backward()
    numbers (gradientOf outputs)

let close dtype actual expected what =
    let tolerance = if dtype = torch.ScalarType.Float64 then 1e-11 else 2e-5
    Order.isLessThan (abs (actual - expected)) (tolerance * (1.0 + abs expected)) $"{what}: {actual} for {expected}"

let allClose dtype actual expected what =
    Expect.equal (Seq.length actual) (Seq.length expected) $"{what}: how many"

    for i, (a, e) in Seq.indexed (Seq.zip actual expected) do
        close dtype a e $"{what} {i}"

// ---- the definition ------------------------------------------------------------------------------------------

let private ratio none part whole =
    if whole = 0.0 then none else part / whole

let private logitsOf (settings: LossSettings) batch =
    let counts = batch.Counts |> List.map float
    let largest, smallest = List.max counts, List.min counts

    List.zip3 batch.Outputs batch.Targets batch.Noise
    |> List.map (fun (row, target, noise) ->
        [
            for j, z in List.indexed row do
                let atTarget x = if j = target then x else 0.0

                match settings.Logits with
                | :? GaussianCloudedSettings as gcl ->
                    let d = ratio 0.0 (log (largest / counts[j])) (log (largest / smallest))
                    let drawn = noise[j] |> max -1.0 |> min 1.0 |> abs
                    settings.Scale * (z - gcl.Noise * drawn * d - atTarget gcl.Margin)
                | :? LdamSettings as ldam ->
                    let margin = counts[j] ** -0.25 * ldam.LargestMargin / smallest ** -0.25
                    let scale = if ldam.UnscaledLogits then 1.0 else settings.Scale
                    scale * z - atTarget (settings.Scale * margin)
                | :? LogitAdjustmentSettings as adjusted ->
                    settings.Scale * z + adjusted.Tau * log (counts[j] / List.sum counts)
                | _ -> settings.Scale * z
        ])

let private shareOf (settings: SmoothingSettings | null) batch target =
    match settings with
    | null -> 0.0
    | s ->
        let largest, smallest = List.max batch.Counts, List.min batch.Counts

        let u =
            ratio 1.0 (float (batch.Counts[target] - smallest)) (float (largest - smallest))

        match s.Shape with
        | SmoothingShape.Concave -> s.Tail + (s.Head - s.Tail) * sin (Math.PI * u / 2.0)
        | SmoothingShape.Linear -> s.Tail + (s.Head - s.Tail) * u
        | SmoothingShape.Convex -> s.Head + (s.Head - s.Tail) * sin (1.5 * Math.PI + Math.PI * u / 2.0)
        | _ -> s.Tail + (s.Head - s.Tail) * u ** s.Exponent

/// The images' losses and weights, before the focal factor.
let private weighed (settings: LossSettings) batch =
    [
        for logits, target in List.zip (logitsOf settings batch) batch.Targets do
            let top = List.max logits
            let total = top + log (logits |> List.sumBy (fun z -> exp (z - top)))
            let losses = logits |> List.map (fun z -> total - z)
            let q = shareOf settings.Smoothing batch target

            let weight =
                batch.Weights |> Option.map (List.item target) |> Option.defaultValue 1.0

            (1.0 - q) * losses[target] + q * List.average losses, weight
    ]

/// The focal factors of the images.
let factors (settings: LossSettings) batch =
    [
        for loss, weight in weighed settings batch ->
            match settings.Focal with
            | null -> 1.0
            | focal ->
                let loss = if focal.OfWeighted then weight * loss else loss
                (1.0 - exp -loss) ** focal.Gamma
    ]

/// What each image adds to the loss, its focal factor given.
let definition (settings: LossSettings) batch factors =
    let weighed = weighed settings batch

    let total =
        match settings.Focal with
        | null -> List.sumBy snd weighed
        | focal when focal.OfWeighted -> float weighed.Length
        | _ -> List.sumBy snd weighed

    List.map2 (fun (loss, weight) factor -> factor * weight * loss / total) weighed factors
