/// What is done around a base optimizer: clipping, groups with a rate of their own, the moving average.
module LongTail.Tests.AroundTests

open System
open Expecto
open FsCheck.FSharp
open TorchSharp
open LongTail.Core.Optimizers
open LongTail.Tests.Problems

let private float64 = torch.ScalarType.Float64

/// How far each value goes in one step at a rate of 1 by given gradients.
let private way (make: FlatParameters -> Optimizer) starts (gradient: float list) =
    use _ = torch.NewDisposeScope()

    use parameters =
        parametersOf [ for name, start in starts -> name, vector float64 start ]

    use optimizer = make parameters
    let before = numbers parameters.Values

    optimizer.Step(leaving (vector float64 gradient) parameters, Moment(0L, 0, 1.0))
    |> ignore

    Array.map2 (-) before (numbers parameters.Values)

let private gradients =
    gen {
        let! size = Gen.choose (1, 6)
        return! Gen.listOfLength size (Gen.choose (-400, 400) |> Gen.map (fun n -> float n / 16.0))
    }
    |> fun generator ->
        Arb.fromGenShrink (
            generator,
            Arb.toShrink (ArbMap.defaults |> ArbMap.arbitrary<float list>)
            >> Seq.filter (fun l -> not l.IsEmpty && List.forall Double.IsFinite l)
        )

let private norm (v: float seq) = sqrt (Seq.sumBy (fun x -> x * x) v)

let private clipping =
    let clipped (limit: float) gradient =
        way
            (fun p -> new Optimizer(new Sgd(p, 0.0, 0.0), clipNorm = limit))
            [ "w", List.map (fun _ -> 0.0) gradient ]
            gradient

    testList
        "clipping"
        [
            testProperty "a longer gradient is shortened to the limit, and keeps its direction"
            <| Prop.forAll gradients (fun gradient ->
                let limit: float = norm gradient / 3.0

                if limit > 0.0 then
                    let moved = clipped limit gradient
                    Order.isLessThan (abs (norm moved - limit)) (1e-12 * limit) "length"

                    for m, g in Seq.zip moved gradient do
                        Order.isLessThan (abs (m - g / 3.0)) (1e-12 * (1.0 + abs g)) "direction")

            testProperty "a gradient within the limit is untouched, bit for bit"
            <| Prop.forAll gradients (fun gradient ->
                Expect.sequenceEqual (clipped (norm gradient * 1.0001 + 1e-3) gradient) gradient "as it was")

            testCase "the norm is over all parameters together"
            <| fun () ->
                let moved =
                    way
                        (fun p -> new Optimizer(new Sgd(p, 0.0, 0.0), clipNorm = 2.5))
                        [ "a", [ 0.0 ]; "b", [ 0.0 ] ]
                        [ 3.0; 4.0 ]

                Expect.sequenceEqual moved [ 1.5; 2.0 ] "half of (3, 4)"

            testCase "decay is added to the clipped gradient, not clipped with it"
            <| fun () ->
                let moved =
                    way (fun p -> new Optimizer(new Sgd(p, 0.0, 0.5), clipNorm = 1.0)) [ "w", [ 8.0 ] ] [ 4.0 ]

                Expect.sequenceEqual moved [ 5.0 ] "1 + 0.5 * 8"

            testCase "a perturbed gradient is clipped where it was taken, the ascent is not"
            <| fun () ->
                use _ = torch.NewDisposeScope()
                let problem = Quadratic([ 2.0 ], [ [ 1.0 ] ])
                use parameters = parametersOf (startsOf float64 problem)

                use optimizer =
                    new Optimizer(new Sgd(parameters, 0.0, 0.0), new Sam(parameters, 0.5), clipNorm = 0.25)

                optimizer.Step(passOn float64 problem parameters, Moment(0L, 0, 1.0)) |> ignore
                Expect.sequenceEqual (numbers parameters.Values) [ 1.75 ] "2 - 0.25"
        ]

let private groups =
    let starts = [ "a", [ 1.0; 2.0 ]; "b", [ 3.0 ]; "c", [ 4.0; 5.0; 6.0 ] ]
    let gradient = [ 1.0; -1.0; 2.0; 0.5; 0.25; 4.0 ]

    let rated factors make =
        way (fun p -> new Optimizer(make p, rateFactors = readOnlyDict factors)) starts gradient

    testList
        "groups' rates"
        [
            for name, make in
                [
                    "sgd", (fun p -> new Sgd(p, 0.9, 0.125) :> BaseOptimizer)
                    "nesterov", (fun p -> new Sgd(p, 0.9, 0.125, true))
                    "adamw", (fun p -> new AdamW(p, 0.125))
                ] do
                testProperty $"{name}: a group goes its factor's multiple of the way, the others as without it"
                <| fun (numerator: FsCheck.PositiveInt) ->
                    let factor = float numerator.Get / 8.0
                    let expected = rated [] make
                    let moved = rated [ "b", factor; "c", 0.0 ] make
                    Expect.sequenceEqual moved[..1] expected[..1] "the group without a factor"
                    Order.isLessThan (abs (moved[2] - factor * expected[2])) (1e-12 * factor) "b"
                    Expect.allEqual moved[3..] 0.0 "c stays"

            testCase "a group that is not there is named"
            <| fun () ->
                Expect.throwsC (fun () -> rated [ "d", 1.0 ] (fun p -> new Sgd(p, 0.9, 0.0)) |> ignore) (fun e ->
                    Expect.stringContains e.Message "d is no parameter" "message")
        ]

