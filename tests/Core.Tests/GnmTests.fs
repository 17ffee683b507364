/// Gaussian neighborhood minimization (method.md 1, invariants 1 to 10).
module LongTail.Tests.GnmTests

open System
open Expecto
open FsCheck.FSharp
open TorchSharp
open LongTail.Core
open LongTail.Core.Optimizers
open LongTail.Tests.Problems

let private float64 = torch.ScalarType.Float64

let private epsilonOf dtype =
    if dtype = float64 then 2.3e-16 else 1.2e-7

/// Noise given as a table, a row a step.
let private given dtype (rows: float list list) =
    // The draws are of N(0, 1), GNM's have a deviation of 1/3.
    NoiseSource(fun now _ -> vector dtype rows[int now.Step] * 3.0)

/// What GNM adds to the values at a step of an epoch: their place in the pass less their place outside it.
let private displacement radius seed (parameters: FlatParameters) (now: Moment) =
    let perturbation =
        new Gnm(parameters, radius, Nullable 2, true, ValueNoise.Drawn(seed, parameters))

    let clean = numbers parameters.Values
    let mutable inside = clean

    let pass =
        Pass(fun _ _ ->
            inside <- numbers parameters.Values
            torch.zeros 1L)

    use _ = perturbation.Gradient(pass, now)
    Array.map2 (-) inside clean

/// All zero, so that a displacement is read off without rounding.
let private origin (dtype: torch.ScalarType) (count: int) =
    parametersOf [ "w", torch.zeros ([| int64 count |], dtype) ]

let private steps =
    Gen.zip (Gen.choose (0, 100000)) (Gen.choose (0, 9)) |> Arb.fromGen

let private radii = Gen.choose (1, 400) |> Gen.map (fun n -> float n / 256.0)

let private laws dtype =
    testList
        $"{dtype}"
        [
            testCase "the golden trace: momentum and decay at w, gradient at w + e"
            <| fun () ->
                use _ = torch.NewDisposeScope()
                let problem = Quadratic([ 1.0; -1.0 ], [ [ 1.0; 0.0 ]; [ 0.0; 2.0 ] ])
                use parameters = parametersOf (startsOf dtype problem)
                let noise = given dtype [ [ 0.15; -0.5 ]; [ 0.3; 0.1 ]; [ -0.25; 0.25 ] ]
                let perturbation = new Gnm(parameters, 1.0, Nullable(), false, noise)
                use optimizer = new Optimizer(new Sgd(parameters, 0.9, 0.01), perturbation)

                for step, expected in
                    List.indexed [ [ 0.884; -0.399 ]; [ 0.660316; 0.261899 ]; [ 0.417308484; 0.651686601 ] ] do
                    optimizer.Step(passOn dtype problem parameters, Moment(int64 step, 0, 0.1))
                    |> ignore

                    for value, goal in Seq.zip (numbers parameters.Values) expected do
                        Order.isLessThan (abs (value - goal)) (10.0 * epsilonOf dtype) $"step {step}"

            testProperty "no coordinate moves further than radius * m(epoch), and some move"
            <| Prop.forAll
                (Arb.fromGen (Gen.zip problems.Generator (Gen.zip radii steps.Generator)))
                (fun (problem, (radius, (step, epoch))) ->
                    use _ = torch.NewDisposeScope()
                    use parameters = parametersOf (startsOf dtype problem)
                    let now = Moment(int64 step, epoch, rate)
                    let bound = radius * NoiseMultiplier.At(epoch, Nullable 2, true)
                    let moved = displacement radius 5L parameters now
                    let largest = numbers parameters.Values |> Seq.map abs |> Seq.max
                    let rounding = epsilonOf dtype * (largest + bound)
                    Expect.all moved (fun d -> abs d <= bound + rounding) "within the neighborhood"
                    Expect.exists moved (fun d -> d <> 0.0) "perturbed")

            testProperty "a small radius tends to the base optimizer"
            <| Prop.forAll smooth (fun problem ->
                let run (perturb: Perturb) =
                    use _ = torch.NewDisposeScope()
                    use parameters = parametersOf (startsOf dtype problem)
                    use optimizer = new Optimizer(new Sgd(parameters, 0.9, 0.01), perturb parameters)
                    train optimizer (passOn dtype problem parameters) 1 |> ignore
                    numbers parameters.Values

                for near, plain in Seq.zip (run (gnm 1e-9)) (run plain) do
                    Order.isLessThan (abs (near - plain)) (1e-3 + epsilonOf dtype * abs plain) "near")

            testProperty "doubling the radius doubles the displacement exactly, and so does epoch 0"
            <| Prop.forAll (Arb.fromGen (Gen.zip radii steps.Generator)) (fun (radius, (step, epoch)) ->
                use _ = torch.NewDisposeScope()
                use parameters = origin dtype 7

                let at radius epoch =
                    displacement radius 5L parameters (Moment(int64 step, epoch, rate))

                let doubled = at radius epoch |> Array.map ((*) 2.0)
                Expect.equal (at (2.0 * radius) epoch) doubled "radius"
                Expect.equal (at radius 0) (at radius 1 |> Array.map ((*) 2.0)) "m(0) = 2 m(1)"
                Expect.equal (at radius 4) (at radius 1 |> Array.map ((*) 0.5)) "m(4) = m(1) / 2 for E = 2")

            testProperty "a quadratic's gradient is taken at w + e exactly: A (w + e)"
            <| Prop.forAll quadratics (fun problem ->
                use _ = torch.NewDisposeScope()
                use parameters = parametersOf (startsOf dtype problem)
                use optimizer = new Optimizer(new Sgd(parameters, 0.9, 0.01), gnm 0.5 parameters)
                let clean = numbers parameters.Values

                let noise =
                    numbers (
                        (ValueNoise.Drawn(11L, parameters).Invoke(moment 0, 0) / 3.0)
                            .clamp((-1.0).ToScalar(), 1.0.ToScalar())
                    )

                optimizer.Step(passOn dtype problem parameters, moment 0) |> ignore
                // m(0) = 2 doubles the radius of 0.5.
                let displaced = Array.map2 (+) clean noise
                use there = parametersOf [ "w", vector dtype (List.ofArray displaced) ]
                (lossOf dtype problem there).backward()
                let largest = 1.0 + Seq.max (Seq.map abs (numbers there.Gradients))

                for actual, expected in Seq.zip (numbers parameters.Gradients) (numbers there.Gradients) do
                    Order.isLessThan (abs (actual - expected)) (300.0 * epsilonOf dtype * largest) "A (w + e)")
        ]

