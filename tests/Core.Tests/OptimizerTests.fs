/// The contract that every optimizer keeps, plain or perturbed (method.md 9, field.md B4).
module LongTail.Tests.OptimizerTests

open System
open Expecto
open FsCheck.FSharp
open TorchSharp
open LongTail.Core.Optimizers
open LongTail.Tests.Problems

/// Sees the values that each pass computes at.
let private watching (parameters: FlatParameters) (pass: Pass) =
    let seen = ResizeArray<float[]>()

    let watched =
        Pass(fun share backward ->
            seen.Add(numbers parameters.Values)
            pass.Invoke(share, backward))

    watched, seen

/// Throws in the given pass of the step, after the gradients are made.
let private failingIn call (pass: Pass) =
    let mutable calls = 0

    Pass(fun share backward ->
        calls <- calls + 1
        let loss = pass.Invoke(share, backward)

        if calls = call then
            failwith "The pass failed."

        loss)

/// A pass that only leaves given gradients.
let private leaving (gradients: torch.Tensor) (parameters: FlatParameters) =
    Pass(fun _ _ ->
        use _ = torch.no_grad ()
        parameters.Gradients.copy_ gradients |> ignore
        torch.zeros 1L)

/// Fewer cases than a property of its own: there are many rules, and each property runs for all of them.
let private holds name property =
    testPropertyWithConfig
        { FsCheckConfig.defaultConfig with
            maxTest = 40
        }
        name
        property

