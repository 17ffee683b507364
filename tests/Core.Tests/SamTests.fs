/// Sharpness-aware minimization (method.md 1.5, invariant 13).
module LongTail.Tests.SamTests

open System
open Expecto
open FsCheck.FSharp
open TorchSharp
open LongTail.Core.Optimizers
open LongTail.Tests.Problems

let private tolerance dtype =
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
            testCase "the golden first step on 0.5 (w0^2 + 4 w1^2)"
            <| fun () ->
                use _ = torch.NewDisposeScope()
                let problem = Quadratic([ 1.0; -1.0 ], [ [ 1.0; 0.0 ]; [ 0.0; 2.0 ] ])
                use parameters = parametersOf (startsOf dtype problem)
                use optimizer = new Optimizer(new Sgd(parameters, 0.9, 0.01), sam 0.05 parameters)
                let places = ResizeArray<float[]>()
                let pass = passOn dtype problem parameters

                let watched =
                    Pass(fun share backward ->
                        places.Add(numbers parameters.Values)
                        pass.Invoke(share, backward))

                optimizer.Step(watched, Moment(0L, 0, 0.1)) |> ignore

                let close actual expected =
                    for a, e in Seq.zip actual expected do
                        Expect.isLessThan (abs (a - e)) (0.1 * tolerance dtype) $"%.12f{a} for %.12f{e}"

                close (Array.map2 (-) places[1] places[0]) [ 0.012126781251816649; -0.048507125007266595 ]
                close (numbers parameters.Values) [ 0.8977873218748184; -0.5795971499970933 ]

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
                    let rounding = tolerance dtype * (1.0 + norm first)
                    Expect.isLessThan (abs (norm ascent - rho)) rounding "length"

                    for e, g in Seq.zip ascent gradient do
                        Expect.isLessThan (abs (e - rho * g / length)) rounding "direction")

            testProperty "the loss returned is the first pass's"
            <| Prop.forAll problems (fun problem ->
                let seen, loss, _ = passes dtype problem 0.5
                let _, _, first = seen[0]
                Expect.equal loss first "at the clean values")

            testProperty "a rho of zero is the base optimizer, bit for bit, in one pass"
            <| Prop.forAll problems (fun problem ->
                let run (perturb: Perturb) =
                    use _ = torch.NewDisposeScope()
                    use parameters = parametersOf (startsOf dtype problem)
                    use optimizer = new Optimizer(new AdamW(parameters, 0.01), perturb parameters)
                    let mutable calls = 0

                    let pass =
                        passOf (fun () ->
                            calls <- calls + 1
                            lossOf dtype problem parameters)

                    let losses = train optimizer pass 3
                    losses, calls, stateOf optimizer

                Expect.equal (run (sam 0.0)) (run plain) "values, state, losses and passes")

            testCase "a zero gradient moves nothing and makes no NaN"
            <| fun () ->
                let problem = Quadratic([ 0.0; 0.0 ], [ [ 1.0; 0.0 ]; [ 0.0; 2.0 ] ])
                let seen, loss, after = passes dtype problem 0.05
                let second, _, _ = seen[1]
                Expect.allEqual second 0.0 "e = 0"
                Expect.equal loss 0.0 "loss"
                Expect.allEqual after 0.0 "values"
        ]

[<Tests>]
let tests =
    testList
        "sam"
        [
            for dtype in dtypes do
                laws dtype

            testTheory "a rho outside its range is refused" [ -0.05; nan; infinity ] (fun rho ->
                use _ = torch.NewDisposeScope()
                use parameters = parametersOf [ "w", torch.zeros 1L ]
                Expect.throwsT<ArgumentOutOfRangeException> (fun () -> sam rho parameters |> ignore) "refused")
        ]
