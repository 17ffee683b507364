/// Groups of parameters with a radius of their own (invariant 12).
module LongTail.Tests.RadiusTests

open System
open Expecto
open FsCheck.FSharp
open TorchSharp
open LongTail.Core.Optimizers
open LongTail.Tests.Problems

let private factors = Gen.choose (0, 64) |> Gen.map (fun n -> float n / 16.0)

/// Where the last pass of a step stands, from values that start at zero; the loss's slope is 3 for a, 4 for b.
let private displaced (perturb: FlatParameters -> Perturbation) =
    use _ = torch.NewDisposeScope()
    use parameters = parametersOf [ "a", torch.zeros 3L; "b", torch.zeros 2L ]
    use perturbation = perturb parameters
    let mutable place = [||]

    let pass =
        passOf (fun () ->
            place <- numbers parameters.Values
            parameters["a"].sum() * 3.0 + parameters["b"].sum() * 4.0)

    perturbation.Gradient(pass, Moment(5L, 1, rate)) |> ignore
    Expect.allEqual (numbers parameters.Values) 0.0 "restored"
    Array.splitAt 3 place

let private rules: (string * (FlatParameters -> (string * float) list -> Perturbation)) list =
    [
        "gnm",
        fun parameters radii ->
            new Gnm(parameters, 0.5, Nullable(), false, ValueNoise.Drawn(3L, parameters), readOnlyDict radii)
        "sam", (fun parameters radii -> new Sam(parameters, 0.5, radiusFactors = readOnlyDict radii))
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
                        Expect.isLessThan (abs (moved - factor * plain)) 1e-6 "the named group")

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
