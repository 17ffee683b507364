/// Sharpness-aware minimization of all or a part of the loss (method.md 1.5, invariant 13).
module LongTail.Tests.SamTests

open System
open Expecto
open FsCheck.FSharp
open TorchSharp
open LongTail.Core.Optimizers
open LongTail.Core.Settings
open LongTail.Tests.Problems
open LongTail.Tests.Cases

let private rounding dtype =
    if dtype = torch.ScalarType.Float64 then 1e-9 else 1e-5

/// The values and gradients that each pass of one step sees and leaves.
let private passes dtype problem rho =
    use _ = torch.NewDisposeScope()
    use parameters = parametersOf (startsOf dtype problem)
    use optimizer = new Optimizer(new Sgd(parameters, 0.9, 0.01), sam rho parameters)
    let pass = passOn dtype problem parameters
    let seen = ResizeArray<float[] * float[] * float>()

    let watched =
        Pass(fun share backward ->
            let values = numbers parameters.Values
            let before = numbers parameters.Gradients
            Expect.allEqual before 0.0 "gradients are zero when a pass begins"
            pass.Run() |> ignore
            let gradient = numbers parameters.Gradients
            parameters.ZeroGradients()
            let loss = pass.Invoke(share, backward)
            seen.Add(values, gradient, loss.ToDouble())
            loss)

    use loss = optimizer.Step(watched, moment 0)
    List.ofSeq seen, loss.ToDouble(), numbers parameters.Values

let private norm (v: float[]) = sqrt (Seq.sumBy (fun x -> x * x) v)

let private rhos = Gen.choose (1, 64) |> Gen.map (fun n -> float n / 64.0)

let private laws dtype =
    testList
        $"{dtype}"
        [
            testTheory
                "the golden first step on 0.5 (w0^2 + 4 w1^2)"
                [
                    "sam", [ 0.012126781251816649; -0.048507125007266595 ], [ 0.8977873218748184; -0.5795971499970933 ]
                    "asam", [ 0.12126781251816648; -0.48507125007266594 ], [ 0.8868732187481834; -0.4049714999709336 ]
                ]
            <| fun (rule, ascent, values) ->
                use _ = torch.NewDisposeScope()
                let problem = Quadratic([ 1.0; -1.0 ], [ [ 1.0; 0.0 ]; [ 0.0; 2.0 ] ])
                use parameters = parametersOf (startsOf dtype problem)

                use optimizer =
                    let perturbation =
                        if rule = "sam" then
                            new Sam(parameters, 0.05)
                        else
                            new Sam(parameters, 0.5, adaptive = true)

                    new Optimizer(new Sgd(parameters, 0.9, 0.01), perturbation)

                let places = ResizeArray<float[]>()
                let pass = passOn dtype problem parameters

                let watched =
                    Pass(fun share backward ->
                        places.Add(numbers parameters.Values)
                        pass.Invoke(share, backward))

                optimizer.Step(watched, Moment(0L, 0, 0.1)) |> ignore

                let close actual expected =
                    for a, e in Seq.zip actual expected do
                        Order.isLessThan (abs (a - e)) (0.1 * rounding dtype) $"%.12f{a} for %.12f{e}"

                close (Array.map2 (-) places[1] places[0]) ascent
                close (numbers parameters.Values) values

            testProperty "the ascent is rho long and along the first gradient"
            <| Prop.forAll (Arb.fromGen (Gen.zip problems.Generator rhos)) (fun (problem, rho) ->
                let seen, _, _ = passes dtype problem rho
                let first, gradient, _ = seen[0]
                let second, _, _ = seen[1]
                let ascent = Array.map2 (-) second first
                let length = norm gradient

                if length = 0.0 then
                    Expect.allEqual ascent 0.0 "no gradient, no ascent"
                else
                    let rounding = rounding dtype * (1.0 + norm first)
                    Order.isLessThan (abs (norm ascent - rho)) rounding "length"

                    for e, g in Seq.zip ascent gradient do
                        Order.isLessThan (abs (e - rho * g / length)) rounding "direction")

            testProperty "the loss returned is the first pass's"
            <| Prop.forAll problems (fun problem ->
                let seen, loss, _ = passes dtype problem 0.5
                let _, _, first = seen[0]
                Expect.equal loss first "at the clean values")

            testCase "a zero gradient moves nothing and makes no NaN"
            <| fun () ->
                let problem = Quadratic([ 0.0; 0.0 ], [ [ 1.0; 0.0 ]; [ 0.0; 2.0 ] ])
                let seen, loss, after = passes dtype problem 0.05
                let second, _, _ = seen[1]
                Expect.allEqual second 0.0 "e = 0"
                Expect.equal loss 0.0 "loss"
                Expect.allEqual after 0.0 "values"
        ]

/// Steps of a rule on a case, to compare with another's.
let private run perturbation (case: Case) =
    use work = new Work(perturbation, case)
    let losses = List.map work.Step [ 0..2 ]
    losses, work.State, numbers work.Parameters.Values

