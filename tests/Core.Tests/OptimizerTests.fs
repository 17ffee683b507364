/// Base optimizers by their formulas, and what is done around them: clipping, groups, the moving average.
module LongTail.Tests.OptimizerTests

open System
open Expecto
open FsCheck.FSharp
open TorchSharp
open LongTail.Core.Optimizers
open LongTail.Tests.Problems

let private float64 = torch.ScalarType.Float64

/// Five steps of 0.5 * (w0^2 + 4 w1^2) from (1, -1).
let private bowl dtype create =
    use _ = torch.NewDisposeScope()
    let problem = Quadratic([ 1.0; -1.0 ], [ [ 1.0; 0.0 ]; [ 0.0; 2.0 ] ])
    use parameters = parametersOf (startsOf dtype problem)
    use optimizer: Optimizer = create parameters

    [
        for step in 0..4 do
            optimizer.Step(passOn dtype problem parameters, Moment(int64 step, 0, 0.1))
            |> ignore

            numbers parameters.Values
    ]

let private agrees tolerance actual expected =
    for values, wanted in List.zip actual expected do
        for value, goal in Seq.zip values wanted do
            Expect.isLessThan (abs (value - goal)) tolerance $"%.12f{value} for %.12f{goal}"

let private formulas dtype =
    let tolerance = if dtype = torch.ScalarType.Float64 then 1e-12 else 1e-6

    testList
        $"formulas {dtype}"
        [
            // Computed by torch.optim of PyTorch 1.13, float64.
            testCase "SGD with momentum and decay agrees with torch.optim"
            <| fun () ->
                agrees
                    tolerance
                    (bowl dtype (fun p -> new Optimizer(new Sgd(p, 0.9, 0.01))))
                    [
                        [ 0.899; -0.599 ]
                        [ 0.717301; 0.002099 ]
                        [ 0.4813244989999999; 0.5422464010000001 ]
                        [ 0.22033187370099985; 0.8109382550990002 ]
                        [ -0.036815008311901154; 0.7275746834934012 ]
                    ]

            testCase "AdamW agrees with torch.optim"
            <| fun () ->
                agrees
                    tolerance
                    (bowl dtype (fun p -> new Optimizer(new AdamW(p, 0.01))))
                    [
                        [ 0.899000001; -0.89900000025 ]
                        [ 0.7985190281887788; -0.7985190266583931 ]
                        [ 0.6989111847156934; -0.6989111823795019 ]
                        [ 0.6005985762659103; -0.6005985731063592 ]
                        [ 0.5040800927472017; -0.5040800887583171 ]
                    ]

            testCase "SGD with Nesterov's momentum agrees with torch.optim"
            <| fun () ->
                agrees
                    tolerance
                    (bowl dtype (fun p -> new Optimizer(new Sgd(p, 0.9, 0.01, true))))
                    [
                        [ 0.8081; -0.2381 ]
                        [ 0.57121561; 0.26811839000000004 ]
                        [ 0.32185967344099997; 0.43350524965899995 ]
                        [ 0.08759795815357203; 0.34882970058790785 ]
                        [ -0.11079058945899668; 0.16330040214793104 ]
                    ]

            testProperty "SGD on a quadratic is v = momentum v + A w + decay w; w = w - rate v, or g + momentum v for v"
            <| Prop.forAll
                (Arb.zip (quadratics, Arb.fromGen (Gen.elements [ false; true ])))
                (fun (problem, nesterov) ->
                    use _ = torch.NewDisposeScope()
                    use parameters = parametersOf (startsOf dtype problem)
                    use optimizer = new Optimizer(new Sgd(parameters, 0.9, 0.01, nesterov))

                    let rows =
                        match problem with
                        | Quadratic(_, rows) -> rows
                        | _ -> []

                    let gradient (w: float[]) =
                        let image (row: float list) =
                            let z = Seq.sum (Seq.map2 (*) row w)
                            row |> List.map ((*) z) |> Array.ofList

                        rows |> List.map image |> List.reduce (Array.map2 (+))

                    let mutable values = numbers parameters.Values
                    let mutable velocity = Array.zeroCreate values.Length

                    for step in 0..2 do
                        optimizer.Step(passOn dtype problem parameters, moment step) |> ignore
                        let slope = gradient values

                        if Array.forall ((=) 0.0) slope then
                            velocity <- velocity |> Array.map ((*) 0.9)
                        else
                            let decayed = Array.map2 (fun g w -> g + 0.01 * w) slope values
                            velocity <- Array.map2 (fun v g -> 0.9 * v + g) velocity decayed

                            let way =
                                if nesterov then
                                    Array.map2 (fun g v -> g + 0.9 * v) decayed velocity
                                else
                                    velocity

                            values <- Array.map2 (fun value speed -> value - rate * speed) values way

                        let size = 1.0 + Seq.max (Seq.map abs values)

                        for actual, expected in Seq.zip (numbers parameters.Values) values do
                            Expect.isLessThan (abs (actual - expected)) (1000.0 * tolerance * size) "w")
        ]