let private contract dtype rule =
    testList
        $"{rule.Name} {dtype}"
        [
            holds "a step is the base step at the clean values with the gradient of the last pass"
            <| Prop.forAll problems (fun problem ->
                use _ = torch.NewDisposeScope()
                use parameters = parametersOf (startsOf dtype problem)
                use twin = parametersOf (startsOf dtype problem)
                use optimizer = rule.Create parameters
                let baseName = rule.Name.Split(' ')[0]

                use plain = (rules |> List.find (fun r -> r.Name = $"{baseName} plain")).Create twin

                let pass = passOn dtype problem parameters

                for step in 0..3 do
                    optimizer.Step(pass, moment step) |> ignore
                    plain.Step(leaving parameters.Gradients twin, moment step) |> ignore
                    Expect.equal (stateOf optimizer) (stateOf plain) "the same values and state, bit for bit")

            holds "a rate of zero leaves every value as it was, bit for bit"
            <| Prop.forAll problems (fun problem ->
                use _ = torch.NewDisposeScope()
                use parameters = parametersOf (startsOf dtype problem)
                use optimizer = rule.Create parameters
                let before = bits parameters.Values
                let pass = passOn dtype problem parameters

                for step in 0..4 do
                    optimizer.Step(pass, Moment(int64 step, step, 0.0)) |> ignore

                Expect.equal (bits parameters.Values) before "unchanged")

            holds "an exception in a pass leaves values and state as they were, and the next step works"
            <| Prop.forAll problems (fun problem ->
                use _ = torch.NewDisposeScope()
                use parameters = parametersOf (startsOf dtype problem)
                use twin = parametersOf (startsOf dtype problem)
                use optimizer = rule.Create parameters
                use undisturbed = rule.Create twin
                let pass = passOn dtype problem parameters
                optimizer.Step(pass, moment 0) |> ignore
                undisturbed.Step(passOn dtype problem twin, moment 0) |> ignore
                let before = stateOf optimizer

                for call in 1 .. rule.PassesAStep do
                    Expect.throwsT<Exception>
                        (fun () -> optimizer.Step(failingIn call pass, moment 1) |> ignore)
                        "the exception reaches the caller"

                    Expect.equal (stateOf optimizer) before $"pass {call} failed: nothing moved"

                optimizer.Step(pass, moment 1) |> ignore
                undisturbed.Step(passOn dtype problem twin, moment 1) |> ignore
                Expect.equal (stateOf optimizer) (stateOf undisturbed) "as if nothing had happened")

            holds "a parameter without gradient stays as it is, used before or not"
            <| Prop.forAll problems (fun problem ->
                use _ = torch.NewDisposeScope()

                let starts =
                    ("unused", vector dtype [ 1.5; -2.0; 0.25 ])
                    :: ("early", vector dtype [ 3.0 ])
                    :: startsOf dtype problem

                use parameters = parametersOf starts
                use optimizer = rule.Create parameters
                let plain () = lossOf dtype problem parameters
                let withEarly () = plain () + parameters["early"].sum()
                optimizer.Step(passOf withEarly, moment 0) |> ignore
                let early = bits parameters["early"]

                for step in 1..3 do
                    optimizer.Step(passOf plain, moment step) |> ignore

                Expect.equal (numbers parameters["unused"]) [| 1.5; -2.0; 0.25 |] "never used"
                Expect.equal (bits parameters["early"]) early "used in the first step only"
                Expect.notEqual (numbers parameters["early"]) [| 3.0 |] "the first step did move it")

            holds "frozen tensors never change, nor do what does not require a gradient"
            <| Prop.forAll problems (fun problem ->
                use _ = torch.NewDisposeScope()
                use parameters = parametersOf (startsOf dtype problem)
                use optimizer = rule.Create parameters
                let frozen = vector dtype [ 0.5; -1.25 ]
                let before = bits frozen

                let loss () =
                    lossOf dtype problem parameters * frozen.mul(frozen).sum()

                train optimizer (passOf loss) 3 |> ignore
                Expect.equal (bits frozen) before "frozen"
                Expect.isTrue (isNull frozen.grad) "no gradient was made for it")

            holds "the same steps give the same values, bit for bit"
            <| Prop.forAll problems (fun problem ->
                let run () =
                    use _ = torch.NewDisposeScope()
                    use parameters = parametersOf (startsOf dtype problem)
                    use optimizer = rule.Create parameters
                    let losses = train optimizer (passOn dtype problem parameters) 4
                    losses, stateOf optimizer

                Expect.equal (run ()) (run ()) "two runs")

            holds "saved and loaded in the middle, a run goes on as if it had not stopped"
            <| Prop.forAll problems (fun problem ->
                use _ = torch.NewDisposeScope()
                use parameters = parametersOf (startsOf dtype problem)
                use optimizer = rule.Create parameters
                let pass = passOn dtype problem parameters
                train optimizer pass 2 |> ignore

                use resumed = parametersOf (startsOf dtype problem)
                use successor = rule.Create resumed
                resumed.Values.copy_ parameters.Values |> ignore

                for entry in optimizer.State do
                    successor.State[entry.Key].copy_ entry.Value |> ignore

                for step in 2..4 do
                    optimizer.Step(pass, moment step) |> ignore
                    successor.Step(passOn dtype problem resumed, moment step) |> ignore

                Expect.equal (stateOf successor) (stateOf optimizer) "the same end")

            holds "the parameters keep their handles, and stay views of the flat buffers"
            <| Prop.forAll problems (fun problem ->
                use _ = torch.NewDisposeScope()
                use parameters = parametersOf (startsOf dtype problem)
                use optimizer = rule.Create parameters

                let handles () =
                    [ for name in parameters.Names -> parameters[name].Handle ]

                let before = handles ()
                train optimizer (passOn dtype problem parameters) 3 |> ignore
                Expect.equal (handles ()) before "the same tensors"

                let joined (part: torch.Tensor -> torch.Tensor) =
                    Array.concat [ for name in parameters.Names -> bits (part parameters[name]) ]

                Expect.equal (joined id) (bits parameters.Values) "values"
                Expect.equal (joined gradientOf) (bits parameters.Gradients) "gradients"
                Expect.all parameters.Names (fun name -> parameters[name].is_leaf) "leaves")

            holds "as many forward and backward passes a step as the method says"
            <| Prop.forAll problems (fun problem ->
                use _ = torch.NewDisposeScope()
                use parameters = parametersOf (startsOf dtype problem)
                use optimizer = rule.Create parameters
                let pass, seen = watching parameters (passOn dtype problem parameters)
                optimizer.Step(pass, moment 0) |> ignore
                Expect.hasLength seen rule.PassesAStep "passes")

            testCase "200 steps leave no tensor behind but the losses handed out"
            <| fun () ->
                use _ = torch.NewDisposeScope()
                let problem = Network 3
                use parameters = parametersOf (startsOf dtype problem)
                use optimizer = rule.Create parameters
                let pass = passOn dtype problem parameters
                train optimizer pass 2 |> ignore
                let before = torch.Tensor.TotalCount

                for step in 2..201 do
                    optimizer.Step(pass, moment step).Dispose()

                Expect.equal torch.Tensor.TotalCount before "live tensors"

            testCase "a step gives the caller's scope its loss alone, without a graph"
            <| fun () ->
                use _ = torch.NewDisposeScope()
                let problem = Network 3
                use parameters = parametersOf (startsOf dtype problem)
                use optimizer = rule.Create parameters
                use scope = torch.NewDisposeScope()
                let loss = optimizer.Step(passOn dtype problem parameters, moment 0)
                Expect.equal scope.DisposablesCount 1 "one tensor"
                Expect.isFalse loss.requires_grad "detached"
        ]

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

            testProperty "the order of the parameters changes a plain or a SAM step by rounding only"
            <| Prop.forAll problems (fun problem ->
                let run order (perturb: Perturb) =
                    use _ = torch.NewDisposeScope()
                    use parameters = parametersOf (order (startsOf dtype problem))
                    use optimizer = new Optimizer(new Sgd(parameters, 0.9, 0.01), perturb parameters)
                    train optimizer (passOn dtype problem parameters) 2 |> ignore

                    [ for name in Seq.sort parameters.Names -> numbers parameters[name] ]
                    |> Array.concat

                for perturb in [ plain; sam 0.05 ] do
                    for a, b in Seq.zip (run id perturb) (run List.rev perturb) do
                        Expect.isLessThan (abs (a - b)) (100.0 * tolerance * (1.0 + abs a)) "value")

            testProperty "SGD on a quadratic is v = momentum v + A w + decay w; w = w - rate v"
            <| Prop.forAll quadratics (fun problem ->
                use _ = torch.NewDisposeScope()
                use parameters = parametersOf (startsOf dtype problem)
                use optimizer = plainSgd parameters

                let factor =
                    match problem with
                    | Quadratic(_, factor) -> factor
                    | _ -> []

                let size = factor.Length

                let gradient (w: float[]) =
                    let root =
                        [|
                            for j in 0 .. size - 1 -> Seq.sum [ for i in 0 .. size - 1 -> factor[i][j] * w[i] ]
                        |]

                    [| for row in factor -> Seq.sum (Seq.map2 (*) row root) |]

                let mutable values = numbers parameters.Values
                let mutable velocity = Array.zeroCreate size

                for step in 0..2 do
                    optimizer.Step(passOn dtype problem parameters, moment step) |> ignore
                    let slope = gradient values

                    velocity <-
                        Array.init size (fun i ->
                            if Array.forall ((=) 0.0) slope then
                                0.9 * velocity[i]
                            else
                                0.9 * velocity[i] + slope[i] + 0.01 * values[i])

                    if not (Array.forall ((=) 0.0) slope) then
                        values <- Array.map2 (fun value speed -> value - rate * speed) values velocity

                    let size = 1.0 + (Seq.max (Seq.map abs values))

                    for actual, expected in Seq.zip (numbers parameters.Values) values do
                        Expect.isLessThan (abs (actual - expected)) (300.0 * tolerance * size) "w")
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
                let problem = Network 1
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
                for rule in rules do
                    contract dtype rule

                formulas dtype
            construction
        ]