/// Every image is of the tail.
let private inTail (counts: int[]) (parameters: FlatParameters) =
    new Sam(parameters, 0.5, classes = ClassSharpness.ImbSam(counts, 20))

let private identities =
    testList
        "identities"
        [
            law 60 "Focal-SAM with gamma 0 and sharpness 1 is SAM, bit for bit"
            <| on cases (fun case ->
                Expect.equal (run (FocalSamSettings(0.25, 0.0, 1.0)) case) (run (SamSettings 0.25) case) "the same")

            law 60 "Focal-SAM with sharpness 0, and ImbSAM without a tail, are the base optimizer, bit for bit"
            <| on cases (fun case ->
                let expected = run null case
                Expect.equal (run (FocalSamSettings(0.25, 1.5, 0.0)) case) expected "sharpness 0"
                // Strictly fewer than 4 images has no class of the problems.
                Expect.equal (run (ImbSamSettings(0.25, 4)) case) expected "no tail")

            law 60 "ImbSAM with every class in the tail has twice SAM's gradient"
            <| on (casesOf problems) (fun case ->
                let task = taskOf torch.ScalarType.Float64 case.Problem

                let gradient (perturb: FlatParameters -> Perturbation) =
                    use parameters = parametersOf task.Starts
                    use perturbation = perturb parameters
                    perturbation.Gradient(passIn 1 task parameters, moment 0) |> ignore
                    numbers parameters.Gradients

                let twice = gradient (fun p -> inTail [| 19; 10; 1 |] p)
                near 1e-7 twice (gradient (fun p -> new Sam(p, 0.5) :> Perturbation) |> Array.map ((*) 2.0)) "gradient")

            law 60 "ASAM does not change when values grow and the loss sees them shrunk"
            <| on quadratics (fun problem ->
                let grown =
                    match problem with
                    | Quadratic(start, rows) ->
                        Quadratic(List.map ((*) 4.0) start, List.map (List.map (fun x -> x / 4.0)) rows)
                    | other -> other

                let climbed problem =
                    let task = taskOf torch.ScalarType.Float64 problem
                    use parameters = parametersOf task.Starts
                    use perturbation = new Sam(parameters, 0.5, adaptive = true)
                    let mutable place = [||]

                    let pass = passIn 1 task parameters

                    let watched =
                        Pass(fun share backward ->
                            place <- numbers parameters.Values
                            pass.Invoke(share, backward))

                    perturbation.Gradient(watched, moment 0) |> ignore
                    place

                near 1e-9 (climbed grown) (climbed problem |> Array.map ((*) 4.0)) "the place climbed to")

            testCase
                "factors by class: ImbSAM's tail is strictly below, and counts twice; Focal-SAM's are lambda (1 - n / N)^gamma"
            <| fun () ->
                let imbsam = ClassSharpness.ImbSam([| 100; 20; 19; 0 |], 20)
                Expect.sequenceEqual imbsam.Still [ 1.0; 1.0; 0.0; 0.0 ] "head"
                Expect.sequenceEqual imbsam.Sharp [ 0.0; 0.0; 2.0; 2.0 ] "tail"
                let focal = ClassSharpness.FocalSam([| 75; 25 |], 2.0, 1.5)
                Expect.sequenceEqual focal.Sharp [ 1.5 * 0.0625; 1.5 * 0.5625 ] "sharp"
                Expect.sequenceEqual focal.Still [ 1.0 - 1.5 * 0.0625; 1.0 - 1.5 * 0.5625 ] "the rest of 1"

            testCase "an ImbSAM batch without tail gives the head's gradient, one without head the tail's"
            <| fun () ->
                use _ = torch.NewDisposeScope()
                // The image is of class 0.
                let problem = Quadratic([ 2.0 ], [ [ 3.0 ] ])

                for counts, expected in [ [| 100; 10; 10 |], 18.0; [| 10; 100; 100 |], 2.0 * 9.0 * 2.5 ] do
                    use parameters = parametersOf (startsOf torch.ScalarType.Float64 problem)
                    use perturbation = inTail counts parameters

                    perturbation.Gradient(passOn torch.ScalarType.Float64 problem parameters, moment 0)
                    |> ignore

                    Order.isLessThan (abs ((numbers parameters.Gradients)[0] - expected)) 1e-9 "gradient"

            testTheory
                "gamma, sharpness and tail outside their range are refused"
                [ -1.0, 1.0; nan, 1.0; 1.0, -1.0; 1.0, nan ]
                (fun (gamma, sharpness) ->
                    Expect.throwsT<ArgumentOutOfRangeException>
                        (fun () -> ClassSharpness.FocalSam([| 3; 2 |], gamma, sharpness) |> ignore)
                        "refused")
        ]

[<Tests>]
let tests =
    testList
        "sam"
        [
            for dtype in dtypes do
                laws dtype
            identities

            testTheory "a rho outside its range is refused" [ -0.05; nan; infinity ] (fun rho ->
                use _ = torch.NewDisposeScope()
                use parameters = parametersOf [ "w", torch.zeros 1L ]
                Expect.throwsT<ArgumentOutOfRangeException> (fun () -> sam rho parameters |> ignore) "refused")
        ]
