/// What a run does with its batch, its groups, its averages and its steps.
module LongTail.Tests.RunTests

open System
open System.Collections.Generic
open System.IO
open System.Text.Json.Nodes
open System.Threading
open TorchSharp
open Expecto
open LongTail.Core
open LongTail.Core.Files
open LongTail.Core.Models
open LongTail.Core.Settings
open LongTail.Core.Training
open LongTail.Tests.SmallRuns
open LongTail.Tests.Tensors

let private losses (result: RunResult) = [ for e in result.Epochs -> e.Loss ]

let private sampler: SamplerSettings = ClassAwareSampling 4

/// Another checkpoint with the tensors and the position changed.
let rewrite source target change (move: JsonObject -> unit) =
    inCheckpoint source (fun saved ->
        use _ = torch.NewDisposeScope()

        let position =
            match JsonNode.Parse saved.Metadata["position"] with
            | :? JsonObject as position -> position
            | _ -> failtest "no position"

        move position

        let tensors =
            dict
                [
                    for tensor in saved.Tensors do
                        let renamed, value = change tensor.Name saved[tensor.Name]

                        if renamed <> "" then
                            renamed, value
                ]

        Safetensors.Write(
            checkpoint target,
            Dictionary tensors,
            Dictionary(dict [ "position", position.ToJsonString() ])
        ))

