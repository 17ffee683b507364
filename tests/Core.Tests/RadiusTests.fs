/// Groups of parameters with a radius of their own (invariant 12).
module LongTail.Tests.RadiusTests

open System
open Expecto
open FsCheck.FSharp
open TorchSharp
open LongTail.Core.Optimizers
open LongTail.Tests.Problems

let private factors = Gen.choose (0, 64) |> Gen.map (fun n -> float n / 16.0)

/// How far from its start, all ones, a step moves the values for a pass; the loss's slope is 3 for a, 4 for b.
let private displaced (perturb: FlatParameters -> Perturbation) =
    use _ = torch.NewDisposeScope()
    use parameters = parametersOf [ "a", torch.ones 3L; "b", torch.ones 2L ]
    use perturbation = perturb parameters
    let mutable moved = [||]

    let pass =
        passOf (fun () ->
            // RWP's last pass is at the clean values.
            let way = numbers parameters.Values |> Array.map (fun value -> value - 1.0)

            if Array.exists ((<>) 0.0) way then
                moved <- way

            parameters["a"].sum() * 3.0 + parameters["b"].sum() * 4.0)

    perturbation.Gradient(pass, Moment(5L, 1, rate)) |> ignore
    Expect.allEqual (numbers parameters.Values) 1.0 "restored"
    Array.splitAt 3 moved

let private rules: (string * (FlatParameters -> (string * float) list -> Perturbation)) list =
    let noise parameters = ValueNoise.Drawn(3L, parameters)

    [
        "gnm", fun parameters radii -> new Gnm(parameters, 0.5, Nullable(), false, noise parameters, readOnlyDict radii)
        "lpf-sgd", (fun parameters radii -> new LpfSgd(parameters, 0.5, 1, 1.0, noise parameters, readOnlyDict radii))
        "rwp", (fun parameters radii -> new Rwp(parameters, 0.5, 0.5, noise parameters, readOnlyDict radii))
        "sam", (fun parameters radii -> new Sam(parameters, 0.5, radiusFactors = readOnlyDict radii))
        "asam", (fun parameters radii -> new Sam(parameters, 0.5, true, radiusFactors = readOnlyDict radii))
    ]

[<Tests>]
let tests =
    testList
        "radius of a group"
        [
            for name, rule in rules do
                testProperty $"{name}: a named group moves by its own factor, the others as without it"
                <| Prop.forAll (Arb.fromGen factors) (fun factor ->
                    let a, b = displaced (fun parameters -> rule parameters [])
                    let a', b' = displaced (fun parameters -> rule parameters [ "b", factor ])
                    Expect.equal a' a "the other group"
                    // Sixteenths are exact, but for what the last rounding makes of the product.
                    for moved, plain in Seq.zip b' b do
                        Order.isLessThan (abs (moved - factor * plain)) 1e-6 "the named group")

                testCase $"{name}: a group that is not there is named"
                <| fun () ->
                    Expect.throwsC
                        (fun () -> displaced (fun parameters -> rule parameters [ "c", 1.0 ]) |> ignore)
                        (fun e -> Expect.stringContains e.Message "c is no parameter" "message")

                testCase $"{name}: a negative factor is refused"
                <| fun () ->
                    Expect.throwsT<ArgumentOutOfRangeException>
                        (fun () -> displaced (fun parameters -> rule parameters [ "b", -1.0 ]) |> ignore)
                        "factor"
        ]
