/// The contract that every optimizer keeps, whatever perturbs it (field.md B4, method.md 9): one set of laws for all.
module LongTail.Tests.ContractTests

open System
open Expecto
open LongTail.Tests.Tensors
open FsCheck.FSharp
open TorchSharp
open LongTail.Core.Optimizers
open LongTail.Tests.Problems
open LongTail.Tests.Cases

/// Hears of every step that a pass takes: into it, before and after each micro-batch's backward, and out of it.
let private heard (listen: unit -> unit) (pass: Pass) =
    Pass(fun share backward ->
        listen ()

        let loss =
            pass.Invoke(
                share,
                Backward(fun terms targets ->
                    listen ()
                    backward.Invoke(terms, targets)
                    listen ())
            )

        listen ()
        loss)

/// Throws at the given moment of a step, counted from 1.
let private failingAt moment pass =
    let mutable count = 0

    heard
        (fun () ->
            count <- count + 1

            if count = moment then
                failwith "The pass failed.")
        pass

/// What each micro-batch's backward of a step is given: (values, images).
let private backwards (work: Work) step =
    let seen = ResizeArray<float[] * int64>()

    let watched =
        Pass(fun share backward ->
            work.Pass.Invoke(
                share,
                Backward(fun terms targets ->
                    seen.Add(numbers work.Parameters.Values, terms.shape[0])
                    backward.Invoke(terms, targets))
            ))

    work.StepBy watched step |> ignore
    List.ofSeq seen

/// Multiplies the terms of one micro-batch of a step, counted from 1.
let private poisonedAt call (poison: float) (pass: Pass) =
    let mutable count = 0

    Pass(fun share backward ->
        pass.Invoke(
            share,
            Backward(fun terms targets ->
                count <- count + 1
                backward.Invoke((if count = call then terms * poison else terms), targets))
        ))

let private finite numbers = Seq.forall Double.IsFinite numbers