let private average =
    testList
        "moving average"
        [
            testProperty "it is the closed form d^t w_0 + sum (1 - d) d^(t - k) w_k, from the values of the first step"
            <| Prop.forAll problems (fun problem ->
                use _ = torch.NewDisposeScope()
                use parameters = parametersOf (startsOf float64 problem)
                use optimizer = new Optimizer(new Sgd(parameters, 0.5, 0.01), averageDecay = 0.75)
                // What moves the values between construction and the first step is no part of it.
                parameters.Values.add_ ((1.0).ToScalar()) |> ignore
                let pass = passOn float64 problem parameters

                let way =
                    [
                        numbers parameters.Values
                        for step in 0..5 do
                            optimizer.Step(pass, moment step) |> ignore
                            numbers parameters.Values
                    ]

                let last = way.Length - 1

                let expected =
                    way
                    |> List.mapi (fun k -> Array.map ((*) ((if k = 0 then 1.0 else 0.25) * 0.75 ** float (last - k))))
                    |> List.reduce (Array.map2 (+))

                let size = 1.0 + (way |> Seq.collect id |> Seq.map abs |> Seq.max)

                for a, e in Seq.zip (numbers (nonNull optimizer.Average).Values) expected do
                    Order.isLessThan (abs (a - e)) (1e-12 * size) "average")

            testProperty "it does not touch the run, and values that do not move leave it without rounding"
            <| Prop.forAll problems (fun problem ->
                use _ = torch.NewDisposeScope()
                let dtype = torch.ScalarType.Float32

                let run decay =
                    use parameters = parametersOf (startsOf dtype problem)
                    use optimizer = new Optimizer(new AdamW(parameters, 0.01), averageDecay = decay)
                    train optimizer (passOn dtype problem parameters) 3 |> ignore
                    let values = bits parameters.Values
                    let still = leaving (torch.zeros (parameters.Count, dtype)) parameters

                    match optimizer.Average with
                    | null -> ()
                    | average ->
                        average.Values.copy_ parameters.Values |> ignore
                        optimizer.Step(still, moment 3) |> ignore
                        Expect.equal (bits average.Values) values "without rounding"

                    values

                Expect.equal (run (Nullable 0.9)) (run (Nullable())) "the same values")

            testProperty
                "in place, the averages are the values; afterwards they are restored bit for bit, also on an exception"
            <| Prop.forAll problems (fun problem ->
                use _ = torch.NewDisposeScope()
                let dtype = torch.ScalarType.Float32
                use parameters = parametersOf (startsOf dtype problem)
                use optimizer = new Optimizer(new Sgd(parameters, 0.9, 0.01), averageDecay = 0.5)
                let pass = passOn dtype problem parameters
                train optimizer pass 2 |> ignore
                let before = stateOf optimizer
                let average = nonNull optimizer.Average

                Expect.throwsT<DivideByZeroException>
                    (fun () ->
                        use _ = average.InPlace()
                        Expect.equal (bits parameters.Values) (bits average.Values) "in place"

                        Expect.throwsT<InvalidOperationException>
                            (fun () -> optimizer.Step(pass, moment 2) |> ignore)
                            "no step meanwhile"

                        raise (DivideByZeroException()))
                    "the exception reaches the caller"

                Expect.equal (stateOf optimizer) before "values and state")

            testCase "of bf16 values it is float32: small moves are not lost"
            <| fun () ->
                use _ = torch.NewDisposeScope()
                let dtype = torch.ScalarType.BFloat16
                use parameters = parametersOf [ "w", vector dtype [ 1.0 ] ]
                use optimizer = new Optimizer(new Sgd(parameters, 0.0, 0.0), averageDecay = 0.999)

                optimizer.Step(leaving (vector dtype [ 0.5 ]) parameters, Moment(0L, 0, 1.0))
                |> ignore

                let average = numbers (nonNull optimizer.Average).Values
                Order.isLessThan (abs (average[0] - 0.9995)) 1e-6 "1 - 0.001 * 0.5"

            testTheory "a decay outside (0, 1) is refused" [ 0.0; 1.0; -0.5; nan ] (fun decay ->
                use _ = torch.NewDisposeScope()
                use parameters = parametersOf [ "w", torch.zeros 1L ]

                Expect.throwsT<ArgumentOutOfRangeException>
                    (fun () -> new Optimizer(new Sgd(parameters, 0.0, 0.0), averageDecay = decay) |> ignore)
                    "refused")
        ]

[<Tests>]
let tests = testList "around a step" [ clipping; groups; average ]