[<Tests>]
let tests =
    testSequenced
    <| testList
        "run"
        [
            test "a run that left the numbers says in which epoch and step, also where its last step did" {
                inCifarFolder (fun _ place ->
                    let run epochs batch =
                        let kept =
                            settings
                                { plain with
                                    Base = SgdSettings(3e38, 0.9, false, 1e-3)
                                }

                        let s = kept.Schedule

                        RunSettings(
                            kept.Data,
                            kept.Input,
                            ModelSettings(
                                kept.Model.Backbone,
                                0,
                                Readout.ClsAndPrompts,
                                HeadKind.Linear,
                                HeadInitial.Drawn,
                                Tuning.HeadOnly,
                                null,
                                Precision.Float32
                            ),
                            kept.Loss,
                            kept.Optimizer,
                            ScheduleSettings(epochs, false, 0, s.Reweighting, s.Sampler, null),
                            kept.Evaluation,
                            batch,
                            kept.Seed
                        )

                    for epochs, batch, where in
                        [
                            4, 16, "the loss is not finite from epoch 1, step 2 of 4 on"
                            1, 1000, "the model's outputs are not finite after the last step of epoch 1"
                        ] do
                        try
                            let found =
                                Trainer.Run(run epochs batch, place $"{batch}", ignore, CancellationToken.None)

                            failtest $"{found}"
                        with :? DivergedException as e ->
                            Expect.equal
                                e.Message
                                $"{where}: the run diverged; lower the learning rate (3e38)"
                                "in a line")
            }
            test "without epochs a run judges the model as initialised, as a rate of 0 leaves it" {
                inCifarFolder (fun folder place ->
                    let still =
                        { plain with
                            Base = SgdSettings(0., 0.9, false, 1e-3)
                        }

                    let kept = settings still

                    let schedule =
                        ScheduleSettings(0, false, 0, kept.Schedule.Reweighting, sampler, null)

                    let without =
                        RunSettings(
                            kept.Data,
                            kept.Input,
                            kept.Model,
                            kept.Loss,
                            kept.Optimizer,
                            schedule,
                            kept.Evaluation,
                            kept.BatchSize,
                            kept.Seed
                        )

                    let run () =
                        Trainer.Run(without, place "no epochs", ignore, CancellationToken.None)

                    let found, stood = run (), train still (place "rate 0")
                    let accuracies (result: RunResult) = Seq.toList result.ClassAccuracy
                    Expect.equal (accuracies found) (accuracies stood) "of the same values"
                    Expect.equal found.Calibration.ExpectedError stood.Calibration.ExpectedError "and outputs"
                    Expect.isEmpty found.Epochs "no epoch"
                    Expect.equal (found.Epoch, found.SecondsPerEpoch) (-1, Nullable()) "nor any time"
                    Expect.equal (numbersOf (run ())) (numbersOf found) "again from its checkpoint"

                    Expect.equal
                        (Trainer.Surface(without, place "no epochs", CancellationToken.None)).Images
                        (Seq.sum found.ClassCounts)
                        "whose values others find")
            }

            test "in micro-batches a run has the same numbers up to rounding, whatever it draws" {
                inCifarFolder (fun _ place ->
                    let rules: PerturbationSettings list =
                        [ SamSettings 0.05; LpfSgdSettings(0.01, 3, 1.) ]

                    for rule in rules do
                        // 20 pieces of a batch of 16: some are empty.
                        let whole, pieces =
                            [ 1; 3; 20 ]
                            |> List.map (fun pieces ->
                                train
                                    { plain with
                                        Perturbation = rule
                                        MicroBatches = pieces
                                        Dropout = DropoutSettings(0.3, false)
                                    }
                                    (place $"{pieces} of {rule}"))
                            |> fun runs -> runs.Head, runs.Tail

                        for result in pieces do
                            for actual, expected in List.zip (losses result) (losses whole) do
                                Expect.floatClose { absolute = 1e-4; relative = 1e-4 } actual expected $"{rule}")
            }

            test "a backbone that is exported tells the pixel statistics it was trained with" {
                inCifarFolder (fun folder place ->
                    let run =
                        { plain with
                            Tuning = Tuning.Everything
                        }

                    stopAfter 1 run (place "run")
                    let file = Path.Combine(folder, "vit.safetensors")

                    Trainer.Export(
                        settings run,
                        place "run",
                        file,
                        readOnlyDict [ "data", "none"; "std", "of a card" ]
                    )

                    use opened = WeightsFile.Open file
                    let half = Rgb(0.5, 0.5, 0.5)
                    Expect.equal (Option.ofNullable opened.Statistics) (Some(struct (half, half))) "statistics"
                    Expect.equal (Option.ofNullable opened.ToldHeads) (Some 2) "heads"
                    Expect.equal opened.Metadata["data"] "none" "the card")
            }

            test "each pass of a step draws anew, noise and dropout, and without either two passes are one" {
                inCifarFolder (fun _ place ->
                    // SAM of next to no radius: its second pass is the first but for what is drawn.
                    let tiny = SamSettings 1e-12
                    let crossEntropy = LossSettings(25., PlainLogits(), null, null)

                    for name, run, anew in
                        [
                            "noise", plain, true
                            "dropout",
                            { plain with
                                Loss = crossEntropy
                                Dropout = DropoutSettings(0.3, false)
                            },
                            true
                            "neither", { plain with Loss = crossEntropy }, false
                        ] do
                        stopAfter 1 run (place name)
                        stopAfter 1 { run with Perturbation = tiny } (place $"sam {name}")

                        let apart =
                            inCheckpoint (place name) (fun once ->
                                inCheckpoint (place $"sam {name}") (fun twice ->
                                    use _ = torch.NewDisposeScope()
                                    relativeError twice["optimizer.momentum"] once["optimizer.momentum"]))

                        Expect.equal (apart > 1e-3) anew $"{name}: {apart}")
            }

            test "epochs of different samplers have their own lengths, and the steps of all are counted" {
                inCifarFolder (fun _ place ->
                    let run =
                        { plain with
                            Resampling = DeferredResampling(1, sampler)
                        }

                    let told = ResizeArray<TrainingProgress>()

                    Trainer.Run(settings run, place "a", Action<_> told.Add, CancellationToken.None)
                    |> ignore

                    let steps = told |> Seq.filter (fun p -> isNull p.Finished) |> List.ofSeq
                    // 64 images, and 10 classes of the largest one's 12, in batches of 16.
                    Expect.equal (steps |> List.countBy _.Epoch) [ 0, 4; 1, 4; 2, 8; 3, 8 ] "steps"

                    for i, progress in List.indexed steps do
                        Expect.floatClose Accuracy.high progress.Done (float (i + 1) / 24.) "share done")
            }

            test "the seconds of an epoch that is stopped twice in its middle are those of all its parts" {
                inCifarFolder (fun _ place ->
                    let first, longer = place "first", place "longer"
                    stopAfter 6 plain first

                    // No clock is to be trusted here, so the time before the stop is one that no test takes.
                    rewrite first longer (fun name tensor -> name, tensor) (fun position ->
                        position["Seconds"] <- JsonValue.Create 1e6)

                    stopAfter 1 plain longer
                    let seconds = [ for e in (train plain longer).Epochs -> e.Seconds ]
                    Expect.hasLength seconds 4 "epochs"

                    for epoch, time in List.indexed seconds do
                        if epoch = 1 then
                            Order.isGreaterThan time 1e6 "the stopped epoch's"
                            Order.isLessThan time 1.5e6 "what was before it, once"
                        else
                            Order.isLessThan time 1e6 $"epoch {epoch}'s")
            }

            test "an epoch tells what it had of the machine, and a run's time is of what most epochs had" {
                inCifarFolder (fun _ place ->
                    let alone = MachineShare("cpu", torch.get_num_threads (), 0)

                    let shares (found: RunResult) =
                        found.Epochs |> Seq.map _.Share |> Seq.distinct |> List.ofSeq

                    let mutable within = None
                    let outer = place "outer"

                    let found =
                        Trainer.Run(
                            settings plain,
                            outer,
                            (fun _ ->
                                within <- within |> Option.orElseWith (fun () -> Some(train plain (place "inner")))),
                            CancellationToken.None
                        )

                    Expect.equal (shares found) [ alone ] "one at a time"

                    Expect.equal
                        (within |> Option.map shares)
                        (Some [ MachineShare("cpu", alone.Threads, 1) ])
                        "while another was under way"

                    let ended, shared = place "ended", place "shared"
                    train plain ended |> ignore

                    rewrite ended shared (fun name tensor -> name, tensor) (fun position ->
                        let history = (nonNull position["History"]).AsArray()

                        for index, (seconds, beside) in List.indexed [ 1., 3; 7., 1; 6., 1; 2., 0 ] do
                            let epoch = nonNull history[index]
                            epoch["Seconds"] <- JsonValue.Create seconds
                            (nonNull epoch["Share"])["Beside"] <- JsonValue.Create beside)

                    let found = train plain shared
                    Expect.equal found.SecondsPerEpoch (Nullable 6.) "the fastest of those beside one other"
                    Expect.equal found.Share (MachineShare("cpu", alone.Threads, 1)) "what most had")
            }

            test "an epoch that went on with less of the machine had that" {
                inCifarFolder (fun _ place ->
                    let first, further = place "first", place "further"
                    stopAfter 2 plain first

                    rewrite first further (fun name tensor -> name, tensor) (fun position ->
                        (nonNull position["Share"])["Beside"] <- JsonValue.Create 5)

                    let beside = [ for e in (train plain further).Epochs -> e.Share.Beside ]
                    Expect.equal beside [ 5; 0; 0; 0 ] "the first epoch's")
            }

            test "a run's peak memory is also that of before it was stopped, or of another that trained it" {
                inCifarFolder (fun _ place ->
                    let ended, larger = place "ended", place "larger"
                    train plain ended |> ignore

                    rewrite ended larger (fun name tensor -> name, tensor) (fun position ->
                        Order.isGreaterThan ((nonNull position["PeakMemoryMiB"]).GetValue<float>()) 1. "kept"
                        position["PeakMemoryMiB"] <- JsonValue.Create 1e6)

                    Expect.equal (train plain larger).PeakMemoryMiB (Nullable 1e6) "a finished one's")
            }

            test "a part of the model has its own rate and radius" {
                Expect.equal
                    (Classifier.GroupOf(
                        Classifier.Prompts,
                        ParameterGroups(GroupSettings(1., 2.), GroupSettings(3., 4.), GroupSettings(5., 6.))
                    ))
                    (GroupSettings(1., 2.))
                    "prompts"

                inCifarFolder (fun _ place ->
                    let still, own = GroupSettings(0., 1.), GroupSettings(1., 1.)
                    let free = place "free"
                    stopAfter 2 plain free

                    // Prompts (2 x 3 x 24) lie before the head, and the head before the backbone.
                    let parts (values: torch.Tensor) =
                        [ values.narrow (0, 0, 144); values.narrow (0, 144, 240) ]

                    for name, groups, moved in
                        [
                            "prompts", ParameterGroups(still, own, own), [ false; true ]
                            "head", ParameterGroups(own, still, own), [ true; false ]
                        ] do
                        let held = place name
                        stopAfter 1 { plain with Groups = groups } held
                        let first = place $"{name} at first"

                        stopAfter
                            1
                            { plain with
                                Groups = ParameterGroups(still, still, still)
                            }
                            first

                        inCheckpoint held (fun held ->
                            inCheckpoint first (fun first ->
                                use _ = torch.NewDisposeScope()

                                let changed =
                                    List.map2
                                        (fun a b -> not (sameBits a b))
                                        (parts held["values"])
                                        (parts first["values"])

                                Expect.equal changed moved name)))
            }

            test "a run with an average is judged and exported by it, and goes on from the values" {
                inCifarFolder (fun _ place ->
                    let averaged = { plain with AverageDecay = Some 0.9 }
                    let found = train averaged (place "averaged")

                    // The same without an average, its values those of the average.
                    rewrite
                        (place "averaged")
                        (place "values")
                        (fun name tensor ->
                            match name with
                            | "values" -> "", tensor
                            | "optimizer.average" -> "values", tensor
                            | other -> other, tensor)
                        ignore

                    Expect.equal (numbersOf found) (numbersOf (train plain (place "values"))) "results"
                    train plain (place "plain") |> ignore

                    inCheckpoint (place "averaged") (fun averaged ->
                        inCheckpoint (place "plain") (fun plain ->
                            expectSameBits averaged["values"] plain["values"] "values")

                        Expect.isFalse (sameBits averaged["values"] averaged["optimizer.average"]) "an average")

                    // It begins at the values that the run begins with, the head's class means among them.
                    stopAfter
                        1
                        { averaged with
                            Base = SgdSettings(1e-9, 0., false, 0.)
                        }
                        (place "still")

                    inCheckpoint (place "still") (fun still ->
                        use _ = torch.NewDisposeScope()
                        expectClose 1e-6 still["optimizer.average"] still["values"] "the average at first"))
            }

            test "a step whose gradient is not finite moves nothing and is counted, also over a stop" {
                inCifarFolder (fun _ place ->
                    let wild =
                        { plain with
                            Perturbation = SamSettings 1e38
                        }

                    stopAfter 3 wild (place "wild")
                    let result = train wild (place "wild")
                    Expect.equal [ for e in result.Epochs -> e.SkippedSteps ] [ 4L; 4L; 4L; 4L ] "skipped"
                    Expect.all result.Epochs (fun e -> Double.IsFinite e.Loss) "the loss before the ascent"
                    let calm = train plain (place "calm")
                    Expect.equal [ for e in calm.Epochs -> e.SkippedSteps ] [ 0L; 0L; 0L; 0L ] "none skipped")
            }
        ]