let private contract (rule: Rule) =
    let perturbation = rule.At 1.0
    let start case = new Work(perturbation, case)

    [
        law 30 "a step is the base step at the clean values with the gradient of the passes"
        <| on cases (fun case ->
            // What was clipped once is not clipped to the same bits again.
            let case = { case with Clip = false }
            use work = start case
            use plain = new Work(null, case)

            for step in 0..3 do
                work.Step step |> ignore
                plain.StepBy (leaving work.Parameters.Gradients plain.Parameters) step |> ignore
                Expect.equal work.State plain.State "the same values and state, bit for bit")

        law 30 "whatever the gradients held before a step is forgotten"
        <| on cases (fun case ->
            use work = start case
            use undisturbed = start case

            for step in 0..1 do
                work.Parameters.Gradients.add_ ((1.0).ToScalar()) |> ignore
                Expect.equal (work.Step step) (undisturbed.Step step) "the same loss"
                Expect.equal work.State undisturbed.State "the same values and state")

        law 30 "a rate of zero leaves every value as it was, bit for bit"
        <| on cases (fun case ->
            use work = start case
            let before = bits work.Parameters.Values

            for step in 0..3 do
                work.Optimizer.Step(work.Pass, Moment(int64 step, step, 0.0)) |> ignore

            Expect.equal (bits work.Parameters.Values) before "unchanged")

        law 30 "an exception in any pass, share or micro-batch leaves values and state as they were"
        <| on cases (fun case ->
            use work = start case
            use undisturbed = start case
            work.Step 0 |> ignore
            undisturbed.Step 0 |> ignore
            let before = work.State
            let mutable moments = 0

            undisturbed.StepBy (heard (fun () -> moments <- moments + 1) undisturbed.Pass) 1
            |> ignore

            for moment in 1..moments do
                Expect.throwsT<Exception>
                    (fun () -> work.StepBy (failingAt moment work.Pass) 1 |> ignore)
                    "the exception reaches the caller"

                Expect.equal work.State before $"moment {moment} of {moments}: nothing moved"

            work.Step 1 |> ignore
            Expect.equal work.State undisturbed.State "the next step is as if nothing had happened")

        law 30 "a gradient that is not finite, in any pass, moves no value, is counted, and is forgotten"
        <| on cases (fun case ->
            use work = start case
            use watched = start case
            work.Step 0 |> ignore
            let before = bits work.Parameters.Values
            let calls = (backwards watched 0).Length

            let poisons =
                [ for call in 1..calls -> call, (if call % 2 = 0 then infinity else nan) ]

            for call, poison in poisons do
                work.StepBy (poisonedAt call poison work.Pass) 1 |> ignore
                Expect.equal (bits work.Parameters.Values) before $"{poison} in {call} of {calls}: nothing moved"

            Expect.equal work.Optimizer.SkippedSteps (float calls) "counted"
            work.Step 2 |> ignore
            Expect.equal work.Optimizer.SkippedSteps (float calls) "the next step is none of them"

            for entry in work.Optimizer.State do
                Expect.isTrue (finite (numbers entry.Value)) $"{entry.Key} is finite"

            Expect.isTrue (finite (numbers work.Parameters.Values)) "so are the values")

        law 30 "a radius of zero is the base optimizer, bit for bit"
        <| on cases (fun case ->
            use still = new Work(rule.At 0.0, case)
            use plain = new Work(null, case)

            for step in 0..3 do
                Expect.equal (still.Step step) (plain.Step step) "the same loss"
                Expect.equal still.State plain.State "the same values and state")

        law 30 "a parameter without gradient stays as it is, used before or not"
        <| on (casesOf problems) (fun case ->
            let task = taskOf case.Dtype case.Problem

            let added =
                [
                    "unused", vector case.Dtype [ 1.5; -2.0; 0.25 ]
                    "early", vector case.Dtype [ 0.0 ]
                ]

            use work =
                new Work(
                    perturbation,
                    case,
                    { task with
                        Starts = added @ task.Starts
                    }
                )

            let early =
                { task with
                    Terms = fun parameters first count -> task.Terms parameters first count + parameters["early"].sum()
                }

            work.StepBy (passIn case.MicroBatches early work.Parameters) 0 |> ignore
            let moved = bits work.Parameters["early"]
            Expect.notEqual (numbers work.Parameters["early"]) [| 0.0 |] "the first step moved the one it used"

            for step in 1..3 do
                work.Step step |> ignore

            Expect.equal (numbers work.Parameters["unused"]) [| 1.5; -2.0; 0.25 |] "never used"
            Expect.equal (bits work.Parameters["early"]) moved "not used since")

        law 30 "what is frozen never changes, and gets no gradient"
        <| on cases (fun case ->
            use work = start case
            let before = work.Task.Frozen |> List.map bits

            for step in 0..2 do
                work.Step step |> ignore

            Expect.equal (work.Task.Frozen |> List.map bits) before "unchanged"
            Expect.all work.Task.Frozen (fun tensor -> isNull tensor.grad) "no gradient")

        law 30 "the same steps give the same bits"
        <| on cases (fun case ->
            let run () =
                use work = start case
                let losses = List.map work.Step [ 0..3 ]
                losses, work.State

            Expect.equal (run ()) (run ()) "two runs")

        law 30 "saved and loaded after any step, a run goes on with the bits of one that did not stop"
        <| on (Gen.zip cases.Generator (Gen.choose (0, 4)) |> Arb.fromGen) (fun (case, stop) ->
            use work = start case
            use resumed = start case

            for step in 0..4 do
                if step = stop then
                    work.CopyTo resumed

                work.Step step |> ignore

                if step >= stop then
                    resumed.Step step |> ignore

            Expect.equal resumed.State work.State "the same end")

        law 20 "the state is the base optimizer's: no copy of the values comes with a perturbation"
        <| on cases (fun case ->
            use work = start case
            use plain = new Work(null, case)
            work.Step 0 |> ignore

            let sizes (work: Work) =
                [ for entry in work.Optimizer.State -> entry.Key, entry.Value.shape ]

            Expect.equal (sizes work) (sizes plain) "names and sizes")

        law 20 "parameters keep their handles and stay views of the flat buffers; the state has memory of its own"
        <| on cases (fun case ->
            use work = start case
            let parameters = work.Parameters

            let handles () =
                [ for name in parameters.Names -> parameters[name].Handle ]

            let before = handles ()
            List.iter (work.Step >> ignore) [ 0..2 ]
            Expect.equal (handles ()) before "the same tensors"

            let joined (part: torch.Tensor -> torch.Tensor) =
                Array.concat [ for name in parameters.Names -> bits (part parameters[name]) ]

            Expect.equal (joined id) (bits parameters.Values) "values"
            Expect.equal (joined gradientOf) (bits parameters.Gradients) "gradients"
            Expect.all parameters.Names (fun name -> parameters[name].is_leaf) "leaves"

            let state () =
                [ for entry in work.Optimizer.State -> bits entry.Value ]

            let kept = state ()
            parameters.Values.add_ ((1.0).ToScalar()) |> ignore
            parameters.ZeroGradients()
            Expect.equal (state ()) kept "the state does not follow")

        law 20 "values and gradients keep their dtype, and the loss comes back detached"
        <| on cases (fun case ->
            use work = start case
            let loss = work.Optimizer.Step(work.Pass, moment 0)
            Expect.equal work.Parameters.Values.dtype case.Dtype "values"
            Expect.equal work.Parameters.Gradients.dtype case.Dtype "gradients"
            Expect.isFalse loss.requires_grad "loss")

        law 20 "as many images go forward and backward a step as the method says"
        <| on cases (fun case ->
            use work = start case
            let images = backwards work 0 |> List.sumBy snd
            Expect.equal images (int64 rule.Forwards * work.Task.Images) "images")

        law 20 "k micro-batches under one perturbation are one big batch, to rounding"
        <| on (casesOf smooth) (fun case ->
            let case =
                { case with
                    Dtype = torch.ScalarType.Float64
                }

            let run microBatches =
                use work =
                    new Work(
                        perturbation,
                        { case with
                            MicroBatches = microBatches
                        }
                    )

                let losses = List.map work.Step [ 0..2 ]
                losses, numbers work.Parameters.Values

            let wholeLosses, whole = run 1

            for k in 2..3 do
                let losses, cut = run k
                near 1e-5 losses wholeLosses $"losses, {k} micro-batches"
                near 1e-5 cut whole $"values, {k} micro-batches")

        law 20 "the order of the parameters and what else is trained change a step by rounding only"
        <| on (casesOf smooth) (fun case ->
            let case =
                { case with
                    Dtype = torch.ScalarType.Float64
                }

            let task = taskOf case.Dtype case.Problem
            let names = List.map fst task.Starts

            let run starts =
                use work = new Work(perturbation, case, { task with Starts = starts })
                List.iter (work.Step >> ignore) [ 0..1 ]
                Array.concat [ for name in names -> numbers work.Parameters[name] ]

            let expected = run task.Starts
            near 1e-5 (run (List.rev task.Starts)) expected "reversed"
            near 1e-5 (run (("other", vector case.Dtype [ 3.0; 4.0 ]) :: task.Starts)) expected "beside another")

        law 30 "on a linear loss the size of the perturbation does not matter"
        <| on (casesOf linears) (fun case ->
            let case =
                { case with
                    Dtype = torch.ScalarType.Float64
                }

            let run radius =
                use work = new Work(rule.At radius, case)
                List.iter (work.Step >> ignore) [ 0..2 ]
                numbers work.Parameters.Values

            near 1e-9 (run 5.0) (run 1.0) "values")

        for dtype in torch.ScalarType.BFloat16 :: dtypes do
            for what, problem in
                [
                    "a zero gradient", Quadratic([ 0.0; 0.0 ], [ [ 1.0; 0.0 ]; [ 0.0; 2.0 ] ])
                    "a batch of one", Network(3, 1, 1.0)
                    "one image of the tail", Network(2, 1, 1.0)
                    "logits of 1e4", Network(5, 6, 1e4)
                ] do
                testCase $"{what} in {dtype} gives finite values under every base optimizer"
                <| fun () ->
                    for basis in [ Momentum; Nesterov; Adam ] do
                        use _ = torch.NewDisposeScope()

                        use work =
                            start
                                {
                                    Problem = problem
                                    Dtype = dtype
                                    Base = basis
                                    MicroBatches = 1
                                    Clip = true
                                    Average = true
                                    Groups = true
                                }

                        for step in 0..3 do
                            Expect.isTrue (Double.IsFinite(work.Step step)) $"loss of step {step}"

                        Expect.equal work.Optimizer.SkippedSteps 0.0 "no step is skipped"

                        for entry in work.Optimizer.State do
                            Expect.isTrue (finite (numbers entry.Value)) entry.Key

                        Expect.isTrue (finite (numbers work.Parameters.Values)) "values"

        for tuning in Enum.GetValues<LongTail.Core.Settings.Tuning>() do
            testCase $"vit-mini, tuning {tuning}: restored after exceptions, resumed, reproduced"
            <| fun () ->
                use _ = torch.NewDisposeScope()

                let case =
                    {
                        Problem = VitMini tuning
                        Dtype = torch.ScalarType.Float32
                        Base = Momentum
                        MicroBatches = 1
                        Clip = false
                        Average = false
                        Groups = true
                    }

                use work = start case
                use other = start case
                work.Step 0 |> ignore
                work.CopyTo other
                let before = work.State

                for moment in [ 2; 3 ] do
                    Expect.throwsT<Exception> (fun () -> work.StepBy (failingAt moment work.Pass) 1 |> ignore) "thrown"
                    Expect.equal work.State before "nothing moved"

                work.Step 1 |> ignore
                other.Step 1 |> ignore
                Expect.equal other.State work.State "the same bits"

        testCase "200 steps leave no tensor behind, and each gives the caller's scope its loss alone"
        <| fun () ->
            use _ = torch.NewDisposeScope()

            use work =
                start
                    {
                        Problem = Network(3, 5, 1.0)
                        Dtype = torch.ScalarType.Float32
                        Base = Adam
                        MicroBatches = 2
                        Clip = true
                        Average = true
                        Groups = true
                    }

            work.Step 0 |> ignore
            let before = liveTensors ()

            for step in 1..200 do
                use scope = torch.NewDisposeScope()
                work.Optimizer.Step(work.Pass, moment step) |> ignore
                Expect.equal scope.DisposablesCount 1 "one tensor"

            Expect.equal torch.Tensor.TotalCount before "live tensors"
    ]

[<Tests>]
let tests =
    testList
        "contract"
        [
            for rule in rules do
                testList rule.Name (contract rule)

            testCase "a case that fails shrinks to the smallest there is"
            <| fun () ->
                let rec smallest case =
                    match cases.Shrinker case |> Seq.tryHead with
                    | Some simpler -> smallest simpler
                    | None -> case

                for case in Gen.sample 20 cases.Generator do
                    let smallest = smallest case

                    match smallest.Problem with
                    | Quadratic([ 0.0 ], [ [ 0.0 ] ])
                    | Linear([ 0.0 ], [ [ 0.0 ] ]) -> ()
                    | other -> failtest $"stops at %A{other}"

                    Expect.equal
                        (smallest.Dtype, smallest.Base, smallest.MicroBatches)
                        (torch.ScalarType.Float64, Momentum, 1)
                        "plain"
        ]
