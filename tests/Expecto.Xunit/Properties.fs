namespace Expecto

open System
open FsCheck

/// Properties, checked by FsCheck.
[<AutoOpen>]
module ExpectoFsCheck =
    let private printed (arguments: obj list) =
        arguments |> List.map (sprintf "%A") |> String.concat "\n"

    /// What the checker found, told so that it can be mended and repeated.
    let private judge name (result: TestResult) =
        match result with
        | TestResult.Passed _ -> ()
        | TestResult.Failed(_, _, _, Outcome.Failed(:? IgnoreException as skipped), _, _, _) -> raise skipped
        | TestResult.Failed(data, original, shrunk, outcome, _, seed, size) ->
            let reason =
                match outcome with
                | Outcome.Failed(:? ExpectoException as expectation) -> expectation.Message
                | Outcome.Failed error -> error.ToString()
                | _ -> "The property is false."

            let labels =
                if data.Labels.IsEmpty then
                    []
                else
                    [ "Labels: " + String.Join(", ", data.Labels) ]

            String.Join(
                "\n",
                [
                    $"Failed after {data.NumberOfTests} tests. {reason}"
                    $"Minimal case, shrunk {data.NumberOfShrinks} times:"
                    printed shrunk
                    "Found as:"
                    printed original
                    yield! labels
                    $"Replay this case alone: etestProperty ({seed.Seed}UL, {seed.Gamma}UL, Some {size}) \"{name}\""
                ]
            )
            |> failtest
        | TestResult.Exhausted data ->
            failtest $"Exhausted after {data.NumberOfTests} tests: the precondition rejects too many cases."

    let private runner =
        { new IRunner with
            member _.OnStartFixture _ = ()
            member _.OnArguments(_, _, _) = ()
            member _.OnShrink(_, _) = ()
            member _.OnFinished(name, result) = judge name result
        }

    let private check name (property: 'a) (config: FsCheckConfig) =
        let replay =
            config.replay
            |> Option.map (fun (seed, gamma, size) -> { Rnd = Rnd(seed, gamma); Size = size })

        let checker =
            Config.Default
                .WithName(name)
                .WithMaxTest(config.maxTest)
                .WithStartSize(config.startSize)
                .WithEndSize(config.endSize)
                .WithReplay(replay)
                .WithArbitrary(config.arbitrary)
                .WithRunner(runner)

        async { Check.One(checker, property) }

    let private labelled state config name (property: 'a) =
        TestLabel(name, TestCase(AsyncFsCheck(config, None, check name property), state), state)

    let testProperty name (property: 'a) : Test = labelled Normal None name property
    let ftestProperty name (property: 'a) : Test = labelled Focused None name property
    let ptestProperty name (property: 'a) : Test = labelled Pending None name property

    let testPropertyWithConfig config name (property: 'a) : Test =
        labelled Normal (Some config) name property

    let ftestPropertyWithConfig config name (property: 'a) : Test =
        labelled Focused (Some config) name property

    let ptestPropertyWithConfig config name (property: 'a) : Test =
        labelled Pending (Some config) name property

    /// Checks the case of one seed only, and no other test.
    let etestProperty replay name (property: 'a) : Test =
        let config =
            { FsCheckConfig.defaultConfig with
                replay = Some replay
            }

        labelled Focused (Some config) name property

    let etestPropertyWithConfig replay (config: FsCheckConfig) name (property: 'a) : Test =
        labelled Focused (Some { config with replay = Some replay }) name property