/// Fixed seeds and bounds of four standard errors: these cannot flicker, and a wrong law misses them by far.
let private statistics =
    let count = 400_000
    let clampedDeviation = 0.3325002

    let draws =
        lazy
            (use _ = torch.NewDisposeScope()
             use parameters = origin torch.ScalarType.Float32 count
             displacement 1.0 1L parameters (Moment(3L, 1, rate)))

    testList
        "statistics"
        [
            testCase "the displacement has the clamped normal's mean and deviation"
            <| fun () ->
                let mean = Array.average draws.Value
                let deviation = sqrt (draws.Value |> Array.averageBy (fun d -> (d - mean) ** 2.0))
                let root = sqrt (float count)
                Order.isLessThan (abs mean) (4.0 * clampedDeviation / root) "mean 0"
                // The clamped normal's kurtosis is below 3, so this bound is above four standard errors.
                Order.isLessThan
                    (abs (deviation - clampedDeviation))
                    (4.0 * clampedDeviation / sqrt 2.0 / root)
                    "deviation"

            testCase "0.27 % of it lies on the bound, the two ends alike"
            <| fun () ->
                let share test =
                    float (draws.Value |> Seq.filter test |> Seq.length) / float count

                let error p =
                    4.0 * sqrt (p * (1.0 - p) / float count)

                Order.isLessThan (abs (share (fun d -> abs d = 1.0) - 0.0026998)) (error 0.0026998) "at the bound"
                Order.isLessThan (abs (share (fun d -> d = 1.0) - 0.0013499)) (error 0.0013499) "at the upper end"
                Order.isLessThan (abs (share (fun d -> d > 0.0) - 0.5)) (error 0.5) "half is positive"
                Expect.equal (share (fun d -> abs d > 1.0)) 0.0 "nothing beyond"

            testCase "over draws, a quadratic's gradient tends to A w and its loss to L + s^2 / 2 tr A"
            <| fun () ->
                use _ = torch.NewDisposeScope()
                let problem = Quadratic([ 1.0; -2.0 ], [ [ 1.0; 0.0 ]; [ 0.5; 2.0 ] ])
                use parameters = parametersOf (startsOf float64 problem)

                let perturbation =
                    new Gnm(parameters, 0.5, Nullable(), false, ValueNoise.Drawn(11L, parameters))

                let draws = 4000
                let pass = passOn float64 problem parameters

                let samples =
                    [|
                        for step in 0 .. draws - 1 do
                            parameters.ZeroGradients()
                            use loss = perturbation.Gradient(pass, Moment(int64 step, 1, rate))
                            Array.append [| loss.ToDouble() |] (numbers parameters.Gradients)
                    |]

                // A = R'R = (1.25 1; 1 4), w = (1, -2): A w = (-0.75, -7), L = 6.625, tr A = 5.25.
                let spread = 0.5 * clampedDeviation
                let expected = [ 6.625 + spread ** 2.0 / 2.0 * 5.25; -0.75; -7.0 ]

                for i, goal in List.indexed expected do
                    let values = samples |> Array.map (Array.item i)
                    let mean = Array.average values

                    let error =
                        sqrt ((values |> Array.averageBy (fun v -> (v - mean) ** 2.0)) / float draws)

                    Order.isLessThan (abs (mean - goal)) (4.0 * error) $"{i}: {mean} for {goal}"
        ]

