/// Base optimizers by their formulas, and what an optimizer refuses.
module LongTail.Tests.OptimizerTests

open System
open Expecto
open FsCheck.FSharp
open TorchSharp
open LongTail.Core.Optimizers
open LongTail.Tests.Problems

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
            Order.isLessThan (abs (value - goal)) tolerance $"%.12f{value} for %.12f{goal}"

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

            testCase "in a step that gives a parameter no gradient its state fades, and takes no decay"
            <| fun () ->
                let state (make: FlatParameters -> BaseOptimizer) =
                    use _ = torch.NewDisposeScope()

                    use parameters =
                        parametersOf [ "w", vector dtype [ 2.0 ]; "other", vector dtype [ 1.0 ] ]

                    use optimizer = new Optimizer(make parameters)

                    for step, gradient in [ 0, [ 1.0; 1.0 ]; 1, [ 0.0; 1.0 ] ] do
                        optimizer.Step(leaving (vector dtype gradient) parameters, moment step)
                        |> ignore

                    [
                        for name in optimizer.State.Keys |> Seq.filter ((<>) "skipped_steps") |> Seq.sort ->
                            [ (numbers optimizer.State[name])[0] ]
                    ]

                agrees tolerance (state (fun p -> new Sgd(p, 0.9, 0.5))) [ [ 0.9 * 2.0 ] ]
                agrees tolerance (state (fun p -> new Sgd(p, 0.9, 0.5, true))) [ [ 0.9 * 2.0 ] ]
                agrees tolerance (state (fun p -> new AdamW(p, 0.5))) [ [ 0.9 * 0.1 ]; [ 0.999 * 0.001 ] ]

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
                            Order.isLessThan (abs (actual - expected)) (1000.0 * tolerance * size) "w")
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
            construction
        ]