/// One step at a rate of 1 by plain SGD: how far each value goes.
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
                    Expect.isLessThan (abs (norm moved - limit)) (1e-12 * limit) "length"

                    for m, g in Seq.zip moved gradient do
                        Expect.isLessThan (abs (m - g / 3.0)) (1e-12 * (1.0 + abs g)) "direction")

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
                    Expect.isLessThan (abs (moved[2] - factor * expected[2])) (1e-12 * factor) "b"
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
                    Expect.isLessThan (abs (a - e)) (1e-12 * size) "average")

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
                Expect.isLessThan (abs (average[0] - 0.9995)) 1e-6 "1 - 0.001 * 0.5"

            testTheory "a decay outside (0, 1) is refused" [ 0.0; 1.0; -0.5; nan ] (fun decay ->
                use _ = torch.NewDisposeScope()
                use parameters = parametersOf [ "w", torch.zeros 1L ]

                Expect.throwsT<ArgumentOutOfRangeException>
                    (fun () -> new Optimizer(new Sgd(parameters, 0.0, 0.0), averageDecay = decay) |> ignore)
                    "refused")
        ]

let private refuses what (make: FlatParameters -> obj) =
    testCase what
    <| fun () ->
        use _ = torch.NewDisposeScope()
        use parameters = parametersOf [ "w", vector torch.ScalarType.Float64 [ 1.0 ] ]
        Expect.throwsT<ArgumentOutOfRangeException> (fun () -> make parameters |> ignore) what

let private construction =
    testList
        "construction"
        [
            refuses "a momentum of 1 is refused" (fun p -> new Sgd(p, 1.0, 0.0))
            refuses "a negative momentum is refused" (fun p -> new Sgd(p, -0.1, 0.0))
            refuses "a momentum of NaN is refused" (fun p -> new Sgd(p, nan, 0.0))
            refuses "a negative weight decay is refused by SGD" (fun p -> new Sgd(p, 0.0, -1e-4))
            refuses "a weight decay of NaN is refused by AdamW" (fun p -> new AdamW(p, nan))
            refuses "a limit of zero is refused" (fun p -> new Optimizer(new Sgd(p, 0.0, 0.0), clipNorm = 0.0))
            refuses "a negative rate is refused" (fun p ->
                (plainSgd p).Step(leaving p.Gradients p, Moment(0L, 0, -0.1)))
            refuses "a rate of NaN is refused" (fun p -> (plainSgd p).Step(leaving p.Gradients p, Moment(0L, 0, nan)))

            testCase "the perturbation of other parameters is refused"
            <| fun () ->
                use _ = torch.NewDisposeScope()
                use mine = parametersOf [ "w", torch.zeros 2L ]
                use other = parametersOf [ "w", torch.zeros 2L ]

                Expect.throwsT<ArgumentException>
                    (fun () -> new Optimizer(new Sgd(mine, 0.9, 0.0), new Sam(other, 0.05)) |> ignore)
                    "other parameters"

            testCase "two perturbations do not nest, and the attempt leaves the values alone"
            <| fun () ->
                use _ = torch.NewDisposeScope()
                let problem = Network(1, 5, 1.0)
                let dtype = torch.ScalarType.Float32
                use parameters = parametersOf (startsOf dtype problem)
                use optimizer = new Optimizer(new Sgd(parameters, 0.9, 0.01), sam 0.05 parameters)
                let before = bits parameters.Values

                use inner =
                    new Gnm(parameters, 0.05, Nullable(), false, ValueNoise.Drawn(1L, parameters))

                let perturbed =
                    Pass(fun _ _ -> inner.Gradient(passOn dtype problem parameters, moment 0))

                // SAM's first pass is at the clean values and GNM may perturb it; inside the second it may not.
                Expect.throwsT<InvalidOperationException>
                    (fun () -> optimizer.Step(perturbed, moment 0) |> ignore)
                    "nested"

                Expect.equal (bits parameters.Values) before "restored"
                Expect.equal (train optimizer (passOn dtype problem parameters) 1).Length 1 "still usable"

            testCase "one name twice, two dtypes or nothing at all are refused"
            <| fun () ->
                use _ = torch.NewDisposeScope()
                let one = torch.zeros 2L

                let refused starts =
                    Expect.throwsT<ArgumentException>(fun () -> (parametersOf starts).Dispose())

                refused [ "w", one; "w", one ] "twice"
                refused [ "w", one; "v", one.to_type torch.ScalarType.Float64 ] "dtypes"
                refused [] "nothing"
        ]

[<Tests>]
let tests =
    testList
        "optimizers"
        [
            for dtype in dtypes do
                formulas dtype
            clipping
            groups
            average
            construction
        ]