let private streams =
    testList
        "streams"
        [
            testCase "switching the noise on moves neither libtorch's generator nor the data order"
            <| fun () ->
                let run (perturb: Perturb) =
                    use _ = torch.NewDisposeScope()
                    let dtype = torch.ScalarType.Float32
                    let problem = Network(2, 5, 1.0)
                    use parameters = parametersOf (startsOf dtype problem)
                    use optimizer = new Optimizer(new Sgd(parameters, 0.9, 0.01), perturb parameters)
                    torch.manual_seed 7L |> ignore
                    let order = ResizeArray<float[]>()
                    let mutable step = 0

                    let pass =
                        passOf (fun () ->
                            use generator = Randomness.Stream(1L, Purpose.DataOrder, int64 step)
                            order.Add(numbers (torch.randperm (20L, generator = generator)))
                            step <- step + 1
                            lossOf dtype problem parameters)

                    train optimizer pass 3 |> ignore
                    List.ofSeq order, numbers (torch.randn [| 8L |])

                Expect.equal (run (gnm 0.05)) (run plain) "data order and global generator"

            testCase "noise of a wrong length is refused, and the values are restored"
            <| fun () ->
                use _ = torch.NewDisposeScope()
                use parameters = origin float64 3

                let perturbation =
                    new Gnm(parameters, 0.1, Nullable(), false, given float64 [ [ 0.5 ] ])

                use optimizer = new Optimizer(new Sgd(parameters, 0.9, 0.0), perturbation)

                Expect.throwsT<ArgumentException>
                    (fun () -> optimizer.Step(Pass(fun _ _ -> torch.zeros 1L), moment 0) |> ignore)
                    "one number for three"

                Expect.equal (numbers parameters.Values) [| 0.0; 0.0; 0.0 |] "restored"

            testCase "given noise is clamped, and stays the giver's"
            <| fun () ->
                use _ = torch.NewDisposeScope()
                use parameters = origin float64 2
                let noise = vector float64 [ 9.0; -6.0 ]

                let perturbation =
                    new Gnm(parameters, 0.5, Nullable(), false, NoiseSource(fun _ _ -> noise))

                let mutable inside = [||]

                let pass =
                    Pass(fun _ _ ->
                        inside <- numbers parameters.Values
                        torch.zeros 1L)

                use _ = perturbation.Gradient(pass, moment 0)
                Expect.equal inside [| 0.5; -0.5 |] "clamped to the radius"
                Expect.equal (numbers noise) [| 9.0; -6.0 |] "as it was given"

            testTheory "a radius outside its range is refused" [ -0.05; nan; infinity ] (fun radius ->
                use _ = torch.NewDisposeScope()
                use parameters = origin float64 1

                Expect.throwsT<ArgumentOutOfRangeException> (fun () -> gnm radius parameters |> ignore) "refused")

            testTheory "a halving below one epoch is refused" [ 0; -1 ] (fun every ->
                use _ = torch.NewDisposeScope()
                use parameters = origin float64 1

                Expect.throwsT<ArgumentOutOfRangeException>
                    (fun () -> new Gnm(parameters, 0.1, Nullable every, false, given float64 []) |> ignore)
                    "refused")
        ]

[<Tests>]
let tests =
    testList
        "gnm"
        [
            for dtype in dtypes do
                laws dtype
            statistics
            streams
        ]
